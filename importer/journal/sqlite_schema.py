"""The journal's tables, their version, and the opening of a database."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from importer.errors import JournalUnavailableError
from importer.journal.identity import establish_identity, lost, reject_cut, reject_missing
from importer.journal.move import reject_moved

VERSION = 4
BUSY_SECONDS = 30.0
# 40 MB: pages that many rows change are copied back once, not at every few hundred rows.
WAL_PAGES = 10_000

SCHEMA = """
CREATE TABLE runs (
  id TEXT PRIMARY KEY,
  file_name TEXT NOT NULL, file_sha256 TEXT NOT NULL,
  vendor TEXT NOT NULL, operation TEXT NOT NULL, target TEXT NOT NULL, contract TEXT NOT NULL,
  output TEXT NOT NULL, options TEXT NOT NULL,
  state TEXT NOT NULL, row_count INTEGER NOT NULL, counts TEXT NOT NULL,
  host TEXT NOT NULL, pid INTEGER NOT NULL,
  started REAL NOT NULL, heartbeat REAL NOT NULL, ended REAL
) STRICT;
CREATE INDEX runs_by_file ON runs (file_sha256);
CREATE TABLE deliveries (
  target TEXT NOT NULL, operation TEXT NOT NULL, fingerprint BLOB NOT NULL, occurrence INTEGER NOT NULL,
  identity BLOB, state TEXT NOT NULL, run TEXT NOT NULL, row INTEGER NOT NULL, attempts INTEGER NOT NULL,
  http_status INTEGER, vendor_id TEXT, code TEXT, message TEXT, detail TEXT,
  first_run TEXT, first_intended_at REAL NOT NULL, intended_at REAL NOT NULL, sent_at REAL, settled_at REAL,
  looked_at REAL, notices TEXT, lookup_message TEXT,
  PRIMARY KEY (target, operation, fingerprint, occurrence)
) STRICT;
CREATE INDEX deliveries_by_identity ON deliveries (identity) WHERE identity IS NOT NULL;
CREATE INDEX deliveries_by_run ON deliveries (run, row);
"""
# Since version 4: what the vendor had of rows that were looked up before they were sent.
LOOKUPS = (
    "CREATE TABLE IF NOT EXISTS lookups (run TEXT NOT NULL, row INTEGER NOT NULL, ids TEXT NOT NULL, "
    "shown TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (run, row)) STRICT"
)


def connect(path: Path, busy_seconds: float) -> sqlite3.Connection:
    """Open the database, creating it (mode 0600) when there is none and there are no runs.

    Raises JournalUnavailableError, and JournalLostError when the database is damaged or is not that of the runs.

    ``busy_seconds`` is how long to wait for another process that is writing.
    """
    connection: sqlite3.Connection | None = None
    try:
        reject_missing(path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():  # to open and close a database that is in use would drop this process's locks on it
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        reject_cut(connection, path)
        _migrate(connection, path)
    except (OSError, sqlite3.Error) as error:
        _close(connection)
        raise _open_error(path, error) from error
    except JournalUnavailableError:
        _close(connection)
        raise
    return connection


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()


def _open_error(path: Path, error: OSError | sqlite3.Error) -> JournalUnavailableError:
    """Return the error that says what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return lost(path, f"is damaged ({error})")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return JournalUnavailableError(
            f"The journal {path} is locked by another program. Wait until that has ended, then try again."
        )
    if isinstance(error, OSError) and not path.exists():
        return JournalUnavailableError(f"The journal {path} cannot be made ({error.strerror}). Use --state-dir.")
    return JournalUnavailableError(
        f"The journal {path} cannot be opened ({error}). Check the permissions and the free space of its folder."
    )


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables, or bring those of an older version up to date, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise JournalUnavailableError(  # noqa: TRY301 - inside the transaction it was read in
                f"The journal {path} was written by a newer version of this program. Update the program."
            )
        reject_moved(connection, path)
        establish_identity(connection, path, is_new=version == 0)
        if version == 0:
            for statement in SCHEMA.split(";"):
                if statement.strip():
                    connection.execute(statement)
        elif version < 3:
            _add_missing_columns(connection)
            _split_lookup_messages(connection)
        if version < VERSION:
            connection.execute(LOOKUPS)
            connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _add_missing_columns(connection: sqlite3.Connection) -> None:
    """Add the columns that deliveries have by now.

    Version 1 was in use with and without some of them, so each is looked for. Adding a column rewrites no row.
    """
    known = {name for _, name, *_ in connection.execute("PRAGMA table_info(deliveries)")}
    for column, kind in (
        ("first_run", "TEXT"),
        ("first_intended_at", "REAL NOT NULL DEFAULT 0"),
        ("looked_at", "REAL"),
        ("notices", "TEXT"),
        ("lookup_message", "TEXT"),
    ):
        if column not in known:
            connection.execute(f"ALTER TABLE deliveries ADD COLUMN {column} {kind}")
    if "first_intended_at" not in known:
        connection.execute("UPDATE deliveries SET first_intended_at = intended_at")


def _split_lookup_messages(connection: sqlite3.Connection) -> None:
    """Move the result of a look-up, which version 2 appended to ``message``, into its own column.

    Only runs with uncertain rows can have one; the index on runs spares a scan of the whole table.
    """
    connection.execute(
        "UPDATE deliveries SET lookup_message = substr(message, instr(message, '; asked, ') + 9), "
        "message = substr(message, 1, instr(message, '; asked, ') - 1) "
        "WHERE run IN (SELECT id FROM runs WHERE counts = '{}' OR json_extract(counts, '$.uncertain') > 0) "
        "AND state = 'uncertain' AND instr(message, '; asked, ') > 0"
    )
