"""The journal in SQLite: claims that are atomic across processes, intents that are on disk before they count."""

from __future__ import annotations

import json
import socket
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.errors import JournalError
from importer.journal.identity import count_event, reject_damage
from importer.journal.interface import (
    INTERRUPTED_MESSAGE,
    Answer,
    RunRecord,
    RunState,
    Settlement,
    UncertainDelivery,
    WriteBatch,
)
from importer.journal.owner_lock import OwnerLocks
from importer.journal.reserve import make_reserve, read_reserve, remove_reserve, write_reserve
from importer.journal.sqlite_claims import Claims
from importer.journal.sqlite_deliveries import MARK_INTENTS_UNCERTAIN, Deliveries
from importer.journal.sqlite_rates import SqliteRateStore
from importer.journal.sqlite_schema import connect
from importer.model.delivery import Delivery, LookedUp
from importer.model.status import Status

if TYPE_CHECKING:
    import polars as pl

FILE_NAME = "journal.sqlite3"
FOREIGN_OWNER_SECONDS = 600.0  # the owner of a run on another host is taken for dead when its heartbeat is older
_START_RUN = """
INSERT INTO runs (id, file_name, file_sha256, vendor, operation, target, contract, output, options, state, row_count,
  counts, host, pid, started, heartbeat, ended)
VALUES (:id, :file_name, :file_sha256, :vendor, :operation, :target, :contract, :output, :options, :state, :rows,
  :counts, :host, :pid, :started, :heartbeat, :ended)
ON CONFLICT (id) DO UPDATE SET output = excluded.output, options = excluded.options, state = excluded.state,
  row_count = excluded.row_count, counts = excluded.counts, host = excluded.host, pid = excluded.pid,
  heartbeat = excluded.heartbeat, ended = excluded.ended
WHERE started = excluded.started AND file_sha256 = excluded.file_sha256 AND target = excluded.target
"""
_LIST_RUNS = """
SELECT id, file_name, file_sha256, vendor, operation, target, contract, output, options, state, row_count AS rows,
  counts, host, pid, started, heartbeat, ended
FROM runs ORDER BY started DESC, id DESC
"""
# By the indexes of runs and of identities: the other deliveries of these contacts, of whatever run, are few.
_RELEASE = """
WITH deleted AS (
  SELECT rowid AS id, target, operation, identity, vendor_id FROM deliveries
  WHERE run = :run AND operation = :operation AND state = 'confirmed' AND row IN (SELECT value FROM json_each(:rows))
)
UPDATE deliveries SET state = 'released', code = 'deleted' WHERE rowid IN (
  SELECT id FROM deleted UNION
  SELECT same.rowid FROM deleted CROSS JOIN deliveries AS same INDEXED BY deliveries_by_identity
  WHERE same.identity = deleted.identity AND same.vendor_id = deleted.vendor_id AND same.state = 'confirmed'
    AND same.target = deleted.target AND same.operation = deleted.operation
)
"""
_RELEASE_ROWS = """
UPDATE deliveries SET state = 'released', code = 'undone'
WHERE run = :run AND operation = :operation AND state = 'confirmed' AND row IN (SELECT value FROM json_each(:rows))
"""


class SqliteJournal:
    """One connection. Used by one thread at a time."""

    def __init__(self, state_dir: Path, busy_seconds: float) -> None:
        self._state_dir = state_dir
        self._busy_seconds = busy_seconds
        self._path = state_dir / FILE_NAME
        self._db = connect(self._path, busy_seconds)
        self._file = self._identify_file()
        self._deliveries = Deliveries(self._db)
        self._claims = Claims(self._db)
        self._locks = OwnerLocks(state_dir)

    @property
    def place(self) -> str:
        """The state folder."""
        return str(self._state_dir)

    def reconnect(self) -> SqliteJournal:
        """Return another connection to the same journal, which the caller closes."""
        return SqliteJournal(self._state_dir, self._busy_seconds)

    def verify(self) -> None:
        """Look for damage, for a tenth of a second. Raises JournalLostError."""
        reject_damage(self._db, self._path)

    def close(self) -> None:
        """Close the connection. Runs that this instance owns stay owned until they are released."""
        self._db.close()

    def rate_store(self) -> SqliteRateStore:
        """Return a store of the rates that the runs of this journal share."""
        return SqliteRateStore(self._state_dir)

    def acquire_run(self, run: str) -> bool:
        """Become the owner of a run; False while a live process owns it. Ownership ends with the process."""
        return self._locks.acquire(run)

    def release_run(self, run: str) -> None:
        """Give up the ownership of a run."""
        self._locks.release(run)

    def is_owned(self, run: str) -> bool:
        """Return True while a live process on this machine, this one included, owns the run."""
        return self._locks.is_held(run)

    def is_alive(self, run: RunRecord) -> bool:
        """Return True while the owner is alive: on this host by its lock, on another by its heartbeat."""
        if run.host != socket.gethostname():
            return time.time() - run.heartbeat < FOREIGN_OWNER_SECONDS
        return self._locks.is_held(run.id)

    def start_run(self, run: RunRecord) -> None:
        """Record a run before it sends anything, or once more when it is resumed."""
        values = asdict(run) | {"options": json.dumps(run.options), "counts": json.dumps(run.counts)}
        if self._execute(_START_RUN, values).rowcount != 1:
            raise JournalError(f"the journal has another run with the id {run.id}; import the file again")
        self._count_event()

    def end_run(self, run: str, state: RunState, rows: int, counts: dict[str, int]) -> None:
        """Record the end of a run."""
        self._execute(
            "UPDATE runs SET state = ?, row_count = ?, counts = ?, ended = ? WHERE id = ?",
            (str(state), rows, json.dumps(counts), time.time(), run),
        )
        self._count_event()

    def reserve_space(self, run: str) -> None:
        """Make room for answers that come when the disk is full. Raises JournalError when it is full now."""
        folder = self._run_folder(run)
        if folder.is_dir():  # else nothing of the run would be there to resume
            try:
                make_reserve(folder)
            except OSError as error:
                raise JournalError(f"the journal could not be written ({error}); nothing was sent") from error

    def save_in_reserve(self, run: RunRecord, lost: Sequence[tuple[Delivery, Settlement]]) -> None:
        """Keep settlements that could not be written in the reserved space."""
        write_reserve(self._run_folder(run.id), run.operation, lost)

    def restore_reserve(self, run: RunRecord) -> None:
        """Write what was kept in the reserved space, as far as the deliveries are not settled otherwise since."""
        for operation, delivery, settlement in read_reserve(self._run_folder(run.id)):
            record = replace(run, operation=operation)
            if self._deliveries.is_open(record, delivery):
                self.commit_batch(record, WriteBatch([(delivery, settlement)]))
        remove_reserve(self._run_folder(run.id))

    def record_heartbeat(self, run: str) -> None:
        """Record that the owner of a run is alive now."""
        self._execute("UPDATE runs SET heartbeat = ? WHERE id = ?", (time.time(), run))

    def set_output(self, run: str, output: str) -> None:
        """Record that the reports of a run are in another folder now."""
        self._execute("UPDATE runs SET output = ? WHERE id = ?", (output, run))

    def list_runs(self) -> list[RunRecord]:
        """Return every run, the latest first."""
        cursor = self._execute(_LIST_RUNS, ())
        names = [column[0] for column in cursor.description]
        found = []
        for values in cursor:
            record = dict(zip(names, values, strict=True))
            record |= {"options": json.loads(record["options"]), "counts": json.loads(record["counts"])}
            found.append(RunRecord(**record))
        return found

    def mark_intents_uncertain(self, run: str) -> int:
        """Mark as uncertain what a dead run left intended; return how many deliveries that were."""
        return self._execute(MARK_INTENTS_UNCERTAIN, (INTERRUPTED_MESSAGE, time.time(), run)).rowcount

    def begin_transaction(self, *, wait: bool) -> bool:
        """Begin a transaction; False when another process is writing and ``wait`` is false."""
        try:
            if not wait:
                self._db.execute("PRAGMA busy_timeout = 0")
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if not wait and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise _write_error(error) from error
        finally:
            if not wait:
                self._db.execute(f"PRAGMA busy_timeout = {self._busy_seconds * 1000:.0f}")
        return True

    def write_batch(self, run: RunRecord, batch: WriteBatch) -> list[Answer]:
        """Write into the open transaction; return the answers to the claims, in order. A failure undoes it all."""
        try:
            self._deliveries.record_lookups(run.id, batch.lookups)
            self._deliveries.settle(run, batch.settlements)
            self._deliveries.record_status_lines(run, batch.status_lines)
            return self._claims.claim(run, batch.claims)
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                raise _write_error(error) from error
            raise

    def commit_transaction(self) -> None:
        """Commit: on return, everything written is on disk. A failure undoes it all."""
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise _write_error(error) from error
        self.reject_replaced()

    def reject_replaced(self) -> None:
        """Raise JournalError when the file is not there any more: it takes writes, which go with the process."""
        if self._identify_file() != self._file:
            raise JournalError(
                f"The journal {self._path} was deleted or replaced while the run was sending, so sending stopped. "
                "Restore the state folder from a backup before you import this file again: without it, what was sent "
                "is no longer known"
            )

    def commit_batch(self, run: RunRecord, batch: WriteBatch) -> list[Answer]:
        """Write a batch in a transaction of its own, waiting for other processes."""
        self.begin_transaction(wait=True)
        answers = self.write_batch(run, batch)
        self.commit_transaction()
        return answers

    def has_other_deliveries(self, run: RunRecord) -> bool:
        """Return True when other runs may have sent something to the run's target with its operation."""
        others = self._execute("SELECT 1 FROM runs WHERE target = ? AND id <> ? LIMIT 1", (run.target, run.id))
        known = "SELECT 1 FROM deliveries WHERE target = ? AND operation = ? LIMIT 1"
        return (
            others.fetchone() is not None and self._execute(known, (run.target, run.operation)).fetchone() is not None
        )

    def preview_claims(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """Return the answers that ``write_batch`` would give to these claims, without granting any."""
        return self._claims.preview(run, wanted)

    def stored_digest(self, digest: bytes) -> bytes:
        """Return the digest of a delivery or contact as this journal keeps it: as it is."""
        return digest

    def list_uncertain(self, run: str, operation: str) -> list[UncertainDelivery]:
        """Return the uncertain deliveries of a run, by row."""
        return self._deliveries.list_uncertain(run, operation)

    def record_first_lookup(self, run: RunRecord, delivery: Delivery, at: float) -> None:
        """Record when the vendor was first asked for an uncertain delivery's contact and had none."""
        self._deliveries.record_first_lookup(run, delivery, at)

    def find_vendor_ids(self, run: RunRecord, identity: bytes) -> frozenset[str]:
        """Return the ids of this contact in confirmed deliveries to the run's target."""
        return self._deliveries.find_vendor_ids(run, identity)

    def list_lookups(self, run: str) -> dict[int, LookedUp]:
        """Return what the vendor had of the rows that a run looked up, by row: the latest look-up of each."""
        return self._deliveries.list_lookups(run)

    def list_results(self, run: str, operation: str, confirmed: Status) -> Iterator[pl.DataFrame]:
        """Return the results of a run's settled rows, by row, in tables of ``RESULT_SCHEMA`` of bounded length."""
        return self._deliveries.list_results(run, operation, confirmed)

    def count_attempts(self, run: str) -> int:
        """Return the number of requests known of for the rows of a run, those of killed processes included."""
        try:
            found = self._db.execute("SELECT coalesce(sum(attempts), 0) FROM deliveries WHERE run = ?", (run,))
            return int(found.fetchone()[0])
        except sqlite3.Error as error:
            raise JournalError(f"the journal cannot be read ({error})") from error

    def release_deleted(self, run: RunRecord, rows: Sequence[int]) -> None:
        """Record that the contacts of these rows of a run are deleted."""
        self._execute(_RELEASE, {"run": run.id, "operation": run.operation, "rows": json.dumps(list(rows))})

    def release_rows(self, run: RunRecord, rows: Sequence[int]) -> None:
        """Record that what this run confirmed for these rows, with its operation, no longer holds at the vendor."""
        self._execute(_RELEASE_ROWS, {"run": run.id, "operation": run.operation, "rows": json.dumps(list(rows))})

    def erase_vendor_texts(self, run: str) -> None:
        """Erase what the vendor wrote about a run's rows, and showed of their contacts."""
        self._execute("DELETE FROM lookups WHERE run = ?", (run,))
        self._execute(
            "UPDATE deliveries SET message = NULL, detail = NULL, notices = NULL, lookup_message = NULL WHERE run = ?",
            (run,),
        )

    def save_run_files(self, run: str, folder: Path) -> None:
        """Do nothing: the folder of the run is where its files are kept."""

    def load_run_files(self, run: str, folder: Path) -> bool:  # noqa: ARG002 - there is no other place to look at
        """Return False: the files of a run are in its folder, or nowhere."""
        return False

    def remove_run_files(self, run: str) -> None:
        """Do nothing: the files of a run go with its folder."""

    def runs_with_files(self) -> frozenset[str]:
        """Return no run: there is no other place than their folders."""
        return frozenset()

    def check_integrity(self) -> str:
        """Return the damage to the database as text; empty when there is none."""
        try:
            found = [text for (text,) in self._db.execute("PRAGMA quick_check(5)")]
        except sqlite3.Error as error:
            return str(error)
        return "" if found == ["ok"] else "; ".join(found)

    def _count_event(self) -> None:
        try:
            count_event(self._db, self._path)
        except sqlite3.Error as error:
            raise _write_error(error) from error

    def _run_folder(self, run: str) -> Path:
        return self._state_dir / "runs" / run

    def _identify_file(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _execute(self, statement: str, values: Any) -> sqlite3.Cursor:
        try:
            return self._db.execute(statement, values)
        except sqlite3.Error as error:
            raise _write_error(error) from error


def _write_error(error: sqlite3.Error) -> JournalError:
    return JournalError(f"the journal could not be written ({error}); what it does not know was not sent")
