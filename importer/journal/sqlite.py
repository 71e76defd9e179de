"""The journal in SQLite: claims that are atomic across processes, intents that are on disk before they count."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from importer.errors import JournalError
from importer.journal.interface import Answer, RunRecord, UncertainDelivery, Work
from importer.journal.sqlite_deliveries import Deliveries
from importer.journal.sqlite_schema import BUSY_SECONDS, connect
from importer.model.delivery import Delivery

FILE_NAME = "journal.sqlite3"


def open_journal(state_dir: Path, patience: float = BUSY_SECONDS) -> SqliteJournal:
    """The journal of a state folder, waiting that long for other processes. Raises JournalUnavailableError."""
    return SqliteJournal(connect(state_dir / FILE_NAME, patience), patience)


class SqliteJournal:
    """One connection. Used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection, patience: float) -> None:
        self._db = connection
        self._patience = patience
        self._deliveries = Deliveries(connection)

    def begin_run(self, run: RunRecord) -> None:
        """Remember a run before it sends anything; a resumed run takes its own place again."""
        values = asdict(run) | {"options": json.dumps(run.options), "counts": json.dumps(run.counts)}
        values["row_count"] = values.pop("rows")
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        self._write(f"INSERT OR REPLACE INTO runs ({names}) VALUES ({marks})", values)  # noqa: S608 - our own names

    def end_run(self, run: str, state: str, rows: int, counts: dict[str, int]) -> None:
        """Remember how a run ended."""
        self._write(
            "UPDATE runs SET state = ?, row_count = ?, counts = ?, ended = ? WHERE id = ?",
            (state, rows, json.dumps(counts), time.time(), run),
        )

    def beat(self, run: str) -> None:
        """Say that the run's owner is alive."""
        self._write("UPDATE runs SET heartbeat = ? WHERE id = ?", (time.time(), run))

    def runs(self) -> list[RunRecord]:
        """Every run, the latest first."""
        cursor = self._db.execute("SELECT *, row_count AS rows FROM runs ORDER BY started DESC, id DESC")
        names = [column[0] for column in cursor.description]
        found = []
        for values in cursor:
            record = dict(zip(names, values, strict=True))
            del record["row_count"]
            record |= {"options": json.loads(record["options"]), "counts": json.loads(record["counts"])}
            found.append(RunRecord(**record))
        return found

    def give_up_intents(self, run: str) -> int:
        """Mark what a dead run left ``intended`` as ``uncertain``; how many there were."""
        words = "the process ended before the answer was recorded; it may or may not have been applied"
        cursor = self._write(
            "UPDATE deliveries SET state = 'uncertain', code = 'interrupted', message = ?, settled_at = ?, "
            "attempts = attempts + 1, sent_at = coalesce(sent_at, intended_at) WHERE run = ? AND state = 'intended'",
            (words, time.time(), run),
        )
        return cursor.rowcount

    def begin(self, *, wait: bool) -> bool:
        """Begin a transaction; False when another process is writing and this one is not to wait for it."""
        try:
            if not wait:
                self._db.execute("PRAGMA busy_timeout = 0")
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            if not wait and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise _unwritten(error) from error
        finally:
            if not wait:
                self._db.execute(f"PRAGMA busy_timeout = {self._patience * 1000:.0f}")
        return True

    def write(self, run: RunRecord, work: Work) -> list[Answer]:
        """Write into the transaction; the answers to the claims, in their order. A failure ends the transaction."""
        try:
            self._deliveries.settle(run, work.settlements)
            self._deliveries.note(run, work.notes)
            return self._deliveries.claim(run, work.claims)
        except BaseException as error:
            self._roll_back()
            if isinstance(error, sqlite3.Error):
                raise _unwritten(error) from error
            raise

    def commit(self) -> None:
        """End the transaction: what was written is on disk. A failure undoes it all."""
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._roll_back()
            raise _unwritten(error) from error

    def apply(self, run: RunRecord, work: Work) -> list[Answer]:
        """All three in one."""
        self.begin(wait=True)
        answers = self.write(run, work)
        self.commit()
        return answers

    def peek(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """What ``write`` would answer to these claims, without granting any."""
        return self._deliveries.peek(run, wanted)

    def doubts(self, run: str, operation: str) -> list[UncertainDelivery]:
        """The uncertain deliveries of a run, by row."""
        return self._deliveries.doubts(run, operation)

    def looked(self, run: RunRecord, delivery: Delivery, at: float) -> None:
        """Remember when the vendor was first asked for an uncertain delivery's contact and had none."""
        self._deliveries.looked(run, delivery, at)

    def ids_of(self, run: RunRecord, identity: bytes) -> frozenset[str]:
        """The ids of this contact that are known from confirmed deliveries to the run's target."""
        return self._deliveries.ids_of(run, identity)

    def settled(self, run: str, operation: str) -> Iterator[list[tuple[Any, ...]]]:
        """What a run has settled: lists of (row, state, vendor id, status, attempts, code, message, sent, detail)."""
        cursor = self._db.execute(
            "SELECT row, state, vendor_id, http_status, attempts, code, message, sent_at, detail FROM deliveries "
            "WHERE run = ? AND operation = ? AND (state IN ('confirmed', 'refused', 'uncertain') "
            "OR (state = 'released' AND code = 'not_sent')) ORDER BY row",
            (run, operation),
        )
        while rows := cursor.fetchmany(50_000):
            yield rows

    def move_output(self, run: str, output: str) -> None:
        """Remember that the reports of a run are in another folder now."""
        self._write("UPDATE runs SET output = ? WHERE id = ?", (output, run))

    def attempts(self, run: str) -> int:
        """How many requests are known of for the rows of a run."""
        try:
            found = self._db.execute("SELECT coalesce(sum(attempts), 0) FROM deliveries WHERE run = ?", (run,))
            return int(found.fetchone()[0])
        except sqlite3.Error as error:
            raise JournalError(f"the journal cannot be read ({error})") from error

    def forget_words(self, run: str) -> None:
        """Forget what the vendor said of a run's rows."""
        self._write("UPDATE deliveries SET message = NULL, detail = NULL WHERE run = ?", (run,))

    def integrity(self) -> str:
        """What is wrong with the database; empty when nothing is."""
        try:
            found = [text for (text,) in self._db.execute("PRAGMA quick_check(5)")]
        except sqlite3.Error as error:
            return str(error)
        return "" if found == ["ok"] else "; ".join(found)

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def _roll_back(self) -> None:
        if self._db.in_transaction:
            self._db.execute("ROLLBACK")

    def _write(self, statement: str, values: Any) -> sqlite3.Cursor:
        try:
            return self._db.execute(statement, values)
        except sqlite3.Error as error:
            raise _unwritten(error) from error


def _unwritten(error: sqlite3.Error) -> JournalError:
    return JournalError(f"the journal could not be written ({error}); what it does not know was not sent")
