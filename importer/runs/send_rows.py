"""The sending of a run: first the rows to send, then the contacts that have changed, with the results of both."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import polars as pl

from importer.errors import JournalError
from importer.journal import Claim, Journal, RunRecord
from importer.model.delivery import Delivery, RowResult
from importer.model.result_table import to_results
from importer.model.send_plan import SendPlan
from importer.model.status import Status, confirmed_status
from importer.model.summary import Requests, Traffic
from importer.run_store.request_log import add_part, all_parts
from importer.run_store.result_log import ResultLog
from importer.run_store.row_set import RowSet
from importer.run_store.run_folder import RunFolder
from importer.run_store.spool import Spool
from importer.runs.changed_fields import describe_differences
from importer.runs.contact_changes import build_update
from importer.runs.held_back import count_held_back
from importer.runs.liveness import release_if_dead
from importer.runs.matching import RowMatcher, make_matcher, split_updates
from importer.runs.run import ImportRun
from importer.runs.second_step import SecondSteps
from importer.runs.updates import Updates
from importer.runs.write_reports import SendResult
from schemas.contract import Operation, SecondStep

if TYPE_CHECKING:
    from importer.sending.session import SessionResult


ROWS_PREVIEWED_AT_ONCE = 400


class RowSender:
    """Sends the rows of one run and records their results. ``duplicates`` (``row``, ``first``) are not sent."""

    def __init__(
        self, job: ImportRun, spool: Spool, results: ResultLog, journal: Journal, duplicates: pl.DataFrame
    ) -> None:
        self._job = job
        self._target = job.context.target
        self._spool = spool
        self._results = results
        self._journal = journal
        self._state_dir = job.context.state_dir
        self._changed: list[RowResult] = []
        self._matcher: RowMatcher | None = None
        self._duplicates = duplicates
        # The rows that the journal keeps from being sent, changed ones apart. On disk: there may be millions.
        self._known = ResultLog(RunFolder(self._state_dir, job.id).path, "known")

    def send(self, record: RunRecord, skipped: RowSet, occurrences: dict[int, int]) -> SendResult:
        """Send all valid rows but the skipped ones; ``occurrences`` counts the equal rows before a row, by row."""
        job, prepared = self._job, self._job.prepared
        if prepared.invalid and job.settings.on_invalid == "abort":
            return SendResult(f"{prepared.invalid} rows are invalid, and --on-invalid abort was asked for")
        update = job.context.update_operation if self._matcher is None else None
        job.observer.on_stage("sending")
        begun = time.perf_counter()
        skipped = self._report_known(skipped)
        deliveries = build_deliveries(job, self._spool, skipped, occurrences)
        sent = self._send_session(
            job.operation, record, deliveries, lambda result: self._on_result(result, update), self._matcher
        )
        if self._changed:
            sent = self._finish_changed(update, sent)
        if self._matcher is not None and self._matcher.updates:
            sent = self._update_matched(self._matcher, sent)
        if job.operation.then is not None:
            sent = self._send_second_steps(job.operation.then, sent)
        seconds = time.perf_counter() - begun
        requests, traffic = count_requests(job, self._journal)
        return SendResult(sent.stopped, sent.interrupted, requests, traffic, seconds, found_no_api=sent.found_no_api)

    def announce(self, record: RunRecord, skipped: RowSet, occurrences: dict[int, int]) -> None:
        """Tell the observer how many rows will be sent; it may ask, and raise. Nothing is recorded or sent before."""
        prepared = self._job.prepared
        if prepared.invalid and self._job.settings.on_invalid == "abort":
            return
        self._matcher = make_matcher(self._job, self._spool, self._journal, self._duplicates, self._target.secret)
        known = Counter[Status]()
        for result in self._find_known(record, skipped, occurrences):
            if result.status is Status.CHANGED and self._matcher is not None:
                continue  # the vendor is asked what it has
            known[result.status] += 1
            if result.status is Status.CHANGED:
                self._changed.append(result)
            else:
                self._known.add(result)
        rows = prepared.rows - prepared.invalid - prepared.skipped - len(skipped) - known.total()
        held = count_held_back(self._spool, self._duplicates.height, known)
        looked_up, seconds = self._plan_lookups(skipped, occurrences, rows)
        plan = SendPlan(
            rows,
            self._job.vendor.title,
            self._target.base_url,
            held,
            looked_up,
            seconds,
            self._job.operation.method == "DELETE",
        )
        if plan.lookups:
            self._job.observer.on_note(plan.lookup_text)
        if (step := self._job.operation.then) is not None:
            self._job.observer.on_note(f"second step: each contact is then sent to {step.operation.name}")
        self._job.observer.on_send_planned(plan)
        self._job.observer.on_send_starting(rows, self._target.base_url)

    def _plan_lookups(self, skipped: RowSet, occurrences: dict[int, int], rows: int) -> tuple[int, float]:
        """Return how many look-ups there will be, and the seconds that they take with the rows at the first pace."""
        job = self._job
        if self._matcher is None:
            return 0, 0.0
        rows_of_known = [table["row"] for table in self._known.tables()]
        left = skipped.union(pl.concat(rows_of_known)) if rows_of_known else skipped
        count = self._matcher.count_unknown(build_deliveries(job, self._spool, left, occurrences))
        return count, (count + rows) / (job.settings.rate or job.vendor.pace.rate)

    def _find_known(self, record: RunRecord, skipped: RowSet, occurrences: dict[int, int]) -> Iterator[RowResult]:
        """Yield the results of rows that the journal keeps from being sent, without claiming any."""
        from importer.sending.row_results import held_back

        if not self._journal.has_other_deliveries(record):
            return  # what this run itself has sent is among the skipped rows already
        done = confirmed_status(self._job.operation.method, repeatable=self._job.operation.repeatable)
        can_update = self._job.context.can_update_changed
        deliveries = build_deliveries(self._job, self._spool, skipped, occurrences)
        while chunk := list(itertools.islice(deliveries, ROWS_PREVIEWED_AT_ONCE)):
            for delivery, answer in zip(chunk, self._journal.preview_claims(record, chunk), strict=True):
                if answer.claim not in (Claim.GRANTED, Claim.BUSY):
                    yield held_back(delivery, answer, record.id, done, can_update=can_update)

    def _report_known(self, skipped: RowSet) -> RowSet:
        """Report the rows that need no request, which so need not keep to the vendor's pace; return all to skip."""
        rows = [pl.Series("row", [result.row for result in self._changed], dtype=pl.UInt32)]
        if self._job.context.update_operation is None or self._matcher is not None:
            for result in self._changed:
                self._job.observer.on_row_done(result)
        for table in self._known.tables():
            self._results.add_table(table)
            rows.append(table["row"])
            for result in to_results(table):
                self._job.observer.on_row_done(result)
        self._known.clear()
        return skipped.union(pl.concat(rows))

    def _on_result(self, result: RowResult, update: Operation | None) -> None:
        if result.status is Status.CHANGED:
            self._changed.append(result)  # the fields that differ are looked up for all of them at once
        else:
            self._results.add(result)
        if result.status is not Status.CHANGED or update is None:
            self._job.observer.on_row_done(result)

    def _finish_changed(self, update: Operation | None, sent: SessionResult) -> SessionResult:
        """Update the changed contacts, if that is asked for and each is known for certain; report the others."""
        not_updated = self._changed
        if update is not None:
            updates = Updates(self._job, update, self._spool, self._journal)
            certain, not_updated = updates.split_certain(self._changed)
            for result in not_updated:
                self._job.observer.on_row_done(result)
            if certain and not sent.stopped:
                sent = self._send_updates(updates, updates.build_deliveries(certain))
        for result in describe_differences(not_updated, self._spool, self._state_dir):
            self._results.add(result)
        return sent

    def _send_updates(self, updates: Updates, deliveries: Iterator[Delivery]) -> SessionResult:
        self._job.observer.on_stage("updating changed contacts")
        updated: list[RowResult] = []

        def on_result(result: RowResult) -> None:
            self._results.add(result)
            updated.append(result)
            self._job.observer.on_row_done(result)

        sent = self._send_session(updates.operation, updates.record, deliveries, on_result)
        with contextlib.suppress(JournalError):  # the next part of the run, or the next run, makes up for it
            updates.record_as_created(updated)
        return sent

    def _update_matched(self, matcher: RowMatcher, sent: SessionResult) -> SessionResult:
        """Update the contacts that the vendor has already, as far as each is meant by one row."""
        assert matcher.rule.update is not None  # noqa: S101 - the updates come from it
        certain, ambiguous = split_updates(matcher.updates)
        for result in ambiguous:
            self._results.add(result)
            self._job.observer.on_row_done(result)
        if not certain or sent.stopped:
            return sent
        updates = Updates(self._job, matcher.rule.update, self._spool, self._journal)
        return self._send_updates(updates, (build_update(updates.operation, update) for update in certain))

    def _send_second_steps(self, step: SecondStep, sent: SessionResult) -> SessionResult:
        """Send what follows for each contact that is there, unless the run has stopped."""
        steps = SecondSteps(self._job, step, self._spool, self._results, self._journal, self._duplicates)
        if sent.stopped:
            steps.report()
            return sent
        self._job.observer.on_stage(f"second step: {step.operation.name}")
        return steps.send(
            lambda deliveries, on_result: self._send_session(step.operation, steps.record, deliveries, on_result)
        )

    def _send_session(
        self,
        operation: Operation,
        record: RunRecord,
        deliveries: Iterator[Delivery],
        on_result: Callable[[RowResult], None],
        matcher: RowMatcher | None = None,
    ) -> SessionResult:
        from importer.sending.session import send_rows

        job = self._job
        sent = send_rows(
            deliveries,
            vendor=job.vendor,
            operation=operation,
            target=self._target,
            settings=job.settings,
            journal=self._journal,
            run=record,
            on_result=on_result,
            release_if_dead=lambda owner: release_if_dead(self._journal, owner),
            on_answer=job.observer.on_response,
            on_steering=job.observer.on_control,
            on_note=job.observer.on_note,
            matcher=matcher,
        )
        add_part(RunFolder(self._state_dir, job.id).path, sent.requests, sent.traffic)
        return sent


def count_requests(job: ImportRun, journal: Journal) -> tuple[Requests, tuple[Traffic, ...]]:
    """Return the requests of all parts of a run, as each logged them; of a killed part, as the journal knows them."""
    requests, traffic = all_parts(RunFolder(job.context.state_dir, job.id).path)
    with contextlib.suppress(JournalError):  # a journal that fails has stopped the run already, and the summary says so
        requests.sent = max(requests.sent, journal.count_attempts(job.id))
    return requests, traffic


def build_deliveries(job: ImportRun, spool: Spool, skipped: RowSet, occurrences: dict[int, int]) -> Iterator[Delivery]:
    """Yield the requests of all valid rows but the skipped ones, in the order of the file."""
    from importer.sending.payload import PayloadBuilder

    builder = PayloadBuilder(job.operation, job.prepared.mapping.fields)
    for frame in spool.fields():
        yield from builder.deliveries(skipped.drop(frame), occurrences)
