"""The record of what was sent and what came back: the idempotency that the vendors lack, and the rows of each run.

``open_journal`` is the one place that chooses an implementation of ``Journal``.
"""

from __future__ import annotations

from pathlib import Path

from importer.journal.interface import (
    Answer,
    Claim,
    Journal,
    RunRecord,
    RunState,
    Settlement,
    State,
    StatusLine,
    UncertainDelivery,
    WriteBatch,
)
from importer.journal.sqlite import FILE_NAME, SqliteJournal
from importer.journal.sqlite_schema import BUSY_SECONDS

__all__ = [
    "Answer",
    "Claim",
    "Journal",
    "RunRecord",
    "RunState",
    "Settlement",
    "State",
    "StatusLine",
    "UncertainDelivery",
    "WriteBatch",
    "journal_exists",
    "open_journal",
]


def open_journal(state_dir: Path, busy_seconds: float = BUSY_SECONDS) -> Journal:
    """Open the journal of a state folder, creating it when there is none. Raises JournalUnavailableError.

    ``busy_seconds`` is how long to wait for another process that is writing.
    """
    return SqliteJournal(state_dir, busy_seconds)


def journal_exists(state_dir: Path) -> bool:
    """Return True when the state folder has a journal; creates nothing."""
    return (state_dir / FILE_NAME).exists()
