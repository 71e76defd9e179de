"""The second step of a contact, such as adding it to a list: its own delivery, once for each contact and its values."""

from __future__ import annotations

import itertools
from array import array
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from importer.journal import Claim, Journal, RunRecord
from importer.model.delivery import Delivery, RowResult
from importer.model.second_step import STEP_PROBLEMS, step_code
from importer.model.status import Status, confirmed_status
from importer.run_store.result_log import ResultLog
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool
from importer.runs.run import ImportRun
from schemas.contract import SecondStep

if TYPE_CHECKING:
    from importer.sending.session import SessionResult

# A contact that the first step left alone is left alone by the second, too.
_HAS_CONTACT = [str(status) for status in (Status.CREATED, Status.UPDATED, Status.ALREADY_DONE)]
ROWS_AT_ONCE = 400


class SecondSteps:
    """The second steps of a run's contacts.

    ``results`` are those of the first step, and take what is open. ``duplicates`` are the rows (``row``, ``first``)
    that differ from an earlier row at most in what this step takes.
    """

    def __init__(
        self,
        job: ImportRun,
        step: SecondStep,
        spool: Spool,
        results: ResultLog,
        journal: Journal,
        duplicates: pl.DataFrame,
    ) -> None:
        from importer.sending.payload import PayloadBuilder

        self._job = job
        self.operation = step.operation
        self._step = step
        self._spool = spool
        self._results = results
        self._journal = journal
        self._done = confirmed_status(step.operation.method, repeatable=step.operation.repeatable)
        self._paths = [field.path for field in job.prepared.mapping.fields if field.step]
        own = [step.own_field(field) for field in job.prepared.mapping.fields if field.step]
        # The id is text in the journal, whatever it is in a body.
        self._is_number = step.id.type in ("integer", "number") and not step.id.in_path
        self._builder = PayloadBuilder(step.operation, [replace(step.id, type="string"), *own])
        self._duplicates = duplicates
        self._open: dict[int, RowResult] = {}
        self._confirmed = 0
        self._answered = array("I")

    @property
    def record(self) -> RunRecord:
        """The run as the journal sees it during this step."""
        created = self._job.record()
        ttl = self.operation.idempotency.ttl if self.operation.idempotency else 0.0
        # The contact's id and the values say which step it is, whatever file or report its row comes from.
        own = {"repeatable": self.operation.repeatable, "idempotency_ttl": ttl, "origin": "", "origin_last": 0}
        return replace(created, operation=self.operation.name, options=created.options | own)

    def send(
        self, send_session: Callable[[Iterator[Delivery], Callable[[RowResult], None]], SessionResult]
    ) -> SessionResult:
        """Send the steps that are open with ``send_session``, and return its result."""
        left = self._settle_known(resend=True)
        sent = send_session(self._build(left), self._on_result)
        self._report(left)
        return sent

    def report(self) -> None:
        """Put what the journal knows of the steps into the results; nothing is sent."""
        self._report(self._settle_known(resend=False))

    def _settle_known(self, *, resend: bool) -> RowSet:
        """Keep what earlier parts of the run, and other runs, settled. Return the rows whose step is open."""
        may_repeat = self.operation.repeatable or self.operation.idempotency is not None
        open_again = {Status.FAILED, Status.UNCERTAIN} if may_repeat else {Status.FAILED}
        settled = [pl.Series("row", [], dtype=pl.UInt32)]
        for table in self._journal.list_results(self._job.id, self.operation.name, self._done):
            kept = table.filter(~pl.col("status").is_in([str(status) for status in open_again])) if resend else table
            settled.append(kept["row"])
            self._keep(kept)
        left = array("I")
        known = set(pl.concat(settled))
        others = self._journal.has_other_deliveries(self.record)
        for chunk in _chunks(self._build(None)):
            waiting = [delivery for delivery in chunk if delivery.row not in known]
            if not others:
                left.extend(delivery.row for delivery in waiting)
                continue
            for delivery, answer in zip(waiting, self._journal.preview_claims(self.record, waiting), strict=True):
                if answer.claim is Claim.CONFIRMED:
                    self._confirmed += 1
                elif answer.claim is Claim.UNCERTAIN:
                    self._open[delivery.row] = RowResult(delivery.row, Status.UNCERTAIN, answer.evidence)
                else:
                    left.append(delivery.row)
        return RowSet(left)

    def _keep(self, settled: pl.DataFrame) -> None:
        from importer.model.result_table import to_results

        is_done = pl.col("status") == str(self._done)
        self._confirmed += settled.filter(is_done).height
        self._open |= {result.row: result for result in to_results(settled.filter(~is_done))}

    def _on_result(self, result: RowResult) -> None:
        self._answered.append(result.row)
        if result.status in (self._done, Status.ALREADY_DONE):
            self._confirmed += 1
        else:
            self._open[result.row] = result

    def _report(self, left: RowSet) -> None:
        """Put what is open into the results; of the rows that were ``left``, those without an answer were not sent."""
        answered = set(self._answered)
        self._open |= {row: RowResult(row, Status.NOT_ATTEMPTED) for row in left if row not in answered}
        records = [
            (row, step_code(result.status), _message(self.operation.name, result))
            for row, result in sorted(self._open.items())
        ]
        schema = {"row": pl.UInt32, "code": pl.String, "message": pl.String}
        self._results.amend(pl.DataFrame(records, schema, orient="row"))
        counts = Counter(result.status for result in self._open.values())
        open_texts = [f"{count:,} {status.replace('_', ' ')}" for status, count in counts.items()]
        self._job.observer.on_note(f"{self.operation.name}: {', '.join([f'{self._confirmed:,} done', *open_texts])}")

    def _build(self, wanted: RowSet | None) -> Iterator[Delivery]:
        """Yield the request of each row that has a contact and, unless none is needed, a cell for the step."""
        has_contact = pl.col("status").is_in(_HAS_CONTACT) & pl.col("id").is_not_null()
        tables = [table.filter(has_contact).select("row", "id") for table in self._results.tables()]
        if not tables:
            return
        ids = pl.concat(tables)
        twins = self._duplicates.join(ids, left_on="first", right_on="row").select("row", "id")
        alike = {*self._duplicates["row"], *self._duplicates["first"]}
        seen: set[bytes] = set()
        ids = pl.concat([ids, twins])
        for frame in self._spool.fields():
            rows = frame if wanted is None else wanted.select(frame)
            if not rows.height:
                continue
            near = ids.filter(pl.col("row").is_between(rows["row"][0], rows["row"][-1]))
            joined = rows.select("row", *self._paths).join(near, on="row", how="inner", maintain_order="left")
            for row, *values, vendor_id in joined.iter_rows():
                cells = [None if value == "" else value for value in values]
                if self._step.needs_no_cell or any(cell is not None for cell in cells):
                    delivery = self._builder.delivery(row, [self._as_sent(vendor_id), *cells])
                    if row in alike:
                        if delivery.fingerprint in seen:
                            continue
                        seen.add(delivery.fingerprint)
                    yield delivery

    def _as_sent(self, vendor_id: str) -> Any:
        return int(vendor_id) if self._is_number and vendor_id.isdecimal() else vendor_id


def _message(step: str, result: RowResult) -> str:
    return STEP_PROBLEMS[result.status].message.format(
        step=step, why=result.evidence.full_message or "no reason is given"
    )


def _chunks(deliveries: Iterator[Delivery]) -> Iterator[list[Delivery]]:
    while chunk := list(itertools.islice(deliveries, ROWS_AT_ONCE)):
        yield chunk
