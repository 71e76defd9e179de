"""The rates that runs share, in a database of their own beside the journal, so that neither waits for the other.

Nothing in it is worth a sync: what is lost is learned again. A damaged database is replaced.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from importer.errors import JournalError

FILE_NAME = "rates.sqlite3"
BUSY_SECONDS = 2.0
_SCHEMA = "CREATE TABLE IF NOT EXISTS rates (target TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT"
_WRITE = "INSERT INTO rates VALUES (?, ?) ON CONFLICT (target) DO UPDATE SET document = excluded.document"


class SqliteRateStore:
    """One connection, opened by the first update. Used by one thread at a time."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE_NAME
        self._db: sqlite3.Connection | None = None

    def update(self, target: str, change: Callable[[str | None, float], str]) -> None:
        """Replace the document of a target by what ``change`` makes of it, in one transaction."""
        try:
            db = self._db = self._db or self._open()
            db.execute("BEGIN IMMEDIATE")
            try:
                found = db.execute("SELECT document FROM rates WHERE target = ?", (target,)).fetchone()
                db.execute(_WRITE, (target, change(found[0] if found else None, time.time())))
                db.execute("COMMIT")
            finally:
                if db.in_transaction:
                    db.execute("ROLLBACK")
        except (OSError, sqlite3.Error) as error:
            self._drop(
                damaged=getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
            )
            raise JournalError(f"the rate shared with other runs cannot be read or written ({error})") from error

    def close(self) -> None:
        """Close the connection."""
        if self._db is not None:
            self._db.close()
            self._db = None

    def _open(self) -> sqlite3.Connection:
        if not self._path.exists():
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        db = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = OFF")
        db.execute(_SCHEMA)
        return db

    def _drop(self, *, damaged: bool) -> None:
        self.close()
        if damaged:
            for suffix in ("", "-wal", "-shm"):
                self._path.with_name(f"{FILE_NAME}{suffix}").unlink(missing_ok=True)
