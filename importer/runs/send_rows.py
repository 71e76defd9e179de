"""A run's sending: the rows that are to be sent, then the contacts that have changed; what came of both."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import polars as pl

from importer.errors import JournalError
from importer.journal import Journal, RunRecord
from importer.model.delivery import Delivery, RowResult
from importer.model.status import Status
from importer.model.summary import Requests, Traffic
from importer.run_store.request_log import add_part, all_parts
from importer.run_store.result_log import ResultLog
from importer.run_store.run_folder import RunFolder, state_folder
from importer.run_store.spool import Spool
from importer.runs.changed_fields import describe_differences
from importer.runs.liveness import release_if_dead
from importer.runs.run import ImportRun
from importer.runs.updates import Updates, find_update_operation
from importer.runs.write_reports import SendResult
from schemas.contract import Operation

if TYPE_CHECKING:
    from importer.sending.session import SessionResult


class RowSender:
    """Sends rows of one job, and keeps their results."""

    def __init__(self, job: ImportRun, spool: Spool, results: ResultLog, journal: Journal) -> None:
        from importer.sending.target import find_target

        self._job = job
        self._target = find_target(job.vendor, job.settings.base_url, job.settings.api_key)
        self._spool = spool
        self._results = results
        self._journal = journal
        self._state_dir = state_folder(job.settings.state_dir)
        self._changed: list[RowResult] = []

    def send(self, record: RunRecord, skipped: pl.Series, occurrences: dict[int, int]) -> SendResult:
        """Send all rows but the skipped ones; ``occurrences`` says how many times an equal row came before each."""
        job, prepared = self._job, self._job.prepared
        if prepared.invalid and job.settings.on_invalid == "abort":
            return SendResult(f"{prepared.invalid} rows are invalid, and --on-invalid abort was asked for")
        update = find_update_operation(job.vendor, job.settings)
        job.observer.sending(prepared.rows - prepared.invalid - skipped.len(), self._target.base_url)
        job.observer.stage("sending")
        begun = time.perf_counter()
        deliveries = build_deliveries(job, self._spool, skipped, occurrences)
        sent = self._session(job.operation, record, deliveries, lambda result: self._took(result, update))
        if self._changed:
            sent = self._settle_changed(update, sent)
        seconds = time.perf_counter() - begun
        return SendResult(sent.stopped, sent.interrupted, *requests_of(job, self._journal), seconds)

    def _took(self, result: RowResult, update: Operation | None) -> None:
        if result.status is Status.CHANGED:
            self._changed.append(result)  # what differs is looked up for all of them at once
        else:
            self._results.add(result)
        if result.status is not Status.CHANGED or update is None:
            self._job.observer.sent(result)

    def _settle_changed(self, update: Operation | None, sent: SessionResult) -> SessionResult:
        """Hold changed contacts back, or update those that are to be updated and that are known for certain."""
        held = self._changed
        if update is not None:
            updates = Updates(self._job, update, self._spool, self._journal)
            sure, held = updates.split_certain(self._changed)
            for result in held:
                self._job.observer.sent(result)
            if sure and not sent.stopped:
                self._job.observer.stage("updating changed contacts")
                done: list[RowResult] = []
                sent = self._session(
                    update, updates.record, updates.deliveries(sure), lambda result: self._updated(result, done)
                )
                with contextlib.suppress(JournalError):  # the next part of the run, or the next run, makes up for it
                    updates.record_as_created(done)
        for result in describe_differences(held, self._spool, self._state_dir):
            self._results.add(result)
        return sent

    def _updated(self, result: RowResult, done: list[RowResult]) -> None:
        self._results.add(result)
        done.append(result)
        self._job.observer.sent(result)

    def _session(
        self,
        operation: Operation,
        record: RunRecord,
        deliveries: Iterator[Delivery],
        took: Callable[[RowResult], None],
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
            on_result=took,
            release_if_dead=lambda owner: release_if_dead(self._state_dir, owner),
            on_answer=job.observer.answered,
            on_steering=job.observer.steering,
        )
        add_part(RunFolder(self._state_dir, job.run).path, sent.requests, sent.traffic)
        return sent


def requests_of(job: ImportRun, journal: Journal) -> tuple[Requests, tuple[Traffic, ...]]:
    """What all parts of a run sent: as each noted when it ended, and of a killed one what the journal knows."""
    requests, traffic = all_parts(RunFolder(state_folder(job.settings.state_dir), job.run).path)
    with contextlib.suppress(JournalError):  # a journal that fails has stopped the run already, and that is told
        requests.sent = max(requests.sent, journal.attempts(job.run))
    return requests, traffic


def build_deliveries(
    job: ImportRun, spool: Spool, skipped: pl.Series, occurrences: dict[int, int]
) -> Iterator[Delivery]:
    """The requests of all valid rows but these, in the order of the file."""
    from importer.sending.payload import PayloadBuilder

    builder = PayloadBuilder(job.operation, job.prepared.mapping.fields)
    for frame in spool.fields():
        yield from builder.deliveries(frame.filter(~pl.col("row").is_in(skipped.implode())), occurrences)
