"""A session with the database that outlives its connection: a lost one is replaced, and the runs are owned again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg import errors

from importer.errors import JournalError, JournalUnavailableError
from importer.journal.interface import RunRecord
from importer.journal.postgres.connection import connect, describe, is_lost, reason
from importer.journal.postgres.digests import Digests
from importer.journal.postgres.schema import reject_unfit_tables

RECONNECT_SECONDS = 60.0
PAUSE_SECONDS = 0.25
_GOODBYES = (errors.AdminShutdown, errors.CrashShutdown, errors.IdleInTransactionSessionTimeout)
_OWN = "SELECT pg_try_advisory_lock(%s)"
_DISOWN = "SELECT pg_advisory_unlock(%s)"
# The two halves of the lock's key.
_IS_OWNED = (
    "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
    "AND classid::bigint = %s AND objid::bigint = %s"
)
_END_OLD_SESSION = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = %s AND backend_start = %s"
_ACCOUNT = (
    "WITH made AS (INSERT INTO accounts (target, operation) VALUES (%(target)s, %(operation)s) "
    "ON CONFLICT DO NOTHING RETURNING id) "
    "SELECT id FROM made UNION ALL SELECT id FROM accounts WHERE target = %(target)s AND operation = %(operation)s"
)
T = TypeVar("T")
Values = Sequence[Any] | Mapping[str, Any]


class Session:
    """One connection and the runs it owns. Used by one thread at a time.

    A run is owned by a session-level advisory lock on the very connection that writes: no lock, no connection, no
    claim. So an owner that is cut off cannot claim, and nothing needs to be checked at every commit.
    """

    def __init__(self, url: str, digests: Digests) -> None:
        self.url = url
        self.digests = digests
        self._accounts: dict[tuple[str, str], int] = {}
        self._owned: set[str] = set()
        self._connect()

    @property
    def place(self) -> str:
        """Host and database, for people."""
        return describe(self.url)

    def reconnect(self) -> Session:
        """Return another session, which owns nothing."""
        return Session(self.url, self.digests)

    def close(self) -> None:
        """Close the connection; the runs that it owns are free."""
        self.connection.close()

    def execute(self, statement: str, values: Values = ()) -> psycopg.Cursor[tuple[Any, ...]]:
        """Run one statement on the present connection. Raises psycopg.Error."""
        return self.connection.execute(statement.encode(), values)

    def retry(self, work: Callable[[], T]) -> T:
        """Return the result of work that may be repeated; after a lost connection, repeat it on a new one.

        Raises JournalError for any other failure, and when there is no new connection for ``RECONNECT_SECONDS``.
        """
        while True:
            try:
                return work()
            except psycopg.Error as error:
                if not (is_lost(self.connection) or isinstance(error, _GOODBYES)):
                    raise JournalError(
                        f"the journal could not be written ({reason(error)}); what it does not know was not sent"
                    ) from error
                self._replace_connection()

    def query(self, statement: str, values: Values = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a statement that may be repeated. Raises JournalError."""
        return self.retry(lambda: self.execute(statement, values).fetchall())

    def change(self, statement: str, values: Values = ()) -> int:
        """Return the number of rows that a statement changed; it may be repeated. Raises JournalError."""
        return self.retry(lambda: self.execute(statement, values).rowcount)

    def account(self, run: RunRecord) -> int:
        """Return the number under which the database knows the run's target and operation. Raises psycopg.Error."""
        return self.account_of(run.target, run.operation)

    def account_of(self, target: str, operation: str) -> int:
        """Return the number of a target and an operation. Raises psycopg.Error."""
        if (target, operation) not in self._accounts:
            values = {"target": target, "operation": operation}
            # The second statement sees what another process has committed meanwhile.
            found = self.execute(_ACCOUNT, values).fetchall() or self.execute(_ACCOUNT, values).fetchall()
            self._accounts[target, operation] = int(found[0][0])
        return self._accounts[target, operation]

    def own(self, run: str) -> bool:
        """Become the owner of a run; False while a live session, this one included, owns it."""
        if run in self._owned or not self.query(_OWN, (lock_key("run", run),))[0][0]:
            return False
        self._owned.add(run)
        return True

    def owns(self, run: str) -> bool:
        """Return True while this session owns a run."""
        return run in self._owned

    def disown(self, run: str) -> None:
        """Give up a run, if it is owned."""
        if run in self._owned:
            self._owned.remove(run)
            try:
                self.execute(_DISOWN, (lock_key("run", run),))
            except psycopg.Error:
                self.connection.close()  # the lock goes with it

    def is_owned(self, run: str) -> bool:
        """Return True while a live session, of any machine, owns a run."""
        key = lock_key("run", run) & (2**64 - 1)
        return run in self._owned or bool(self.query(_IS_OWNED, (key >> 32, key & (2**32 - 1)))[0][0])

    def _connect(self) -> None:
        self.connection = connect(self.url)
        try:
            reject_unfit_tables(self.connection, self.digests, self.url)
            found = self.execute(
                "SELECT pid, backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()"
            ).fetchone()
        except BaseException:
            self.connection.close()
            raise
        self._backend = found or (0, None)

    def _replace_connection(self) -> None:
        self.connection.close()
        lost, deadline = self._backend, time.monotonic() + RECONNECT_SECONDS
        while True:
            try:
                self._connect()
                self.execute(_END_OLD_SESSION, lost)  # the server may not have noticed that it is dead
                self._own_again(deadline)
            except (JournalUnavailableError, psycopg.Error) as error:
                self.connection.close()
                if time.monotonic() > deadline:
                    text = reason(error) if isinstance(error, psycopg.Error) else str(error)
                    raise JournalError(f"The connection to the journal is lost. {text} Then resume the run.") from error
                time.sleep(PAUSE_SECONDS)  # nobody tells when the server is back
            else:
                return

    def _own_again(self, deadline: float) -> None:
        """Take the locks of the runs again. Raises JournalError when another process has one of them."""
        for run in self._owned:
            while not self.execute(_OWN, (lock_key("run", run),)).fetchall()[0][0]:
                if time.monotonic() > deadline:
                    raise JournalError(
                        f"The connection to the journal at {describe(self.url)} was lost, and another process has "
                        f"resumed run {run} meanwhile. It continues there."
                    )
                time.sleep(PAUSE_SECONDS)  # the lock is free when the server notices that the old session is dead
            # Whoever noticed that the owner was gone may have marked the run.
            self.execute(
                "UPDATE runs SET state = 'running', ended = NULL WHERE id = %s AND state = 'interrupted'", [run]
            )


def lock_key(*parts: str | int | bytes) -> int:
    """Return the key of an advisory lock for what these parts name."""
    text = b"\0".join(part if isinstance(part, bytes) else str(part).encode() for part in parts)
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)
