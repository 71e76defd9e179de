"""Claims on the deliveries table: which deliveries may be sent. All within the caller's transaction.

Nearly all claims are of deliveries, and of contacts, that the journal has never seen: two queries find that out for a
whole batch. Only the others are decided one by one, by these rules:

- An intent that is still there when its own run claims it again is uncertain, not free: a full disk once left eight of
  them, and they were sent twice.
- A second upload of the same file is as good as a resume: only runs over other files make a contact "changed", so two
  rows of one file that share an e-mail address are both sent, in one run or in two.
- An uncertain contact with other values blocks its row even with ``send_changed``: only the vendor can tell whether it
  exists.
- Rows to fix keep their numbers: one row corrected in two copies of a report is one contact, whatever became of its
  address. The second of two bodies is "changed".
"""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from importer.journal.interface import Answer, Claim, RunRecord, State
from importer.journal.sqlite_deliveries import EVIDENCE, KEY, SAME_CONTACT, key_of, read_evidence
from importer.model.delivery import Delivery

CLAIMS_AT_ONCE = 64  # in one statement: SQLite takes at least 999 values in one
_KNOWN = f"state, run, row, settled_at, coalesce(first_run, run), first_intended_at, {EVIDENCE}"
_SAME_DELIVERY = f"SELECT {_KNOWN} FROM deliveries WHERE {KEY}"  # noqa: S608 - constants
_LATER_VALUES = (
    f"SELECT {_KNOWN} FROM {SAME_CONTACT} WHERE identity = ? AND target = ? AND operation = ? "  # noqa: S608 - constants
    "AND fingerprint <> ? AND state = 'confirmed' AND vendor_id = ? AND settled_at > ? AND run <> ? "
    "ORDER BY settled_at DESC"
)
_OTHER_VALUES = (
    f"SELECT {_KNOWN} FROM {SAME_CONTACT} WHERE identity = ? AND target = ? AND operation = ? "  # noqa: S608 - constants
    "AND fingerprint <> ? AND run <> ? AND state IN ('confirmed', 'uncertain', 'intended')"
)
_SAME_ROW = (
    f"SELECT {_KNOWN} FROM deliveries WHERE row = ? AND target = ? AND operation = ? AND fingerprint <> ? "  # noqa: S608 - constants
    "AND state IN ('confirmed', 'uncertain', 'intended') AND run IN ({runs})"
)
_SUPERSEDED = (
    f"SELECT 1 FROM {SAME_CONTACT} WHERE identity = ? AND target = ? AND operation = ? AND fingerprint <> ? "  # noqa: S608 - constants
    "AND state IN ('confirmed', 'uncertain', 'intended') AND coalesce(settled_at, intended_at) >= ? LIMIT 1"
)
_INTEND = (
    "INSERT INTO deliveries (target, operation, fingerprint, occurrence, identity, state, run, row, attempts, "
    "first_intended_at, intended_at) "
    "VALUES {rows} ON CONFLICT (target, operation, fingerprint, occurrence) DO UPDATE SET "
    "first_run = iif(state IN ('uncertain', 'intended'), coalesce(first_run, run), NULL), "
    "first_intended_at = iif(state IN ('uncertain', 'intended'), first_intended_at, excluded.first_intended_at), "
    "state = 'intended', run = excluded.run, row = excluded.row, intended_at = excluded.intended_at, "
    "http_status = NULL, vendor_id = NULL, code = NULL, message = NULL, detail = NULL, notices = NULL, "
    "lookup_message = NULL, settled_at = NULL, looked_at = NULL"
)
_INTEND_ROW = "(?, ?, ?, ?, ?, 'intended', ?, ?, 0, ?, ?)"


class _Known(NamedTuple):
    """A delivery as the columns of ``_KNOWN`` hold it; ``first_run`` and ``first_intended_at`` are of its first try."""

    state: str
    run: str
    row: int
    settled_at: float
    first_run: str
    first_intended_at: float
    vendor_id: str | None
    http_status: int | None
    attempts: int
    code: str | None
    message: str | None
    sent_at: float | None
    field_errors: str | None
    notices: str | None
    lookup_message: str | None


class Claims:
    """The decisions of one journal on what may be sent, over a connection whose transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._runs_by_file: dict[str, frozenset[str]] = {}
        self._runs_by_origin: dict[str, frozenset[str]] = {}

    def claim(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """Grant what nothing blocks, writing its intent. The answers are in the order of the claims."""
        answers: list[Answer] = []
        for start in range(0, len(wanted), CLAIMS_AT_ONCE):
            part = wanted[start : start + CLAIMS_AT_ONCE]
            unknown = self._are_unknown(run, part)
            self._intend(run, [delivery for delivery, is_new in zip(part, unknown, strict=True) if is_new])
            answers += [
                Answer(Claim.GRANTED) if is_new else self._claim_one(run, delivery)
                for delivery, is_new in zip(part, unknown, strict=True)
            ]
        return answers

    def preview(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """Return the answers that ``claim`` would give, without granting anything.

        Most of what is known is confirmed, of contacts without other values: three queries tell for all of these, where
        two for each took four times as long for a second upload of a million rows.
        """
        unknown = self._are_unknown(run, wanted)
        offered = [delivery for delivery, is_new in zip(wanted, unknown, strict=True) if not is_new]
        found, contacts = self._find_all(run, offered), self._find_contacts_with_other_values(run, offered)

        def answer(delivery: Delivery) -> Answer | None:
            known = found.get((delivery.fingerprint, delivery.occurrence))
            if known is not None and known.state == State.CONFIRMED and delivery.identity not in contacts:
                return _answer(Claim.CONFIRMED, known)
            return self._find_block(run, delivery, known)

        return [
            (not is_new and answer(delivery)) or Answer(Claim.GRANTED)
            for delivery, is_new in zip(wanted, unknown, strict=True)
        ]

    def _find_all(self, run: RunRecord, wanted: Sequence[Delivery]) -> dict[tuple[bytes, int], _Known]:
        """Return what is known of these deliveries, by fingerprint and occurrence."""
        rows = self._db.execute(
            f"SELECT fingerprint, occurrence, {_KNOWN} FROM deliveries "  # noqa: S608 - constants and marks
            f"WHERE target = ? AND operation = ? AND fingerprint IN ({_marks(wanted)})",
            (run.target, run.operation, *(delivery.fingerprint for delivery in wanted)),
        )
        return {(fingerprint, occurrence): _Known._make(known) for fingerprint, occurrence, *known in rows}

    def _find_contacts_with_other_values(self, run: RunRecord, wanted: Sequence[Delivery]) -> set[Any]:
        """Return the identities among these of which there are deliveries with different values."""
        identities = [delivery.identity for delivery in wanted if delivery.identity is not None]
        if not identities:
            return set()
        return self._column(
            f"SELECT identity FROM {SAME_CONTACT} WHERE identity IN ({_marks(identities)}) "  # noqa: S608 - constants and marks
            "AND target = ? AND operation = ? GROUP BY identity HAVING min(fingerprint) <> max(fingerprint)",
            (*identities, run.target, run.operation),
        )

    def _are_unknown(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[bool]:
        """Return for each delivery True when nothing is known of it or its contact, and no twin is claimed with it."""
        prints = [delivery.fingerprint for delivery in wanted]
        known = self._column(
            "SELECT fingerprint FROM deliveries WHERE target = ? AND operation = ? "  # noqa: S608 - marks only
            f"AND fingerprint IN ({_marks(wanted)})",
            (run.target, run.operation, *prints),
        )
        contacts: set[Any] = set()
        identities = [delivery.identity for delivery in wanted if delivery.identity is not None]
        if identities and not run.options.get("repeatable"):
            contacts = self._column(
                f"SELECT identity FROM {SAME_CONTACT} WHERE identity IN ({_marks(identities)}) "  # noqa: S608 - marks only
                "AND target = ? AND operation = ? AND run <> ?",
                (*identities, run.target, run.operation, run.id),
            )
        rows, times = self._find_rows_of_origin(run, wanted), Counter(prints)
        return [
            delivery.fingerprint not in known
            and delivery.identity not in contacts
            and delivery.row not in rows
            and times[delivery.fingerprint] == 1
            for delivery in wanted
        ]

    def _column(self, statement: str, values: Sequence[Any]) -> set[Any]:
        return {found for (found,) in self._db.execute(statement, values)}

    def _claim_one(self, run: RunRecord, delivery: Delivery) -> Answer:
        """Answer a claim of a delivery, or of a contact, of which something is known."""
        known = self._find(run, delivery)
        block = self._find_block(run, delivery, known)
        if block:
            return block
        self._intend(run, [delivery])
        may_be_applied = known is not None and known.state in (State.UNCERTAIN, State.INTENDED)
        return Answer(Claim.GRANTED, known.first_run if known and may_be_applied else "")

    def _find(self, run: RunRecord, delivery: Delivery) -> _Known | None:
        found = self._db.execute(_SAME_DELIVERY, key_of(run, delivery)).fetchone()
        return _Known._make(found) if found else None

    def _intend(self, run: RunRecord, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        now = time.time()
        values: list[Any] = []
        for delivery in deliveries:
            values += (*key_of(run, delivery), delivery.identity, run.id, delivery.row, now, now)
        self._db.execute(_INTEND.format(rows=", ".join([_INTEND_ROW] * len(deliveries))), values)

    def _find_block(self, run: RunRecord, delivery: Delivery, known: _Known | None) -> Answer | None:
        """Return the answer that keeps a delivery from being sent; None when nothing does."""
        if known is None:
            return None if run.options.get("repeatable") else self._find_other_values(run, delivery)
        is_own = known.run == run.id
        match State(known.state):
            case State.CONFIRMED:
                return _answer(Claim.CONFIRMED, known) if is_own else self._find_confirmed(run, delivery, known)
            case State.INTENDED if not is_own:
                return _answer(Claim.BUSY, known)
            case State.UNCERTAIN | State.INTENDED:
                # The vendor still recognises the idempotency key of the first try.
                key_is_valid = time.time() - known.first_intended_at < run.options.get("idempotency_ttl", 0.0)
                may_repeat = run.options.get("repeatable") or key_is_valid
                return None if may_repeat else _answer(Claim.UNCERTAIN, known)
            case State.REFUSED if is_own:
                return _answer(Claim.REFUSED, known)
        return None

    def _find_confirmed(self, run: RunRecord, delivery: Delivery, known: _Known) -> Answer | None:
        """Judge an earlier run's confirmation: it counts for nothing if its contact has other values since."""
        if run.options.get("repeatable"):
            superseded = self._is_superseded(run, delivery, known.settled_at)
            return None if superseded else _answer(Claim.CONFIRMED, known)
        found = self._db.execute(
            _LATER_VALUES,
            (
                delivery.identity,
                run.target,
                run.operation,
                delivery.fingerprint,
                known.vendor_id,
                known.settled_at,
                known.run,
            ),
        )
        # Two rows of one file may be one contact for the vendor: neither of them has changed.
        same_file = self._runs_of_file(run.file_sha256)
        later = next((entry for row in found if (entry := _Known._make(row)).run not in same_file), None)
        if later is None:
            return _answer(Claim.CONFIRMED, known)
        return None if run.options.get("send_changed") else _answer(Claim.CHANGED, later)

    def _is_superseded(self, run: RunRecord, delivery: Delivery, settled_at: float) -> bool:
        """Return True when other values were set on the contact since: then the same must be set again."""
        values = (delivery.identity, run.target, run.operation, delivery.fingerprint, settled_at)
        return self._db.execute(_SUPERSEDED, values).fetchone() is not None

    def _find_other_values(self, run: RunRecord, delivery: Delivery) -> Answer | None:
        """Return the block by the same contact with other values, confirmed or uncertain in another file's run."""
        values = (delivery.identity, run.target, run.operation, delivery.fingerprint, run.id)
        same_contact = self._db.execute(_OTHER_VALUES, values) if delivery.identity is not None else ()
        others = [known for found in same_contact if (known := _Known._make(found))]
        same_file = self._runs_of_file(run.file_sha256)
        for known in [*(other for other in others if other.run not in same_file), *self._find_same_row(run, delivery)]:
            if known.state != State.CONFIRMED:
                return _answer(Claim.UNCERTAIN, known)
            if not run.options.get("send_changed"):
                return _answer(Claim.CHANGED, known)
        return None

    def _find_same_row(self, run: RunRecord, delivery: Delivery) -> list[_Known]:
        """Return the other bodies that were made of a row to fix, by imports of its file or of other reports of it."""
        runs = self._runs_of_origin(run) if delivery.row <= run.options.get("origin_last", 0) else ()
        if not runs:
            return []
        statement = _SAME_ROW.format(runs=_marks(runs))
        values = (delivery.row, run.target, run.operation, delivery.fingerprint, *runs)
        return [_Known._make(found) for found in self._db.execute(statement, values)]

    def _find_rows_of_origin(self, run: RunRecord, wanted: Sequence[Delivery]) -> set[int]:
        """Return the rows among these of which something was sent already, where they are rows to fix."""
        last = run.options.get("origin_last", 0)
        rows = [delivery.row for delivery in wanted if delivery.row <= last]
        runs = self._runs_of_origin(run) if rows else ()
        if not runs or run.options.get("repeatable"):
            return set()
        statement = (
            f"SELECT row FROM deliveries WHERE run IN ({_marks(runs)}) "  # noqa: S608 - marks only
            f"AND row IN ({_marks(rows)})"
        )
        return self._column(statement, (*runs, *rows))

    def _runs_of_origin(self, run: RunRecord) -> tuple[str, ...]:
        """Return the other runs over rows of the same file: its own, and those of its reports."""
        origin = run.options.get("origin", "")
        if origin not in self._runs_by_origin:
            statement = "SELECT id FROM runs WHERE json_extract(options, '$.origin') = ? AND id <> ?"
            self._runs_by_origin[origin] = frozenset(self._column(statement, (origin, run.id)) if origin else ())
        return tuple(self._runs_by_origin[origin] - self._runs_of_file(run.file_sha256))

    def _runs_of_file(self, sha256: str) -> frozenset[str]:
        """Return the runs over the very same file: a second upload of it is as good as a resume."""
        if sha256 not in self._runs_by_file:
            self._runs_by_file[sha256] = frozenset(self._column("SELECT id FROM runs WHERE file_sha256 = ?", (sha256,)))
        return self._runs_by_file[sha256]


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _answer(claim: Claim, known: _Known) -> Answer:
    return Answer(claim, known.run, known.row, read_evidence(*known[6:]))
