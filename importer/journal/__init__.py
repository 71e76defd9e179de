"""What was sent and what came back: the idempotency that the vendors lack, and the rows of each run.

``open_journal`` gives the SQLite journal of a state folder; ``Journal`` is the interface it stands behind.
"""

from __future__ import annotations

from importer.journal.interface import (
    Answer,
    Claim,
    Journal,
    Note,
    RunRecord,
    Settlement,
    State,
    UncertainDelivery,
    Work,
)
from importer.journal.sqlite import open_journal

__all__ = [
    "Answer",
    "Claim",
    "Journal",
    "Note",
    "RunRecord",
    "Settlement",
    "State",
    "UncertainDelivery",
    "Work",
    "open_journal",
]
