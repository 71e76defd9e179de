"""The second half of a run, from its spooled rows to its reports: shared by a new run, a resumed and a resolved one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from importer.errors import JournalError
from importer.journal import Claim, Journal, RunState
from importer.model.result_table import to_results
from importer.model.status import Status, confirmed_status
from importer.model.summary import Summary
from importer.run_store.duplicates import find_duplicates
from importer.run_store.request_log import add_seconds, read_seconds
from importer.run_store.result_log import ResultLog
from importer.run_store.row_set import RowSet
from importer.run_store.run_folder import RunFolder
from importer.run_store.spool import Spool
from importer.runs.matching import make_matcher, split_updates
from importer.runs.run import ImportRun
from importer.runs.second_step import SecondSteps
from importer.runs.send_rows import RowSender, build_deliveries, count_requests
from importer.runs.updates import Updates
from importer.runs.write_reports import SendResult, prepare_output_folder, write_reports
from importer.settings import Settings
from schemas.contract import Operation


def deliver(job: ImportRun, spool: Spool, folder: RunFolder, journal: Journal, begun: float) -> Summary:
    """Send the rows that the journal does not know to be done, and report on every row."""
    record = job.record()
    # This process owns the run, so what is still intended is what an earlier part of it could not settle.
    journal.mark_intents_uncertain(record.id)
    duplicates, occurrences = duplicates_of(spool, job.settings)
    results = ResultLog(folder.path)
    settled = _restore_results(job, spool, journal, results, resend=True)
    skipped = RowSet(pl.concat([duplicates["row"], settled]))
    sender = RowSender(job, spool, results, journal, duplicates)
    sender.announce(record, skipped, occurrences)
    if not job.started:  # a new run; not before the announcement, at which a person may say no
        prepare_output_folder(job.output, job.observer)
    journal.start_run(record)
    sending = replace(sender.send(record, skipped, occurrences), earlier_seconds=read_seconds(folder.path))
    try:
        summary = write_reports(job, spool, results, duplicates, sending, begun)
    except JournalError:
        journal.reject_replaced()  # what is wrong with the whole state folder comes before what a file of it lacks
        raise
    add_seconds(folder.path, summary.seconds)
    state = RunState.FINISHED
    if sending.stopped:
        state = RunState.INTERRUPTED if sending.interrupted else RunState.STOPPED
    try:
        journal.mark_intents_uncertain(record.id)
        _end_run(journal, state, summary)
    except JournalError:
        if not sending.stopped:
            raise
        # The journal is why it stopped, and the summary says so; who opens it next sees that the owner is gone.
    return summary


def report_again(job: ImportRun, spool: Spool, folder: RunFolder, journal: Journal, begun: float) -> Summary:
    """Report on every row from what the journal knows by now; nothing is sent."""
    from importer.sending.row_results import held_back

    record = job.record()
    duplicates, occurrences = duplicates_of(spool, job.settings)
    results = ResultLog(folder.path)
    settled = _restore_results(job, spool, journal, results, resend=False)
    skipped = RowSet(pl.concat([duplicates["row"], settled]))
    status = _confirmed_status(job.operation)
    can_update = job.context.can_update_changed
    matcher = make_matcher(job, spool, journal, duplicates)
    for delivery in build_deliveries(job, spool, skipped, occurrences):
        (answer,) = journal.preview_claims(record, [delivery])
        if matcher is not None and answer.claim in (Claim.GRANTED, Claim.BUSY, Claim.CHANGED):
            if known := matcher.recall(delivery):
                results.add(known)
        elif answer.claim not in (Claim.GRANTED, Claim.BUSY):
            results.add(held_back(delivery, answer, record.id, status, can_update=can_update))
    for ambiguous in split_updates(matcher.updates)[1] if matcher else ():
        results.add(ambiguous)
    if job.operation.then is not None:
        SecondSteps(job, job.operation.then, spool, results, journal, duplicates).report()
    requests, traffic = count_requests(job, journal)
    sent = SendResult(requests=requests, traffic=traffic, earlier_seconds=read_seconds(folder.path))
    summary = write_reports(job, spool, results, duplicates, sent, begun)
    add_seconds(folder.path, summary.seconds)
    is_unfinished = summary.counts[Status.NOT_ATTEMPTED]
    _end_run(journal, RunState.INTERRUPTED if is_unfinished else RunState.FINISHED, summary)
    return summary


def duplicates_of(spool: Spool, settings: Settings) -> tuple[pl.DataFrame, dict[int, int]]:
    """Return the rows to skip because an earlier row is the same, and the occurrence of each that is sent all the same.

    Where duplicates are sent there are none to skip: the second of equal rows is occurrence 1, and so on.
    """
    duplicates = find_duplicates(spool)
    if settings.duplicates != "send":
        return duplicates, {}
    numbered = duplicates.with_columns(nth=pl.int_range(1, pl.len() + 1).over("first"))
    return duplicates.clear(), dict(numbered.select("row", "nth").iter_rows())


def _end_run(journal: Journal, state: RunState, summary: Summary) -> None:
    counts = {str(status): count for status, count in summary.counts.items()}
    journal.end_run(summary.run, state, summary.rows, counts)


def _confirmed_status(operation: Operation) -> Status:
    return confirmed_status(operation.method, repeatable=operation.repeatable)


def _restore_results(job: ImportRun, spool: Spool, journal: Journal, results: ResultLog, *, resend: bool) -> pl.Series:
    """Put what earlier parts of this run settled into its results; return those rows, which need no sending.

    With ``resend``, rows that may be sent again are left out, and so are offered once more.
    """
    rows = [pl.Series("row", [], dtype=pl.UInt32)]
    update = job.context.update_operation
    if update is not None:
        for settled in _settled_results(job, journal, update, resend=resend):
            results.add_table(settled)
            rows.append(settled["row"])
            if resend:  # a process that was killed may not have recorded what it updated as created
                Updates(job, update, spool, journal).record_as_created(to_results(settled))
    updated = RowSet(pl.concat(rows))
    for settled in _settled_results(job, journal, job.operation, resend=resend):
        created = updated.drop(settled)  # an updated row is recorded as created, too
        results.add_table(created)
        rows.append(created["row"])
    return pl.concat(rows)


def _settled_results(job: ImportRun, journal: Journal, operation: Operation, *, resend: bool) -> Iterator[pl.DataFrame]:
    """Yield the results of one operation; with ``resend`` without those of rows that may be sent again.

    These could not be sent, or are uncertain and of an operation that may be repeated.
    """
    left_out: list[str] = []
    if resend:
        may_repeat = operation.repeatable or operation.idempotency is not None
        left_out = [Status.FAILED, Status.UNCERTAIN] if may_repeat else [Status.FAILED]
    for settled in journal.list_results(job.id, operation.name, _confirmed_status(operation)):
        yield settled.filter(~pl.col("status").is_in([str(status) for status in left_out]))
