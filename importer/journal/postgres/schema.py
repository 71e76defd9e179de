"""The tables of the journal: plain SQL files, applied in the order of their names by ``journal init`` and ``migrate``.

Programs only look at the version, so they can run as a user who may not create tables.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

import psycopg
from psycopg import errors

from importer.errors import JournalUnavailableError
from importer.journal.postgres.connection import SCHEMA, describe, is_missing, no_tables
from importer.journal.postgres.digests import Digests

_LOCK = 471_100_001  # of whoever changes the tables
# With the schema's name: one that may not be used would be passed over on the search path.
_VERSIONS = b"SELECT version, oldest_program FROM contact_importer.meta"
Connection = psycopg.Connection[tuple[Any, ...]]


def migrations() -> list[str]:
    """Return the names of the SQL files; the version of the tables is how many of them were applied."""
    return sorted(entry.name for entry in resources.files(__package__).iterdir() if entry.name.endswith(".sql"))


def initialize(connection: Connection, digests: Digests) -> int:
    """Create the tables, or bring them up to date; return how many files were applied.

    Raises JournalUnavailableError when they have another key.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        applied = _version(connection)
        if applied:
            reject_other_key(connection, digests)
        _apply(connection, applied)
        if not applied:
            connection.execute("INSERT INTO meta (version, key_check) VALUES (%s, %s)", (0, digests.check()))
        connection.execute("UPDATE meta SET version = %s", (len(migrations()),))
    return len(migrations()) - applied


def migrate(connection: Connection, url: str) -> int:
    """Bring the tables up to date; return how many files were applied. Raises JournalUnavailableError without any."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        applied = _version(connection)
        if not applied:
            raise no_tables(url)
        _apply(connection, applied)
        connection.execute("UPDATE meta SET version = greatest(version, %s)", (len(migrations()),))
    return max(len(migrations()) - applied, 0)


def reject_unfit_tables(connection: Connection, digests: Digests, url: str) -> None:
    """Raise JournalUnavailableError when the tables are missing, of another version, or have another key."""
    try:
        found = connection.execute(_VERSIONS).fetchone()
    except errors.InsufficientPrivilege as error:
        raise JournalUnavailableError(
            f"The user of the journal at {describe(url)} may not use its tables. docs/postgresql.md has the GRANTs."
        ) from error
    except psycopg.Error as error:
        if not is_missing(error):
            raise
        found = None
    if found is None:
        raise no_tables(url)
    version, oldest_program = found
    if version < len(migrations()):
        raise JournalUnavailableError(
            f"The tables of the journal at {describe(url)} are of an older version (version {version}). Run "
            "contact-importer journal migrate."
        )
    if oldest_program > len(migrations()):
        raise JournalUnavailableError(
            f"The journal at {describe(url)} was made by a newer version of this program. Update the program."
        )
    reject_other_key(connection, digests)


def reject_other_key(connection: Connection, digests: Digests) -> None:
    """Raise JournalUnavailableError for another key: with it, nothing that was sent would be found."""
    found = connection.execute("SELECT key_check FROM meta").fetchone()
    if found is None or bytes(found[0]) != digests.check():
        raise JournalUnavailableError(
            "The key is not that of this journal, so nothing that was sent would be found. Use the key that journal "
            "init showed."
        )


def _version(connection: Connection) -> int:
    """Return how many files were applied; 0 when there are no tables."""
    found = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.meta",)).fetchone()
    if found is None or found[0] is None:
        return 0
    row = connection.execute("SELECT version FROM meta").fetchone()
    return int(row[0]) if row else 0


def _apply(connection: Connection, applied: int) -> None:
    for name in migrations()[applied:]:
        text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
        connection.execute(text.encode())  # without parameters, several statements at once are fine
