"""Claims on the deliveries table: the questions of ``claim_rules``, in SQL. All within the caller's transaction."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from importer.journal.claim_rules import Known, find_block, grant, preview
from importer.journal.interface import Answer, Claim, RunRecord
from importer.journal.sqlite_deliveries import EVIDENCE, KEY, SAME_CONTACT, key_of
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
            unknown = self.are_unknown(run, part)
            self._intend(run, [delivery for delivery, is_new in zip(part, unknown, strict=True) if is_new])
            answers += [
                Answer(Claim.GRANTED) if is_new else self._claim_one(run, delivery)
                for delivery, is_new in zip(part, unknown, strict=True)
            ]
        return answers

    def preview(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """Return the answers that ``claim`` would give, without granting anything."""
        return preview(self, run, wanted)

    def now(self) -> float:
        """Return the time, in Unix seconds."""
        return time.time()

    def find(self, run: RunRecord, wanted: Sequence[Delivery]) -> dict[tuple[bytes, int], Known]:
        """Return what is known of these deliveries, by fingerprint and occurrence."""
        rows = self._db.execute(
            f"SELECT fingerprint, occurrence, {_KNOWN} FROM deliveries "  # noqa: S608 - constants and marks
            f"WHERE target = ? AND operation = ? AND fingerprint IN ({_marks(wanted)})",
            (run.target, run.operation, *(delivery.fingerprint for delivery in wanted)),
        )
        return {(fingerprint, occurrence): Known._make(known) for fingerprint, occurrence, *known in rows}

    def find_contacts_with_other_values(self, run: RunRecord, wanted: Sequence[Delivery]) -> set[bytes]:
        """Return the identities among these of which there are deliveries with different values."""
        identities = [delivery.identity for delivery in wanted if delivery.identity is not None]
        if not identities:
            return set()
        return self._column(
            f"SELECT identity FROM {SAME_CONTACT} WHERE identity IN ({_marks(identities)}) "  # noqa: S608 - constants and marks
            "AND target = ? AND operation = ? GROUP BY identity HAVING min(fingerprint) <> max(fingerprint)",
            (*identities, run.target, run.operation),
        )

    def are_unknown(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[bool]:
        """Return for each delivery True when nothing is known of it or its contact, and no twin is among them."""
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
        found = self._db.execute(_SAME_DELIVERY, key_of(run, delivery)).fetchone()
        known = Known._make(found) if found else None
        block = find_block(self, run, delivery, known)
        if block is None:
            self._intend(run, [delivery])
        return block or grant(known)

    def _intend(self, run: RunRecord, deliveries: Sequence[Delivery]) -> None:
        if not deliveries:
            return
        now = time.time()
        values: list[Any] = []
        for delivery in deliveries:
            values += (*key_of(run, delivery), delivery.identity, run.id, delivery.row, now, now)
        self._db.execute(_INTEND.format(rows=", ".join([_INTEND_ROW] * len(deliveries))), values)

    def find_later_values(self, run: RunRecord, delivery: Delivery, known: Known) -> Iterable[Known]:
        """Return other values confirmed under the same vendor's id since, in runs over other files."""
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
        return self._of_other_files(run, found)

    def is_superseded(self, run: RunRecord, delivery: Delivery, settled_at: float) -> bool:
        """Return True when other values were set on the contact since: then the same must be set again."""
        values = (delivery.identity, run.target, run.operation, delivery.fingerprint, settled_at)
        return self._db.execute(_SUPERSEDED, values).fetchone() is not None

    def find_other_values(self, run: RunRecord, delivery: Delivery) -> Iterable[Known]:
        """Return other values that may have been applied by runs over other files."""
        if delivery.identity is None:
            return []
        values = (delivery.identity, run.target, run.operation, delivery.fingerprint, run.id)
        return self._of_other_files(run, self._db.execute(_OTHER_VALUES, values))

    def find_same_row(self, run: RunRecord, delivery: Delivery) -> Iterable[Known]:
        """Return the other bodies that were made of a row to fix, by imports of its file or of other reports of it."""
        runs = self._runs_of_origin(run) if delivery.row <= run.options.get("origin_last", 0) else ()
        if not runs:
            return []
        statement = _SAME_ROW.format(runs=_marks(runs))
        values = (delivery.row, run.target, run.operation, delivery.fingerprint, *runs)
        return [Known._make(found) for found in self._db.execute(statement, values)]

    def _of_other_files(self, run: RunRecord, found: Iterable[Any]) -> list[Known]:
        same_file = self._runs_of_file(run.file_sha256)
        return [known for row in found if (known := Known._make(row)).run not in same_file]

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
