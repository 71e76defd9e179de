"""The record of what was sent and what came back: the idempotency that the vendors lack, and the rows of each run.

``open_journal`` is the one place that chooses an implementation of ``Journal``.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from importer.errors import JournalLostError, JournalOutdatedError
from importer.journal.identity import accept_outdated, reject_missing, set_aside
from importer.journal.interface import (
    PLAN,
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
from importer.journal.move import needs_psycopg, reject_left_behind
from importer.journal.sqlite import FILE_NAME, SqliteJournal
from importer.journal.sqlite_schema import BUSY_SECONDS
from importer.journal_location import choose_journal, journal_key, journal_url

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
    "choose_journal",
    "fetch_run_files",
    "journal_exists",
    "journal_url",
    "open_journal",
]


def open_journal(
    state_dir: Path, busy_seconds: float = BUSY_SECONDS, *, verify: bool = False, new_journal: bool = False
) -> Journal:
    """Open the journal of a state folder, creating it when there is none and there are no runs.

    Where a PostgreSQL journal is chosen it is that one, and the state folder has only files of this machine.

    ``busy_seconds`` is how long to wait for another process that is writing. ``verify`` looks for damage before a run
    begins. ``new_journal`` replaces a journal that is lost, and accepts an older copy; one that is intact stays.
    Raises JournalUnavailableError, and JournalLostError for a lost one.
    """
    if url := journal_url():
        return _open_postgres(url, state_dir)
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


def _open_postgres(url: str, state_dir: Path) -> Journal:
    reject_left_behind(state_dir / FILE_NAME)
    with needs_psycopg():
        from importer.journal.postgres.journal import open_postgres_journal
    return open_postgres_journal(url, journal_key(), state_dir)


def fetch_run_files(state_dir: Path, run: str) -> None:
    """Bring the rows and the plan of a run to this machine, if only the journal on PostgreSQL has them.

    Raises JournalUnavailableError.
    """
    folder = state_dir / "runs" / run
    if journal_url() and not (folder / PLAN).exists():
        with contextlib.closing(open_journal(state_dir)) as journal:
            journal.load_run_files(run, folder)


def journal_exists(state_dir: Path) -> bool:
    """Return True when there is a journal; creates nothing. Raises JournalLostError when there should be one."""
    if journal_url():
        return True
    reject_missing(state_dir / FILE_NAME)
    return (state_dir / FILE_NAME).exists()
