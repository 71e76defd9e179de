"""The journal's tables, their version, and how a database is opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from importer.errors import JournalUnavailableError

VERSION = 2
BUSY_SECONDS = 30.0
WAL_PAGES = 10_000
"""40 MB: pages that many rows change are copied back once and not at every few hundred rows."""

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
  looked_at REAL,
  PRIMARY KEY (target, operation, fingerprint, occurrence)
) STRICT;
CREATE INDEX deliveries_by_identity ON deliveries (identity) WHERE identity IS NOT NULL;
CREATE INDEX deliveries_by_run ON deliveries (run, row);
"""


def connect(path: Path, patience: float) -> sqlite3.Connection:
    """Open the database, making it (mode 0600) when there is none. Raises JournalUnavailableError.

    ``patience`` is how many seconds to wait for another process that is writing.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            path, timeout=patience, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute(f"PRAGMA wal_autocheckpoint = {WAL_PAGES}")
        _make(connection, path)
    except (OSError, sqlite3.Error) as error:
        raise JournalUnavailableError(f"the journal {path} cannot be opened ({error}); use --state-dir") from error
    return connection


def _make(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise JournalUnavailableError(  # noqa: TRY301 - inside the transaction it was read in
                f"the journal {path} was written by a newer version of this program; update it, or use --state-dir"
            )
        if version == 1:
            _from_version_1(connection)
        if version == 0:
            for statement in SCHEMA.split(";"):
                if statement.strip():
                    connection.execute(statement)
        if version < VERSION:
            connection.execute(f"PRAGMA user_version = {VERSION}")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _from_version_1(connection: sqlite3.Connection) -> None:
    """Add what deliveries have by now. Version 1 was in use with and without some of it, so that each is looked for."""
    known = {name for _, name, *_ in connection.execute("PRAGMA table_info(deliveries)")}
    if "first_run" not in known:
        connection.execute("ALTER TABLE deliveries ADD COLUMN first_run TEXT")
    if "first_intended_at" not in known:
        connection.execute("ALTER TABLE deliveries ADD COLUMN first_intended_at REAL NOT NULL DEFAULT 0")
        connection.execute("UPDATE deliveries SET first_intended_at = intended_at")
    if "looked_at" not in known:
        connection.execute("ALTER TABLE deliveries ADD COLUMN looked_at REAL")
