"""Connections to the database: their settings, and what must not be connected to.

No message shows an address as it was given: it may contain a password.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from importer.errors import JournalUnavailableError

SCHEMA = "contact_importer"
OLDEST_SERVER = 130_000
CONNECT_SECONDS = 10
# A machine that vanishes loses its session, and with it its runs, after about 25 seconds.
_KEEPALIVES = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
_SESSION = {
    "search_path": SCHEMA,
    "synchronous_commit": "on",
    "default_transaction_isolation": "read committed",
    "lock_timeout": "30s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "30s",
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "25s",
    "client_encoding": "UTF8",
}
_FACTS = (
    "SELECT pg_is_in_recovery(), current_setting('fsync') = 'off', current_setting('server_version_num')::integer, "
    "getdatabaseencoding(), pg_backend_pid()"
)


def connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Connect for autocommit. Raises JournalUnavailableError when the server cannot be reached or is not fit."""
    _reject_malformed(url)
    try:
        connection = _open(url)
        try:
            session = ", ".join("set_config(%s, %s, false)" for _ in _SESSION)
            connection.execute(f"SELECT {session}", [text for pair in _SESSION.items() for text in pair])
            _reject_unfit(connection, url)
        except BaseException:
            connection.close()
            raise
    except psycopg.Error as error:
        raise JournalUnavailableError(
            f"The journal at {describe(url)} cannot be opened ({reason(error)}). Check the address, the network and "
            "the permissions of its user."
        ) from error
    return connection


@contextlib.contextmanager
def write_errors(url: str) -> Iterator[None]:
    """Turn errors of the database within the block into JournalUnavailableError."""
    try:
        yield
    except psycopg.Error as error:
        if is_missing(error):
            raise no_tables(url) from error
        raise JournalUnavailableError(f"The journal at {describe(url)} does not work ({reason(error)}).") from error


def no_tables(url: str) -> JournalUnavailableError:
    """Return the error of a database without the tables of a journal."""
    return JournalUnavailableError(
        f"The database {describe(url)} has no journal yet. Run contact-importer journal init."
    )


def describe(url: str) -> str:
    """Return where an address leads, for messages: host, port and database; never the password."""
    parts = _read_parts(url)
    if parts is None:
        return "(an address that cannot be read)"
    if service := parts.get("service"):
        return f"service {service}"
    port = f":{parts['port']}" if "port" in parts else ""
    return f"{parts.get('host') or parts.get('hostaddr') or 'localhost'}{port}/{parts.get('dbname', '')}"


def reason(error: psycopg.Error) -> str:
    """Return an error of the database as one line, for messages."""
    return " ".join(str(error.diag.message_primary or error).split()) or type(error).__name__


def is_lost(connection: psycopg.Connection[Any]) -> bool:
    """Return True when the connection is broken, or closed."""
    return connection.broken or connection.closed


def _open(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(
        make_conninfo(url, connect_timeout=CONNECT_SECONDS, application_name="contact-importer", **_KEEPALIVES),
        autocommit=True,
    )


def _reject_malformed(url: str) -> None:
    if _read_parts(url) is None:
        raise JournalUnavailableError(
            "The address of the journal cannot be read. It has the form postgresql://USER@HOST/DATABASE; in it, "
            "percent-encode special characters of a password, or leave the password to ~/.pgpass."
        )


def _read_parts(url: str) -> dict[str, Any] | None:
    """Return the parameters of an address; None when it is malformed.

    "user:p@ss@host" and "user:password" without a host are, too: a part of the password would be taken for a host or a
    port, and be shown.
    """
    try:
        parts = conninfo_to_dict(url)
    except psycopg.Error:
        return None
    ports = str(parts.get("port") or "").split(",")
    is_odd = "@" in str(parts.get("host", "")) or any(port and not port.isdigit() for port in ports)
    return None if is_odd else parts


def _reject_unfit(connection: psycopg.Connection[tuple[Any, ...]], url: str) -> None:
    is_standby, without_fsync, version, encoding, pid = connection.execute(_FACTS).fetchall()[0]
    for is_unfit, problem in (
        (version < OLDEST_SERVER, "is older than PostgreSQL 13. Use a newer server."),
        (is_standby, "is a standby, which takes no writes. Give the address of the primary."),
        (without_fsync, "runs with fsync = off: it may forget what was sent. Set fsync = on."),
        (encoding != "UTF8", f"has the encoding {encoding}. Create the database with the encoding UTF8."),
        (_is_shared_session(connection, url, pid), _POOLER),
    ):
        if is_unfit:
            raise JournalUnavailableError(f"The server of the journal at {describe(url)} {problem}")


_POOLER = (
    "is behind a pooler that gives each transaction another session, so nobody would know which runs are alive. Give "
    "the direct address of the server (often port 5432), or use session pooling."
)


def _is_shared_session(connection: psycopg.Connection[tuple[Any, ...]], url: str, pid: int) -> bool:
    """Return True behind a pooler that lends sessions for one transaction.

    A pooler tells its clients another process id than that of the server. Then a second client holds a session in a
    transaction: if that was the first one's, or the first one has another one now, sessions are lent.
    """
    if connection.info.backend_pid == pid:
        return False
    with _open(url) as other, other.transaction():
        others, again = _pid(other), _pid(connection)
    return others == pid or again != pid


def _pid(connection: psycopg.Connection[tuple[Any, ...]]) -> int:
    return int(connection.execute("SELECT pg_backend_pid()").fetchall()[0][0])


def is_missing(error: psycopg.Error) -> bool:
    """Return True when a table or the schema of the journal is not there."""
    return isinstance(error, errors.UndefinedTable | errors.InvalidSchemaName)
