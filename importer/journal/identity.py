"""The identity that a journal shares with the folders of its runs.

A journal that is gone or damaged must not become an empty one: what was sent before would be sent again. Run folders
without their journal show that it was lost; a mark beside them shows that it is another one. Both count how often runs
begin and end, so that an older copy of the journal shows, too.
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from pathlib import Path

from importer.errors import JournalLostError, JournalOutdatedError
from importer.files import sync_folder, write_atomic

MARK = "journal-id"  # in the folder of the runs
COUNT = "journal-count"  # beside the mark
NEW = "new"  # the mark's text once a person has asked for a new journal
CHECK_SECONDS = 0.1
_STEPS = 10_000  # of SQLite's machine, between two looks at the clock
_CREATE = "CREATE TABLE IF NOT EXISTS journal_identity (id TEXT NOT NULL) STRICT"
_CREATE_COUNT = "CREATE TABLE IF NOT EXISTS journal_count (events INTEGER NOT NULL) STRICT"


def reject_missing(path: Path) -> None:
    """Raise JournalLostError when there are runs, but there is no journal."""
    if not path.exists() and _has_lost_runs(path):
        raise lost(path, "is missing, but its runs are there")


def establish_identity(connection: sqlite3.Connection, path: Path, *, is_new: bool) -> None:
    """Give journal and runs an identity if they have none yet; within the transaction that opens the journal.

    Raises JournalLostError when the journal is new and the runs are not, or when it is that of other runs.
    """
    if is_new and _has_lost_runs(path):
        raise lost(path, "is empty, but its runs are there")
    connection.execute(_CREATE)
    found = connection.execute("SELECT id FROM journal_identity").fetchone()
    mark = _read_mark(path)
    if found is None:
        # A journal of an earlier version has none: it takes that of the runs, or a new one.
        identity = secrets.token_hex(16) if is_new or mark in (None, NEW) else mark
        connection.execute("INSERT INTO journal_identity VALUES (?)", (identity,))
    else:
        (identity,) = found
        if mark not in (None, NEW, identity):
            raise lost(path, "belongs to another state folder")
    _reject_outdated(connection, path)
    if mark != identity:
        _write_mark(path, identity)


def count_event(connection: sqlite3.Connection, path: Path) -> None:
    """Count the beginning or the end of a run, first in the journal and then beside the runs."""
    (events,) = connection.execute("UPDATE journal_count SET events = events + 1 RETURNING events").fetchall()[0]
    with contextlib.suppress(OSError):  # a full disk only means that one older copy is not recognised
        if events > _read_count(path):
            write_atomic(_count(path), str(events), sync=True)


def accept_outdated(path: Path) -> None:
    """Let an older copy of the journal count from now on."""
    _count(path).unlink(missing_ok=True)


def _reject_outdated(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute(_CREATE_COUNT)
    found = connection.execute("SELECT events FROM journal_count").fetchone()
    if found is None:
        connection.execute("INSERT INTO journal_count VALUES (0)")
    if (found[0] if found else 0) < _read_count(path):
        raise JournalOutdatedError(
            f"The journal {path} is an older copy: it does not know the latest runs, nor what they sent. Restore the "
            "latest copy. If there is none, --new-journal accepts this one: then what was sent since is no longer "
            "known, and importing the same file again creates its contacts a second time."
        )


def reject_cut(connection: sqlite3.Connection, path: Path) -> None:
    """Raise JournalLostError when the file is shorter than the database.

    A log with changes that are not copied back yet explains that; then only ``reject_damage`` can tell.
    """
    log = path.with_name(f"{path.name}-wal")
    (pages,), (page_bytes,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    if path.stat().st_size < pages * page_bytes and not (log.exists() and log.stat().st_size):
        raise lost(path, "is cut off")


def reject_damage(connection: sqlite3.Connection, path: Path) -> None:
    """Raise JournalLostError when a look of a tenth of a second at the pages finds damage."""
    deadline = time.monotonic() + CHECK_SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
    try:
        found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return
        found = str(error)
    finally:
        connection.set_progress_handler(None, _STEPS)
    if found != "ok":
        raise lost(path, f"is damaged ({found})")


def set_aside(path: Path) -> None:
    """Rename what is left of a lost journal, and let a new one be made beside the runs."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(path.with_name(f"{path.name}.lost-{stamp}{suffix}"))
    accept_outdated(path)
    _write_mark(path, NEW)


def lost(path: Path, reason: str) -> JournalLostError:
    """Return the error of a journal that cannot be used any more."""
    return JournalLostError(
        f"The journal {path} {reason}. It knows what was sent, so nothing is sent without it. Restore it from a "
        "backup. If there is none, --new-journal starts an empty one: then what was sent before is no longer known, "
        "and importing the same file again creates its contacts a second time."
    )


def _has_lost_runs(path: Path) -> bool:
    runs = path.parent / "runs"
    return runs.is_dir() and _read_mark(path) != NEW and any(entry.is_dir() for entry in runs.iterdir())


def _mark(path: Path) -> Path:
    return path.parent / "runs" / MARK


def _count(path: Path) -> Path:
    return path.parent / "runs" / COUNT


def _read_count(path: Path) -> int:
    try:
        return int(_count(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return 0


def _read_mark(path: Path) -> str | None:
    try:
        return _mark(path).read_text(encoding="utf-8").strip() or None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except UnicodeDecodeError:
        return "?"


def _write_mark(path: Path, identity: str) -> None:
    mark = _mark(path)
    mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomic(mark, identity, sync=True)
    sync_folder(mark.parent)
