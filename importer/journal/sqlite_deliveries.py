"""The deliveries table: claims that grant each delivery once, notes, settlements. All within the caller's transaction.

What comes together is written with a few statements for all of it, not a few for each: every statement gives up the
interpreter's lock, and getting it back from a busy event loop takes far longer than the statement.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from importer.journal.interface import Answer, Claim, Note, RunRecord, Settlement, State, UncertainDelivery
from importer.model.delivery import Delivery, Evidence, FieldError

AT_ONCE = 64
"""Rows in one statement; SQLite takes at least 999 values in one."""

_KEY = "target = ? AND operation = ? AND fingerprint = ? AND occurrence = ?"
_KNOWN = (
    "state, run, row, vendor_id, http_status, attempts, code, message, sent_at, detail, settled_at, "
    "coalesce(first_run, run), first_intended_at"
)
# The planner knows nothing of how many contacts share an identity (few) or a target (all), so it is told.
_SAME_CONTACT = "deliveries INDEXED BY deliveries_by_identity"
_INTEND = (
    "INSERT INTO deliveries (target, operation, fingerprint, occurrence, identity, state, run, row, attempts, "
    "first_intended_at, intended_at) "
    "VALUES {rows} ON CONFLICT (target, operation, fingerprint, occurrence) DO UPDATE SET "
    "first_run = iif(state IN ('uncertain', 'intended'), coalesce(first_run, run), NULL), "
    "first_intended_at = iif(state IN ('uncertain', 'intended'), first_intended_at, excluded.first_intended_at), "
    "state = 'intended', run = excluded.run, row = excluded.row, intended_at = excluded.intended_at, "
    "http_status = NULL, vendor_id = NULL, code = NULL, message = NULL, detail = NULL, settled_at = NULL, "
    "looked_at = NULL"
)
_INTEND_ROW = "(?, ?, ?, ?, ?, 'intended', ?, ?, 0, ?, ?)"
_SETTLE = (
    "INSERT INTO deliveries (target, operation, fingerprint, occurrence, identity, run, row, first_intended_at, "
    "intended_at, state, attempts, http_status, vendor_id, code, message, detail, sent_at, settled_at) "
    "VALUES {rows} ON CONFLICT (target, operation, fingerprint, occurrence) DO UPDATE SET "
    "state = excluded.state, attempts = excluded.attempts, http_status = excluded.http_status, "
    "vendor_id = excluded.vendor_id, code = excluded.code, message = excluded.message, detail = excluded.detail, "
    "sent_at = excluded.sent_at, settled_at = excluded.settled_at"
)
_SETTLE_ROW = "(?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_NOTE = f"UPDATE deliveries SET http_status = ?, sent_at = ? WHERE {_KEY} AND state = 'intended'"  # noqa: S608 - our own words

_Key = tuple[str, str, bytes, int]


class Deliveries:
    """The verbs of one table, over a connection whose transactions are someone else's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._family: dict[str, frozenset[str]] = {}

    def claim(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """Grant what nothing stands in the way of: its intent is written. The answers are in the order asked."""
        answers: dict[int, Answer] = {}
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            clear = self._clear(run, part)
            self._intend(run, [delivery for delivery, free in zip(part, clear, strict=True) if free])
            for index, (delivery, free) in enumerate(zip(part, clear, strict=True), start):
                answers[index] = Answer(Claim.GRANTED) if free else self._claim_one(run, delivery)
        return [answers[index] for index in range(len(wanted))]

    def peek(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """What ``claim`` would answer, without granting anything."""
        return [self._known(run, delivery)[0] or Answer(Claim.GRANTED) for delivery in wanted]

    def settle(self, run: RunRecord, settlements: Sequence[tuple[Delivery, Settlement]]) -> None:
        """Write how deliveries ended."""
        for start in range(0, len(settlements), AT_ONCE // 2):
            part = settlements[start : start + AT_ONCE // 2]
            now = time.time()
            values: list[Any] = []
            for delivery, how in part:
                known = how.evidence
                detail = json.dumps([asdict(error) for error in known.field_errors]) if known.field_errors else None
                values += (
                    *_key(run, delivery),
                    delivery.identity,
                    run.id,
                    delivery.row,
                    str(how.state),
                    known.attempts,
                )
                values += (known.http_status, known.vendor_id, known.code, known.message, detail, known.sent_at, now)
            self._db.execute(_SETTLE.format(rows=", ".join([_SETTLE_ROW] * len(part))), values)

    def note(self, run: RunRecord, notes: Sequence[tuple[Delivery, Note]]) -> None:
        """Write the status lines of answers whose bodies are still to come."""
        values = [(said.http_status, said.sent_at, *_key(run, delivery)) for delivery, said in notes]
        self._db.executemany(_NOTE, values)

    def doubts(self, run: str, operation: str) -> list[UncertainDelivery]:
        """The uncertain deliveries of a run, by row."""
        found = self._db.execute(
            "SELECT row, fingerprint, occurrence, identity, first_intended_at, settled_at, looked_at, "
            "vendor_id, http_status, attempts, code, message, sent_at FROM deliveries "
            "WHERE run = ? AND operation = ? AND state = 'uncertain' ORDER BY row",
            (run, operation),
        )
        return [
            UncertainDelivery(row, fingerprint, occurrence, identity, intended, settled, looked, Evidence(*known))
            for row, fingerprint, occurrence, identity, intended, settled, looked, *known in found
        ]

    def looked(self, run: RunRecord, delivery: Delivery, at: float) -> None:
        """Remember when the vendor was asked for an uncertain delivery's contact and had none."""
        self._db.execute(f"UPDATE deliveries SET looked_at = ? WHERE {_KEY}", (at, *_key(run, delivery)))  # noqa: S608 - our own words

    def ids_of(self, run: RunRecord, identity: bytes) -> frozenset[str]:
        """The ids of this contact that are known from confirmed deliveries to the run's target."""
        found = self._db.execute(
            f"SELECT vendor_id FROM {_SAME_CONTACT} "  # noqa: S608 - our own words
            "WHERE identity = ? AND target = ? AND operation = ? AND state = 'confirmed'",
            (identity, run.target, run.operation),
        )
        return frozenset(vendor_id for (vendor_id,) in found)

    def _clear(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[bool]:
        """For each whether nothing at all is known of it, or of its contact, or asked for in the same breath."""
        marks = ", ".join("?" * len(wanted))
        prints = [delivery.fingerprint for delivery in wanted]
        known = {
            found
            for (found,) in self._db.execute(
                f"SELECT fingerprint FROM deliveries WHERE target = ? AND operation = ? AND fingerprint IN ({marks})",  # noqa: S608 - marks only
                (run.target, run.operation, *prints),
            )
        }
        contacts = set()
        people = [delivery.identity for delivery in wanted if delivery.identity is not None]
        if people and not run.options.get("repeatable"):
            marks = ", ".join("?" * len(people))
            contacts = {
                found
                for (found,) in self._db.execute(
                    f"SELECT identity FROM {_SAME_CONTACT} WHERE identity IN ({marks}) "  # noqa: S608 - marks only
                    "AND target = ? AND operation = ? AND run <> ?",
                    (*people, run.target, run.operation, run.id),
                )
            }
        return [
            delivery.fingerprint not in known
            and delivery.identity not in contacts
            and prints.count(delivery.fingerprint) == 1
            for delivery in wanted
        ]

    def _claim_one(self, run: RunRecord, delivery: Delivery) -> Answer:
        """A claim of which something is known, or whose contact is."""
        blocked, known = self._known(run, delivery)
        if blocked:
            return blocked
        self._intend(run, [delivery])
        goes_on = known and known[0] in (State.UNCERTAIN, State.INTENDED)
        return Answer(Claim.GRANTED, known[11] if known and goes_on else "")

    def _known(self, run: RunRecord, delivery: Delivery) -> tuple[Answer | None, tuple[Any, ...] | None]:
        """What stands in the way of a delivery, if anything does; and what is known of it."""
        known = self._db.execute(
            f"SELECT {_KNOWN} FROM deliveries WHERE {_KEY}",  # noqa: S608 - our own words
            _key(run, delivery),
        ).fetchone()
        blocked = None
        if known:
            blocked = self._stands_in_the_way(run, delivery, known)
        elif delivery.identity is not None and not run.options.get("repeatable"):
            blocked = self._other_values(run, delivery)
        return blocked, known

    def _intend(self, run: RunRecord, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        now = time.time()
        values: list[Any] = []
        for delivery in deliveries:
            values += (*_key(run, delivery), delivery.identity, run.id, delivery.row, now, now)
        self._db.execute(_INTEND.format(rows=", ".join([_INTEND_ROW] * len(deliveries))), values)

    def _stands_in_the_way(self, run: RunRecord, delivery: Delivery, known: tuple[Any, ...]) -> Answer | None:
        repeatable = bool(run.options.get("repeatable"))
        state, owner = State(known[0]), known[1]
        if state is State.CONFIRMED:
            return self._over(run, delivery, known) if owner != run.id else _answer(Claim.CONFIRMED, known)
        if state is State.INTENDED and owner != run.id:
            return _answer(Claim.BUSY, known)
        if state in (State.UNCERTAIN, State.INTENDED):
            knows_again = time.time() - known[12] < run.options.get("idempotency_ttl", 0.0)
            return None if repeatable or knows_again else _answer(Claim.UNCERTAIN, known)
        if state is State.REFUSED and owner == run.id:
            return _answer(Claim.REFUSED, known)
        return None

    def _over(self, run: RunRecord, delivery: Delivery, known: tuple[Any, ...]) -> Answer | None:
        """What an earlier run's confirmation is worth: nothing, if its contact has got other values since."""
        if run.options.get("repeatable"):
            superseded = self._is_superseded(run, delivery, known[10])
            return None if superseded else _answer(Claim.CONFIRMED, known)
        since = self._db.execute(
            f"SELECT {_KNOWN} FROM {_SAME_CONTACT} WHERE identity = ? AND target = ? AND operation = ? "  # noqa: S608 - our own words
            "AND fingerprint <> ? AND state = 'confirmed' AND vendor_id = ? AND settled_at > ? AND run <> ? "
            "ORDER BY settled_at DESC",
            (delivery.identity, run.target, run.operation, delivery.fingerprint, known[3], known[10], known[1]),
        )
        # Two rows of one file may be one contact for the vendor: neither of them has changed.
        later = next((row for row in since if row[1] not in self._runs_of_file(run.file_sha256)), None)
        if later is None:
            return _answer(Claim.CONFIRMED, known)
        return None if run.options.get("send_changed") else _answer(Claim.CHANGED, later)

    def _is_superseded(self, run: RunRecord, delivery: Delivery, settled_at: float) -> bool:
        """Whether something else was set on the same contact since: then the same values must be set again."""
        later = self._db.execute(
            f"SELECT 1 FROM {_SAME_CONTACT} WHERE identity = ? AND target = ? AND operation = ? AND fingerprint <> ? "  # noqa: S608 - our own words
            "AND state IN ('confirmed', 'uncertain', 'intended') AND coalesce(settled_at, intended_at) >= ? LIMIT 1",
            (delivery.identity, run.target, run.operation, delivery.fingerprint, settled_at),
        ).fetchone()
        return later is not None

    def _other_values(self, run: RunRecord, delivery: Delivery) -> Answer | None:
        """This contact, by its identity, under another fingerprint: confirmed or in doubt in another file's run."""
        found = self._db.execute(
            f"SELECT {_KNOWN} FROM {_SAME_CONTACT} WHERE identity = ? AND target = ? AND operation = ? "  # noqa: S608 - our own words
            "AND fingerprint <> ? AND run <> ? AND state IN ('confirmed', 'uncertain', 'intended')",
            (delivery.identity, run.target, run.operation, delivery.fingerprint, run.id),
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


def _key(run: RunRecord, delivery: Delivery) -> _Key:
    return run.target, run.operation, delivery.fingerprint, delivery.occurrence


def _answer(claim: Claim, known: tuple[Any, ...]) -> Answer:
    _, run, row, vendor_id, http_status, attempts, code, message, sent_at, detail, *_ = known
    errors = tuple(FieldError(**entry) for entry in json.loads(detail)) if detail else ()
    evidence = Evidence(vendor_id, http_status, attempts or 0, code or "", message or "", sent_at, errors)
    return Answer(claim, run, row, evidence)
