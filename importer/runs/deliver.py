"""From a spool of checked rows to the reports: the second half of the way, shared by a run and its resuming."""

from __future__ import annotations

import polars as pl

from importer.errors import JournalError
from importer.journal import Claim, Journal
from importer.model.delivery import Evidence, RowResult
from importer.model.status import Status
from importer.model.summary import Summary
from importer.run_store.duplicates import find_duplicates
from importer.run_store.result_log import ResultLog
from importer.run_store.run_folder import RunFolder
from importer.run_store.spool import Spool
from importer.runs.run import ImportRun
from importer.runs.send_rows import RowSender, build_deliveries, requests_of
from importer.runs.updates import Updates
from importer.runs.write_reports import SendResult, write_reports
from importer.settings import Settings
from schemas.contract import Operation


def deliver(job: ImportRun, spool: Spool, folder: RunFolder, journal: Journal, begun: float) -> Summary:
    """Send what the journal does not know to be done, and report on every row."""
    record = job.record()
    # This process owns the run, so what is still intended is what an earlier part of it could not settle.
    journal.give_up_intents(record.id)
    journal.begin_run(record)
    twins, occurrences = duplicates_of(spool, job.settings)
    results = ResultLog(folder.path)
    done = _recall(job, spool, journal, results, again=True)
    skipped = pl.concat([twins["row"], done]).unique()
    ending = RowSender(job, spool, results, journal).send(record, skipped, occurrences)
    summary = write_reports(job, spool, results, twins, ending, begun)
    state = "interrupted" if ending.interrupted else "stopped" if ending.stopped else "finished"
    try:
        journal.give_up_intents(record.id)
        _end(journal, state, summary)
    except JournalError:
        if not ending.stopped:
            raise
        # The journal is why it stopped, and the summary says so; who opens it next sees that the owner is gone.
    return summary


def report_again(job: ImportRun, spool: Spool, folder: RunFolder, journal: Journal, begun: float) -> Summary:
    """Report on every row from what the journal knows by now; nothing is sent."""
    from importer.sending.row_results import held_back

    record = job.record()
    twins, occurrences = duplicates_of(spool, job.settings)
    results = ResultLog(folder.path)
    done = _recall(job, spool, journal, results, again=False)
    skipped = pl.concat([twins["row"], done]).unique()
    status = _done(job.operation)
    for delivery in build_deliveries(job, spool, skipped, occurrences):
        (answer,) = journal.peek(record, [delivery])
        if answer.claim not in (Claim.GRANTED, Claim.BUSY):
            results.add(held_back(delivery, answer, record.id, status))
    requests, traffic = requests_of(job, journal)
    summary = write_reports(job, spool, results, twins, SendResult(requests=requests, traffic=traffic), begun)
    _end(journal, "interrupted" if summary.counts[Status.NOT_ATTEMPTED] else "finished", summary)
    return summary


def duplicates_of(spool: Spool, settings: Settings) -> tuple[pl.DataFrame, dict[int, int]]:
    """Rows not to be sent because an earlier row is the same; or, if they are to be, the how-many-th each is."""
    twins = find_duplicates(spool)
    if settings.duplicates != "send":
        return twins, {}
    numbered = twins.with_columns(nth=pl.int_range(1, pl.len() + 1).over("first"))
    return twins.clear(), dict(numbered.select("row", "nth").iter_rows())


def _end(journal: Journal, state: str, summary: Summary) -> None:
    counts = {str(status): count for status, count in summary.counts.items()}
    journal.end_run(summary.run, state, summary.rows, counts)


def _done(operation: Operation) -> Status:
    return Status.UPDATED if operation.repeatable else Status.CREATED


def _recall(job: ImportRun, spool: Spool, journal: Journal, results: ResultLog, *, again: bool) -> pl.Series:
    """What an earlier part of this very run has settled: into its results, and as rows that need no sending.

    With ``again`` all that may be sent again is left out, and so offered once more: what could not be sent, and, of
    updates and of vendors that take idempotency keys, what is in doubt.
    """
    rows = pl.Series("row", [], dtype=pl.UInt32)
    update = job.context.update_operation
    for operation in (*([update] if update else ()), job.operation):  # what was updated is remembered as made, too
        repeats = operation.repeatable or operation.idempotency is not None
        before = frozenset(rows)
        for settled in journal.settled(job.id, operation.name):
            kept = [
                entry
                for entry in settled
                if entry[0] not in before
                and not (again and (entry[1] == "released" or (entry[1] == "uncertain" and repeats)))
            ]
            results.recall(kept, _done(operation))
            if again and update is not None and update is operation:
                # A process that was killed may not have come to remember what it updated.
                confirmed = [entry for entry in kept if entry[1] == "confirmed"]
                updated = [RowResult(row, Status.UPDATED, Evidence(*known)) for row, _, *known, _ in confirmed]
                Updates(job, operation, spool, journal).record_as_created(updated)
            rows = pl.concat([rows, pl.Series("row", [entry[0] for entry in kept], dtype=pl.UInt32)])
    return rows
