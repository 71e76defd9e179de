"""From a spool of checked rows to the reports: the second half of the way, shared by a run and its resuming."""

from __future__ import annotations

import time
from collections.abc import Iterator

import polars as pl

from importer.changes import with_differences
from importer.errors import JournalError
from importer.finish import Ending, report
from importer.job import Job
from importer.journal import Claim, Journal, RunRecord
from importer.journal.folder import RunFolder, state_folder
from importer.journal.owners import give_up_if_dead
from importer.journal.parts import add_part, all_parts
from importer.journal.results import ResultLog
from importer.journal.spool import Spool, find_twins
from importer.records import Delivery, RowResult, Status, Summary
from importer.settings import Settings


def deliver(job: Job, spool: Spool, folder: RunFolder, journal: Journal, begun: float) -> Summary:
    """Send what the journal does not know to be done, and report on every row."""
    record = job.record()
    # This process owns the run, so what is still intended is what an earlier part of it could not settle.
    journal.give_up_intents(record.id)
    journal.begin_run(record)
    twins, occurrences = twins_of(spool, job.settings)
    results = ResultLog(folder.path)
    done = _recall(job, journal, results, again=True)
    skipped = pl.concat([twins["row"], done]).unique()
    ending = _send(job, spool, results, journal, record, (skipped, occurrences))
    summary = report(job, spool, results, twins, ending, begun)
    state = "interrupted" if ending.interrupted else "stopped" if ending.stopped else "finished"
    try:
        journal.give_up_intents(record.id)
        _end(journal, state, summary)
    except JournalError:
        if not ending.stopped:
            raise
        # The journal is why it stopped, and the summary says so; who opens it next sees that the owner is gone.
    return summary


def report_again(job: Job, spool: Spool, folder: RunFolder, journal: Journal, begun: float) -> Summary:
    """Report on every row from what the journal knows by now; nothing is sent."""
    from importer.sending.results import held_back

    record = job.record()
    twins, occurrences = twins_of(spool, job.settings)
    results = ResultLog(folder.path)
    done = _recall(job, journal, results, again=False)
    skipped = pl.concat([twins["row"], done]).unique()
    status = _done(job)
    for delivery in deliveries_of(job, spool, skipped, occurrences):
        (answer,) = journal.peek(record, [delivery])
        if answer.claim not in (Claim.GRANTED, Claim.BUSY):
            results.add(held_back(delivery, answer, record.id, status))
    requests, traffic = all_parts(folder.path)
    summary = report(job, spool, results, twins, Ending(requests=requests, traffic=traffic), begun)
    _end(journal, "interrupted" if summary.counts[Status.NOT_ATTEMPTED] else "finished", summary)
    return summary


def deliveries_of(job: Job, spool: Spool, skipped: pl.Series, occurrences: dict[int, int]) -> Iterator[Delivery]:
    """The requests of all valid rows but these, in the order of the file."""
    from importer.sending.payload import PayloadBuilder

    builder = PayloadBuilder(job.operation, job.prepared.mapping.fields)
    for frame in spool.fields():
        yield from builder.deliveries(frame.filter(~pl.col("row").is_in(skipped.implode())), occurrences)


def twins_of(spool: Spool, settings: Settings) -> tuple[pl.DataFrame, dict[int, int]]:
    """Rows not to be sent because an earlier row is the same; or, if they are to be, the how-many-th each is."""
    twins = find_twins(spool)
    if settings.duplicates != "send":
        return twins, {}
    numbered = twins.with_columns(nth=pl.int_range(1, pl.len() + 1).over("first"))
    return twins.clear(), dict(numbered.select("row", "nth").iter_rows())


def _end(journal: Journal, state: str, summary: Summary) -> None:
    counts = {str(status): count for status, count in summary.counts.items()}
    journal.end_run(summary.run, state, summary.rows, counts)


def _done(job: Job) -> Status:
    return Status.UPDATED if job.operation.repeatable else Status.CREATED


def _recall(job: Job, journal: Journal, results: ResultLog, *, again: bool) -> pl.Series:
    """What an earlier part of this very run has settled: into its results, and as rows that need no sending.

    With ``again`` all that may be sent again is left out, and so offered once more: what could not be sent, and, of
    updates and of vendors that take idempotency keys, what is in doubt.
    """
    repeats = job.operation.repeatable or job.operation.idempotency is not None
    rows: list[pl.Series] = [pl.Series("row", [], dtype=pl.UInt32)]
    for settled in journal.settled(job.run):
        kept = [
            entry
            for entry in settled
            if not (again and (entry[1] == "released" or (entry[1] == "uncertain" and repeats)))
        ]
        results.recall(kept, _done(job))
        rows.append(pl.Series("row", [entry[0] for entry in kept], dtype=pl.UInt32))
    return pl.concat(rows)


def _send(
    job: Job,
    spool: Spool,
    results: ResultLog,
    journal: Journal,
    record: RunRecord,
    left_out: tuple[pl.Series, dict[int, int]],
) -> Ending:
    """Send all rows but those of ``left_out``, which also says how many times an equal row came before each."""
    from importer.sending.session import send_rows
    from importer.sending.target import find_target

    prepared, settings = job.prepared, job.settings
    if prepared.invalid and settings.on_invalid == "abort":
        return Ending(f"{prepared.invalid} rows are invalid, and --on-invalid abort was asked for")
    target = find_target(job.vendor, settings.base_url, settings.api_key)
    skipped, occurrences = left_out
    job.observer.sending(prepared.rows - prepared.invalid - skipped.len(), target.base_url)
    job.observer.stage("sending")

    changed: list[RowResult] = []

    def took(result: RowResult) -> None:
        if result.status is Status.CHANGED:
            changed.append(result)  # what differs is looked up for all of them at once
        else:
            results.add(result)
        job.observer.sent(result)

    state_dir = state_folder(settings.state_dir)
    begun = time.perf_counter()
    sent = send_rows(
        deliveries_of(job, spool, skipped, occurrences),
        vendor=job.vendor,
        operation=job.operation,
        target=target,
        settings=settings,
        journal=journal,
        run=record,
        on_result=took,
        give_up=lambda owner: give_up_if_dead(state_dir, owner),
    )
    if changed:
        for result in with_differences(changed, spool, state_dir):
            results.add(result)
    seconds = time.perf_counter() - begun
    folder = RunFolder(state_dir, job.run).path
    add_part(folder, sent.requests, sent.traffic)
    return Ending(sent.stopped, sent.interrupted, *all_parts(folder), seconds)
