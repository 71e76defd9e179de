"""``check --against-vendor``: look up what the vendor has of each row, and keep the differences. Nothing is changed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from importer.journal import Journal
from importer.model.comparison import ComparedContact, Comparison, Difference, FieldChange
from importer.model.delivery import Delivery, LookedUp, RowResult
from importer.model.status import Status
from importer.run_store.result_log import ResultLog
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool
from importer.runs.matching import RowMatcher
from importer.runs.run import ImportRun
from importer.runs.send_rows import build_deliveries
from importer.runs.write_reports import SendResult

if TYPE_CHECKING:
    from importer.sending.matching import Next

_DIFFERENCES = {Status.EXISTS: Difference.EXISTS, Status.AMBIGUOUS: Difference.AMBIGUOUS}
# With --match, a run would end these rows so; the others would be sent.
_NOT_SENT = (Status.EXISTS, Status.AMBIGUOUS, Status.SKIPPED)


class _Comparer(RowMatcher):
    """Compares the contacts that are found, and keeps nothing in the journal."""

    is_kept = False

    def __init__(self, *arguments: Any, on_found: Callable[[LookedUp], None]) -> None:
        super().__init__(*arguments)
        self._on_found = on_found
        self.found: dict[int, ComparedContact] = {}
        self.changes: list[FieldChange] = []

    def decide(self, delivery: Delivery, found: LookedUp) -> RowResult | Next:
        """Return what a run would make of a row; one that it would send is ``VALID``."""
        self._on_found(found)
        if not found.ids:
            self._add(delivery.row, Difference.CREATE)
        elif len(found.ids) == 1:
            (vendor_id,) = found.ids
            changes = self.plan(delivery, found).changes
            self._add(delivery.row, Difference.UPDATE if changes else Difference.EXISTS, vendor_id)
            self.changes += [
                FieldChange(
                    delivery.row, vendor_id, change.field, _text(change.old, change.is_shown), _text(change.new)
                )
                for change in changes
            ]
        decided = super().decide(delivery, found)
        return decided if isinstance(decided, RowResult) else RowResult(delivery.row, Status.VALID)

    def _add(self, row: int, difference: Difference, vendor_id: str = "") -> None:
        self.found[row] = ComparedContact(row, difference, vendor_id)

    def note(self, result: RowResult) -> None:
        """Add a row of which the look-up did not decide."""
        if result.row not in self.found:
            difference = _DIFFERENCES.get(result.status, Difference.UNKNOWN)
            message = result.evidence.message
            self.found[result.row] = ComparedContact(result.row, difference, message=message)


def compare_with_vendor(
    run: ImportRun,
    spool: Spool,
    duplicates: pl.DataFrame,
    journal: Journal,
    results: ResultLog,
    on_found: Callable[[LookedUp], None] = lambda _: None,
) -> SendResult:
    """Look up the rows, or a sample of them, at the usual pace, and return what was found; ``on_found`` gets each.

    With ``--match``, what a run would not send goes into the results, with its status.
    """
    from importer.sending.session import send_rows

    target = run.context.target
    comparer = _Comparer(
        run.context.comparison, run.operation, run.prepared.mapping.fields, {}, target.secret, on_found=on_found
    )
    skipped = RowSet(duplicates["row"])
    comparer.find_shared_rows(spool, skipped)
    rows = run.prepared.rows - run.prepared.invalid - run.prepared.skipped - len(skipped)
    count = min(rows, run.settings.sample or rows)
    seconds = count / (run.settings.rate or run.vendor.pace.rate)
    run.observer.on_note(
        f"looking up {count:,} rows at {target.base_url}: about {seconds:,.0f} seconds at this pace; nothing is changed"
    )
    run.observer.on_stage("comparing with the vendor")
    begun = time.perf_counter()

    def on_result(result: RowResult) -> None:
        comparer.note(result)
        if run.context.match and result.status in _NOT_SENT:
            results.add(result)
        run.observer.on_row_done(result)

    sent = send_rows(
        _sample(build_deliveries(run, spool, skipped, {}), rows, count),
        vendor=run.vendor,
        operation=run.operation,
        target=target,
        settings=run.settings,
        journal=journal,
        run=replace(run.record(), target=target.name),
        on_result=on_result,
        release_if_dead=lambda _: None,
        on_answer=run.observer.on_response,
        on_steering=run.observer.on_control,
        on_note=run.observer.on_note,
        matcher=comparer,
    )
    found = Comparison(
        rows,
        tuple(contact for _, contact in sorted(comparer.found.items())),
        tuple(sorted(comparer.changes, key=lambda change: change.row)),
    )
    return SendResult(
        sent.stopped, sent.interrupted, sent.requests, seconds=time.perf_counter() - begun, comparison=found
    )


def _sample(deliveries: Iterator[Delivery], rows: int, count: int) -> Iterator[Delivery]:
    """Yield ``count`` of ``rows`` deliveries, evenly spread over the file."""
    for index, delivery in enumerate(deliveries):
        if (index + 1) * count // rows > index * count // rows:
            yield delivery


def _text(value: Any, is_shown: bool = True) -> str | None:  # noqa: FBT001, FBT002 - as Change has it
    if not is_shown:
        return None
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
