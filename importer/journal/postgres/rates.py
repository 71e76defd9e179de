"""The rates that runs share, on a connection of their own, so that neither they nor the journal wait for the other."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from importer.errors import JournalError
from importer.journal.postgres.connection import connect, reason
from importer.journal.postgres.session import lock_key

_LOCK = b"SELECT pg_advisory_xact_lock(%s)"
_NOW = b"SELECT extract(epoch FROM clock_timestamp())::float8"
_READ = b"SELECT document FROM rates WHERE target = %s"
_WRITE = (
    b"INSERT INTO rates (target, document) VALUES (%s, %s) "
    b"ON CONFLICT (target) DO UPDATE SET document = excluded.document"
)


class PostgresRateStore:
    """One connection, opened by the first update, and again after a failure. Used by one thread at a time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def update(self, target: str, change: Callable[[str | None, float], str]) -> None:
        """Replace the document of a target by what ``change`` makes of it, in one transaction."""
        try:
            connection = self._connection = self._connection or connect(self._url)
            with connection.transaction():
                connection.execute(_LOCK, (lock_key("rate", target),))
                ((now,),) = connection.execute(_NOW).fetchall()
                (document,) = connection.execute(_READ, (target,)).fetchone() or (None,)
                connection.execute(_WRITE, (target, change(document, now)))
        except psycopg.Error as error:
            self.close()
            raise JournalError(
                f"the rate shared with other runs cannot be read or written ({reason(error)})"
            ) from error

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
