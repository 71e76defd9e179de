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
from importer.journal.interface import Answer, Claim, RunRecord, Settlement, State
from importer.journal.tables import connect
from importer.records import Delivery, FieldError

CLAIM, NOTE, SETTLE = "claim", "note", "settle"
FILE_NAME = "journal.sqlite3"

_KEY = "target = ? AND operation = ? AND fingerprint = ? AND occurrence = ?"
_KNOWN = "state, run, row, vendor_id, http_status, attempts, code, message, sent_at, detail, settled_at"
_INTEND = """
INSERT INTO deliveries (target, operation, fingerprint, occurrence, identity, state, run, row, attempts, intended_at)
VALUES (?, ?, ?, ?, ?, 'intended', ?, ?, 0, ?)
ON CONFLICT (target, operation, fingerprint, occurrence) DO UPDATE SET
  state = 'intended', run = excluded.run, row = excluded.row, intended_at = excluded.intended_at,
  http_status = NULL, vendor_id = NULL, code = NULL, message = NULL, detail = NULL, settled_at = NULL
"""


def open_journal(state_dir: Path) -> SqliteJournal:
    """The journal of a state folder. Raises JournalUnavailableError."""
    return SqliteJournal(connect(state_dir / FILE_NAME))


class SqliteJournal:
    """One connection. Used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._family: dict[str, frozenset[str]] = {}

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

    def apply(self, run: RunRecord, work: Sequence[tuple[str, Delivery, Any]]) -> list[Answer | None]:
        """Do claims, notes and settlements in order, in one durable transaction; answers for the claims."""
        answers: list[Answer | None] = []
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                for verb, delivery, detail in work:
                    key = (run.target, run.operation, delivery.fingerprint, delivery.occurrence)
                    if verb == CLAIM:
                        answers.append(self._claim(run, delivery, key))
                    elif verb == SETTLE:
                        self._settle(key, detail)
                        answers.append(None)
                    else:
                        self._db.execute(
                            f"UPDATE deliveries SET http_status = ?, sent_at = ? WHERE {_KEY} AND state = 'intended'",  # noqa: S608
                            (*detail, *key),
                        )
                        answers.append(None)
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            raise JournalError(f"the journal could not be written ({error}); nothing more was sent") from error
        return answers

    def settled(self, run: str) -> Iterator[list[tuple[Any, ...]]]:
        """What a run has settled: lists of (row, state, vendor id, status, attempts, code, message, sent, detail)."""
        cursor = self._db.execute(
            "SELECT row, state, vendor_id, http_status, attempts, code, message, sent_at, detail FROM deliveries "
            "WHERE run = ? AND state IN ('confirmed', 'refused', 'uncertain') ORDER BY row",
            (run,),
        )
        while rows := cursor.fetchmany(50_000):
            yield rows

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def _write(self, statement: str, values: Any) -> sqlite3.Cursor:
        try:
            return self._db.execute(statement, values)
        except sqlite3.Error as error:
            raise JournalError(f"the journal could not be written ({error})") from error

    def _claim(self, run: RunRecord, delivery: Delivery, key: tuple[Any, ...]) -> Answer:
        known = self._db.execute(f"SELECT {_KNOWN} FROM deliveries WHERE {_KEY}", key).fetchone()  # noqa: S608
        repeatable = bool(run.options.get("repeatable"))
        if known:
            blocked = self._stands_in_the_way(run, delivery, key, known, repeatable=repeatable)
            if blocked:
                return blocked
        elif delivery.identity is not None and not repeatable:
            blocked = self._other_values(run, delivery, key)
            if blocked:
                return blocked
        self._db.execute(_INTEND, (*key, delivery.identity, run.id, delivery.row, time.time()))
        return Answer(Claim.GRANTED)

    def _stands_in_the_way(
        self, run: RunRecord, delivery: Delivery, key: tuple[Any, ...], known: tuple[Any, ...], *, repeatable: bool
    ) -> Answer | None:
        state, owner = State(known[0]), known[1]
        if state is State.CONFIRMED:
            superseded = repeatable and owner != run.id and self._is_superseded(delivery, key, known[10])
            return None if superseded else _answer(Claim.CONFIRMED, known)
        if state is State.UNCERTAIN:
            return None if repeatable else _answer(Claim.UNCERTAIN, known)
        if state is State.INTENDED:
            return _answer(Claim.BUSY, known) if owner != run.id else None
        if state is State.REFUSED and owner == run.id:
            return _answer(Claim.REFUSED, known)
        return None

    def _is_superseded(self, delivery: Delivery, key: tuple[Any, ...], settled_at: float) -> bool:
        """Whether something else was set on the same contact since: then the same values must be set again."""
        later = self._db.execute(
            "SELECT 1 FROM deliveries WHERE identity = ? AND target = ? AND operation = ? AND fingerprint <> ? "
            "AND state IN ('confirmed', 'uncertain', 'intended') AND coalesce(settled_at, intended_at) >= ? LIMIT 1",
            (delivery.identity, *key[:3], settled_at),
        ).fetchone()
        return later is not None

    def _other_values(self, run: RunRecord, delivery: Delivery, key: tuple[Any, ...]) -> Answer | None:
        """This contact, by its identity, under another fingerprint: confirmed or in doubt in another file's run."""
        found = self._db.execute(
            f"SELECT {_KNOWN} FROM deliveries WHERE identity = ? AND target = ? AND operation = ? "  # noqa: S608
            "AND fingerprint <> ? AND run <> ? AND state IN ('confirmed', 'uncertain', 'intended')",
            (delivery.identity, *key[:3], run.id),
        )
        for known in found:
            if known[1] in self._runs_of_file(run.file_sha256):
                continue
            if known[0] != State.CONFIRMED:
                return _answer(Claim.UNCERTAIN, known)
            if not run.options.get("send_changed"):
                return _answer(Claim.CHANGED, known)
        return None

    def _runs_of_file(self, sha256: str) -> frozenset[str]:
        """Runs over the very same file: a second upload of it is as good as a resume."""
        if sha256 not in self._family:
            rows = self._db.execute("SELECT id FROM runs WHERE file_sha256 = ?", (sha256,))
            self._family[sha256] = frozenset(name for (name,) in rows)
        return self._family[sha256]

    def _settle(self, key: tuple[Any, ...], how: Settlement) -> None:
        detail = json.dumps([asdict(error) for error in how.field_errors]) if how.field_errors else None
        self._db.execute(
            "UPDATE deliveries SET state = ?, attempts = ?, http_status = ?, vendor_id = ?, code = ?, message = ?, "  # noqa: S608
            f"detail = ?, sent_at = ?, settled_at = ? WHERE {_KEY}",
            (
                str(how.state),
                how.attempts,
                how.http_status,
                how.vendor_id,
                how.code,
                how.message,
                detail,
                how.sent_at,
                time.time(),
                *key,
            ),
        )


def _answer(claim: Claim, known: tuple[Any, ...]) -> Answer:
    _, run, row, vendor_id, http_status, attempts, code, message, sent_at, detail, _ = known
    errors = tuple(FieldError(**entry) for entry in json.loads(detail)) if detail else ()
    return Answer(claim, run, row, vendor_id, http_status, attempts or 0, code or "", message or "", sent_at, errors)
