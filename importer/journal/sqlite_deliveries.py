"""The deliveries table: settlements, status lines and reading. All within the caller's transaction.

A batch is written with a few statements for all of it, not a few for each delivery: every statement gives up the
interpreter's lock, and getting it back from a busy event loop takes far longer than the statement.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from importer.journal.claim_rules import read_evidence
from importer.journal.interface import RunRecord, Settlement, StatusLine, UncertainDelivery
from importer.model.delivery import (
    Delivery,
    Evidence,
    LookedUp,
    decode_lookup,
    encode_field_errors,
    encode_lookup,
    encode_notices,
)
from importer.model.status import Status

if TYPE_CHECKING:
    import polars as pl

ROWS_AT_ONCE = 32  # in one statement: SQLite takes at least 999 values in one
ROWS_READ_AT_ONCE = 50_000
KEY = "target = ? AND operation = ? AND fingerprint = ? AND occurrence = ?"
EVIDENCE = "vendor_id, http_status, attempts, code, message, sent_at, detail, notices, lookup_message"
# The planner does not know how many contacts share an identity (few) or a target (all), so the index is named.
SAME_CONTACT = "deliveries INDEXED BY deliveries_by_identity"
MARK_INTENTS_UNCERTAIN = (
    "UPDATE deliveries SET state = 'uncertain', code = 'interrupted', message = ?, settled_at = ?, "
    "attempts = attempts + 1, sent_at = coalesce(sent_at, intended_at) WHERE run = ? AND state = 'intended'"
)
_SETTLE = (
    "INSERT INTO deliveries (target, operation, fingerprint, occurrence, identity, run, row, first_intended_at, "
    "intended_at, state, {evidence}, settled_at) "
    "VALUES {rows} ON CONFLICT (target, operation, fingerprint, occurrence) DO UPDATE SET "
    "state = excluded.state, vendor_id = excluded.vendor_id, http_status = excluded.http_status, "
    "attempts = excluded.attempts, code = excluded.code, message = excluded.message, sent_at = excluded.sent_at, "
    "detail = excluded.detail, notices = excluded.notices, lookup_message = excluded.lookup_message, "
    "settled_at = excluded.settled_at"
)
_SETTLE_ROW = "(?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_STATUS_LINE = f"UPDATE deliveries SET http_status = ?, sent_at = ? WHERE {KEY} AND state = 'intended'"  # noqa: S608 - constants
_IS_OPEN = (
    f"SELECT 1 FROM deliveries WHERE {KEY} AND run = ? "  # noqa: S608 - constants
    "AND (state = 'intended' OR (state = 'uncertain' AND code = 'interrupted'))"
)
_FIRST_LOOKUP = f"UPDATE deliveries SET looked_at = ? WHERE {KEY}"  # noqa: S608 - constants
_UNCERTAIN = (
    f"SELECT row, fingerprint, occurrence, identity, first_intended_at, settled_at, looked_at, {EVIDENCE} "  # noqa: S608 - constants
    "FROM deliveries WHERE run = ? AND operation = ? AND state = 'uncertain' ORDER BY row"
)
# In the order of RESULT_SCHEMA.
_RESULTS = (
    "SELECT row, CASE state WHEN 'confirmed' THEN ? WHEN 'refused' THEN ? WHEN 'uncertain' THEN ? ELSE ? END, "  # noqa: S608 - constants
    f"{EVIDENCE} FROM deliveries "
    "WHERE run = ? AND operation = ? AND (state IN ('confirmed', 'refused', 'uncertain') "
    "OR (state = 'released' AND code = 'not_sent')) ORDER BY row"
)


class Deliveries:
    """The statements of one table, over a connection whose transactions are the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def settle(self, run: RunRecord, settlements: Sequence[tuple[Delivery, Settlement]]) -> None:
        """Write how deliveries ended."""
        for start in range(0, len(settlements), ROWS_AT_ONCE):
            part = settlements[start : start + ROWS_AT_ONCE]
            now = time.time()
            values: list[Any] = []
            for delivery, settlement in part:
                values += (*key_of(run, delivery), delivery.identity, run.id, delivery.row, str(settlement.state))
                values += (*write_evidence(settlement.evidence), now)
            self._db.execute(_SETTLE.format(evidence=EVIDENCE, rows=", ".join([_SETTLE_ROW] * len(part))), values)

    def record_status_lines(self, run: RunRecord, lines: Sequence[tuple[Delivery, StatusLine]]) -> None:
        """Write the status lines of answers whose bodies are still to come."""
        self._db.executemany(
            _STATUS_LINE, [(line.http_status, line.sent_at, *key_of(run, delivery)) for delivery, line in lines]
        )

    def is_open(self, run: RunRecord, delivery: Delivery) -> bool:
        """Return True while this run has sent a delivery, and its answer is not recorded."""
        found = self._db.execute(_IS_OPEN, (*key_of(run, delivery), run.id)).fetchone()
        return found is not None

    def record_lookups(self, run: str, lookups: Sequence[LookedUp]) -> None:
        """Write what the vendor had of rows."""
        self._db.executemany(
            "INSERT OR REPLACE INTO lookups (run, row, ids, shown, at) VALUES (?, ?, ?, ?, ?)",
            [(run, entry.row, *encode_lookup(entry), entry.at) for entry in lookups],
        )

    def list_lookups(self, run: str) -> dict[int, LookedUp]:
        """Return what the vendor had of the rows that a run looked up, by row."""
        found = self._db.execute("SELECT row, ids, shown, at FROM lookups WHERE run = ?", (run,))
        return {row: decode_lookup(row, *rest) for row, *rest in found}

    def record_first_lookup(self, run: RunRecord, delivery: Delivery, at: float) -> None:
        """Write when the vendor was first asked for an uncertain delivery's contact and had none."""
        self._db.execute(_FIRST_LOOKUP, (at, *key_of(run, delivery)))

    def list_uncertain(self, run: str, operation: str) -> list[UncertainDelivery]:
        """Return the uncertain deliveries of a run, by row."""
        return [
            UncertainDelivery(
                Delivery(row, fingerprint, identity, occurrence, "", b""),
                intended_at,
                settled_at,
                first_lookup_at,
                read_evidence(*evidence),
            )
            for row, fingerprint, occurrence, identity, intended_at, settled_at, first_lookup_at, *evidence in (
                self._db.execute(_UNCERTAIN, (run, operation))
            )
        ]

    def list_results(self, run: str, operation: str, confirmed: Status) -> Iterator[pl.DataFrame]:
        """Return the results of a run's settled rows, by row, in tables of ``RESULT_SCHEMA`` of bounded length."""
        from importer.model.result_table import to_table

        statuses = [str(status) for status in (confirmed, Status.REJECTED, Status.UNCERTAIN, Status.FAILED)]
        cursor = self._db.execute(_RESULTS, (*statuses, run, operation))
        while rows := cursor.fetchmany(ROWS_READ_AT_ONCE):
            yield to_table(rows)

    def find_vendor_ids(self, run: RunRecord, identity: bytes) -> frozenset[str]:
        """Return the ids of this contact in confirmed deliveries to the run's target."""
        found = self._db.execute(
            f"SELECT vendor_id FROM {SAME_CONTACT} "  # noqa: S608 - constants
            "WHERE identity = ? AND target = ? AND operation = ? AND state = 'confirmed'",
            (identity, run.target, run.operation),
        )
        return frozenset(vendor_id for (vendor_id,) in found)


def key_of(run: RunRecord, delivery: Delivery) -> tuple[str, str, bytes, int]:
    """Return the primary key of a delivery, in the order of ``KEY``."""
    return run.target, run.operation, delivery.fingerprint, delivery.occurrence


def write_evidence(known: Evidence) -> tuple[Any, ...]:
    """Return evidence in the order of ``EVIDENCE``."""
    return (
        known.vendor_id,
        known.http_status,
        known.attempts,
        known.code,
        known.message,
        known.sent_at,
        encode_field_errors(known.field_errors),
        encode_notices(known.notices),
        known.lookup_message or None,
    )
