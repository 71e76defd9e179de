"""Copy a SQLite journal into PostgreSQL. Its digests are keyed on the way; the bodies of requests are not needed."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from importer.errors import JournalUnavailableError, SettingsError
from importer.journal.interface import RunRecord, RunState
from importer.journal.move import mark_moved, moved_to
from importer.journal.postgres.claims import storable
from importer.journal.postgres.connection import describe
from importer.journal.postgres.digests import Digests
from importer.journal.postgres.schema import reject_unfit_tables
from importer.journal.sqlite import FILE_NAME, SqliteJournal
from importer.journal.sqlite_schema import BUSY_SECONDS

_RUN_COLUMNS = (
    "id, file_name, file_sha256, vendor, operation, target, contract, output, options, state, row_count, counts, host, "
    "pid, started, heartbeat, ended"
)
_COLUMNS = (
    "occurrence, row, attempts, http_status, first_intended_at, intended_at, sent_at, settled_at, looked_at, "
    "state, run, first_run, vendor_id, code, message, detail, notices, lookup_message"
)
_TEXTS = 9  # the last columns
Connection = psycopg.Connection[tuple[Any, ...]]


def copy_journal(source: Path, connection: Connection, digests: Digests, url: str) -> tuple[int, int]:
    """Copy runs and deliveries; return how many. The source is not written again.

    Raises SettingsError while a run of the source is alive, and JournalUnavailableError for an unfit source or target.
    """
    if source.name != FILE_NAME:
        raise SettingsError(f"{source} is not the journal of a state folder, which is called {FILE_NAME}")
    reject_unfit_tables(connection, digests, url)
    with contextlib.closing(sqlite3.connect(source)) as database:
        try:
            if moved_to(database):
                return 0, 0
        except sqlite3.Error as error:
            raise JournalUnavailableError(f"{source} is not a journal ({error}).") from error
    _bring_up_to_date(source)
    with contextlib.closing(sqlite3.connect(source, isolation_level=None)) as database:
        database.execute("BEGIN IMMEDIATE")  # no run begins while its journal is copied
        with connection.transaction():
            runs = _copy_runs(database, connection)
            deliveries = _copy_deliveries(database, connection, digests)
            _copy_lookups(database, connection)
        mark_moved(database, describe(url))
        database.execute("COMMIT")
    return runs, deliveries


def _bring_up_to_date(source: Path) -> None:
    """Give an older journal the present columns, and its dead runs their end. Raises SettingsError for a live one."""
    with contextlib.closing(SqliteJournal(source.absolute().parent, BUSY_SECONDS)) as journal:
        for run in journal.list_runs():
            if run.state != RunState.RUNNING:
                continue
            if journal.is_alive(run):
                raise SettingsError(f"run {run.id} is running; stop it first, or wait until it has ended")
            _end(journal, run)


def _end(journal: SqliteJournal, run: RunRecord) -> None:
    journal.mark_intents_uncertain(run.id)
    journal.end_run(run.id, RunState.INTERRUPTED, run.rows, run.counts)


def _copy_runs(database: sqlite3.Connection, connection: Connection) -> int:
    connection.execute("CREATE TEMP TABLE new_runs (LIKE contact_importer.runs) ON COMMIT DROP")
    with connection.cursor() as cursor, cursor.copy(f"COPY new_runs ({_RUN_COLUMNS}) FROM STDIN".encode()) as copy:
        for row in database.execute(f"SELECT {_RUN_COLUMNS} FROM runs"):  # noqa: S608 - constants
            copy.write_row([storable(value) if isinstance(value, str) else value for value in row])
    return connection.execute(
        f"INSERT INTO runs ({_RUN_COLUMNS}) SELECT {_RUN_COLUMNS} FROM new_runs ON CONFLICT DO NOTHING".encode()  # noqa: S608 - constants
    ).rowcount


def _copy_deliveries(database: sqlite3.Connection, connection: Connection, digests: Digests) -> int:
    """Copy the deliveries; one that is known already stays as it is, unless only the source knows how it ended."""
    accounts = _accounts(database, connection)
    columns = f"account, fingerprint, identity, {_COLUMNS}"
    connection.execute("CREATE TEMP TABLE new_deliveries (LIKE contact_importer.deliveries) ON COMMIT DROP")
    with connection.cursor() as cursor, cursor.copy(f"COPY new_deliveries ({columns}) FROM STDIN".encode()) as copy:
        for row in _rows(database, accounts, digests):
            copy.write_row(row)
    return connection.execute(
        f"INSERT INTO deliveries AS d ({columns}) SELECT {columns} FROM new_deliveries "  # noqa: S608 - constants
        "ON CONFLICT (account, fingerprint, occurrence) DO UPDATE SET state = excluded.state, run = excluded.run, "
        "row = excluded.row, vendor_id = excluded.vendor_id, settled_at = excluded.settled_at "
        "WHERE d.state IN ('released', 'refused') AND excluded.state IN ('confirmed', 'uncertain')".encode()
    ).rowcount


def _copy_lookups(database: sqlite3.Connection, connection: Connection) -> None:
    """Copy what the vendor had of rows: the update of a contact cannot be undone without it."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO lookups (run, row, ids, shown, at) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            database.execute("SELECT run, row, ids, shown, at FROM lookups"),
        )


def _accounts(database: sqlite3.Connection, connection: Connection) -> dict[tuple[str, str], int]:
    found = database.execute("SELECT DISTINCT target, operation FROM deliveries").fetchall()
    for target, operation in found:
        connection.execute(
            "INSERT INTO accounts (target, operation) VALUES (%s, %s) ON CONFLICT DO NOTHING", (target, operation)
        )
    rows = connection.execute("SELECT target, operation, id FROM accounts").fetchall()
    return {(target, operation): account for target, operation, account in rows}


def _rows(database: sqlite3.Connection, accounts: dict[tuple[str, str], int], digests: Digests) -> Iterator[list[Any]]:
    statement = f"SELECT target, operation, fingerprint, identity, {_COLUMNS} FROM deliveries"  # noqa: S608 - constants
    for target, operation, fingerprint, identity, *rest in database.execute(statement):
        texts = [storable(text) for text in rest[-_TEXTS:]]
        yield [
            accounts[target, operation],
            bytes(digests.keyed(fingerprint)),
            None if identity is None else bytes(digests.keyed(identity)),
            *rest[:-_TEXTS],
            *texts,
        ]
