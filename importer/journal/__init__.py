"""The record of what was sent and what came back: the idempotency that the vendors lack, and the rows of each run.

``open_journal`` is the one place that chooses an implementation of ``Journal``.
"""

from __future__ import annotations

from pathlib import Path

from importer.errors import JournalLostError, JournalOutdatedError
from importer.journal.identity import accept_outdated, reject_missing, set_aside
from importer.journal.interface import (
    Answer,
    Claim,
    Journal,
    RateStore,
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
    "RateStore",
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


def open_journal(
    state_dir: Path, busy_seconds: float = BUSY_SECONDS, *, verify: bool = False, new_journal: bool = False
) -> Journal:
    """Open the journal of a state folder, creating it when there is none and there are no runs.

    ``busy_seconds`` is how long to wait for another process that is writing. ``verify`` looks for damage before a run
    begins. ``new_journal`` replaces a journal that is lost, and accepts an older copy; one that is intact stays.
    Raises JournalUnavailableError, and JournalLostError for a lost one.
    """
    try:
        return _open(state_dir, busy_seconds, verify=verify)
    except JournalLostError:
        if not new_journal:
            raise
    from filelock import FileLock

    with FileLock(state_dir / "new-journal.lock"):
        try:
            return _open(state_dir, busy_seconds, verify=verify)  # another process may have replaced it by now
        except JournalOutdatedError:
            accept_outdated(state_dir / FILE_NAME)
        except JournalLostError:
            set_aside(state_dir / FILE_NAME)
        return SqliteJournal(state_dir, busy_seconds)


def _open(state_dir: Path, busy_seconds: float, *, verify: bool) -> Journal:
    journal = SqliteJournal(state_dir, busy_seconds)
    if verify:
        try:
            journal.verify()
        except BaseException:
            journal.close()
            raise
    return journal


def journal_exists(state_dir: Path) -> bool:
    """Return True when the state folder has a journal; creates nothing. Raises JournalLostError when it should."""
    reject_missing(state_dir / FILE_NAME)
    return (state_dir / FILE_NAME).exists()
