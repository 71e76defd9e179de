"""The way from SQLite to PostgreSQL: a journal that was left behind must not be forgotten, nor written again."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from importer.errors import JournalUnavailableError

MOVED = "journal_moved"  # a table of one row: where the journal was copied to
MESSAGE_MOVED = (
    "The journal {path} was copied to {place}. Use that one: set --journal or CONTACT_IMPORTER_JOURNAL. What was sent "
    "since is not known here."
)


@contextlib.contextmanager
def needs_psycopg() -> Iterator[None]:
    """Turn the absence of psycopg within the block into JournalUnavailableError."""
    try:
        yield
    except ImportError as error:
        raise JournalUnavailableError(
            "A journal in PostgreSQL needs the extra postgres: pip install '.[postgres]' in the program's folder"
        ) from error


def reject_left_behind(path: Path) -> None:
    """Raise JournalUnavailableError when this SQLite journal knows of deliveries that were not copied.

    With another journal, they would all be sent again.
    """
    if not path.exists():
        return
    with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        try:
            if moved_to(database) or not database.execute("SELECT EXISTS (SELECT 1 FROM deliveries)").fetchone()[0]:
                return
        except sqlite3.Error:  # damaged, or not a journal: it knows of nothing
            return
    raise JournalUnavailableError(
        f"The state folder has a journal of its own, {path}, and what it knows was not copied: it would be sent again. "
        f"Run contact-importer journal copy {path}, or use another --state-dir."
    )


def moved_to(database: sqlite3.Connection) -> str:
    """Return the place that a SQLite journal was copied to; blank if it was not."""
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (MOVED,)).fetchone():
        return ""
    found = database.execute(f"SELECT place FROM {MOVED}").fetchone()  # noqa: S608 - a constant
    return str(found[0]) if found else ""


def reject_moved(database: sqlite3.Connection, path: Path) -> None:
    """Raise JournalUnavailableError when this journal was copied to another place."""
    if place := moved_to(database):
        raise JournalUnavailableError(MESSAGE_MOVED.format(path=path, place=place))


def mark_moved(database: sqlite3.Connection, place: str) -> None:
    """Note in a SQLite journal that it was copied, so that it is never written again."""
    database.execute(f"CREATE TABLE IF NOT EXISTS {MOVED} (place TEXT NOT NULL) STRICT")
    database.execute(f"INSERT INTO {MOVED} VALUES (?)", (place,))  # noqa: S608 - a constant
