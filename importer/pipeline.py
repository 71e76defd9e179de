"""One import, from file to report. READ THIS FIRST.

    file ─▶ reading ─▶ mapping ─▶ cleaning ─▶ checking ─▶ sending ⇄ vendor ─▶ reporting ─▶ files
                                                  │           ▲
                                                  ▼           │
                                                spool      journal

``check_file`` goes as far as checking and reports what would be sent. ``run_import`` sends it. ``resume_run`` goes on
with a run that did not end. All print nothing: they tell an Observer, and return a Summary.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from importer.errors import SettingsError
from importer.finish import Ending, make_output, report
from importer.job import Job, job_of
from importer.journal import Journal, RunRecord, open_journal
from importer.journal.folder import RunFolder, new_run_id, state_folder
from importer.journal.owners import bury_the_dead, give_up_if_dead
from importer.journal.results import ResultLog
from importer.journal.spool import Spool, find_twins
from importer.observer import Observer
from importer.prepare import find_operation, prepare
from importer.records import Delivery, RowResult, Status, Summary
from importer.settings import Settings


def check_file(file: Path | str, settings: Settings, observer: Observer | None = None) -> Summary:
    """Read, map, clean and check a file, and report; nothing is sent, no key or address is needed.

    Raises SetupError when the file, the contract or the settings cannot be used.
    """
    observer, file = observer or Observer(), Path(file)
    begun = time.perf_counter()
    vendor, operation = find_operation(settings)
    with tempfile.TemporaryDirectory(prefix="contact-importer-") as folder:
        spool = Spool(Path(folder))
        prepared = prepare(file, settings, operation, spool, observer)
        spool.finish({})
        twins, _ = _twins(spool, settings)
        job = Job(new_run_id(), file, settings, vendor, operation, prepared, observer)
        return report(job, spool, ResultLog(Path(folder)), twins, Ending(), begun)


def run_import(file: Path | str, settings: Settings, observer: Observer | None = None) -> Summary:
    """Import a file: everything ``check_file`` does, then send the good rows, each of them once.

    Raises SetupError before anything is sent, and InternalError when the counts do not add up.
    """
    from importer.sending.target import find_target, key_warning

    observer, file = observer or Observer(), Path(file)
    begun = time.perf_counter()
    vendor, operation = find_operation(settings)
    target = find_target(vendor, settings.base_url, settings.api_key)
    warning = key_warning(vendor, settings.api_key)
    if warning:
        observer.note(warning)
    state_dir = state_folder(settings.state_dir)
    journal = open_journal(state_dir)
    folder = RunFolder(state_dir, new_run_id())
    try:
        folder.take()
        bury_the_dead(journal, state_dir)
        spool = Spool(folder.path)
        try:
            prepared = prepare(file, settings, operation, spool, observer)
            job = Job(folder.path.name, file, settings, vendor, operation, prepared, observer, target.name)
            make_output(job.output)
        except BaseException:
            folder.release()
            folder.remove()
            raise
        spool.finish(job.plan())
        return _send_and_report(job, spool, folder, journal, begun)
    finally:
        folder.release()
        journal.close()


def resume_run(run: str | None, settings: Settings, observer: Observer | None = None) -> Summary:
    """Go on with a run that did not end (the latest one when ``run`` is None), without its file.

    Of ``settings`` only the key and the state folder count; the rest is the run's own. Raises SetupError when there is
    no such run, when another process works on it, or when its contract or key is another one by now.
    """
    from importer.sending.target import find_target

    begun = time.perf_counter()
    state_dir = state_folder(settings.state_dir)
    journal = open_journal(state_dir)
    try:
        bury_the_dead(journal, state_dir)
        record = _unfinished(journal, run)
        folder = RunFolder(state_dir, record.id)
        if not folder.path.exists() or not folder.take():
            raise SettingsError(f"run {record.id} cannot be taken up: it is at work now, or its rows are gone")
        try:
            spool = Spool(folder.path)
            plan = spool.plan()
            if plan is None:
                raise SettingsError(f"run {record.id} stopped before its rows were checked; import the file again")
            job = job_of(record, plan, settings, observer or Observer())
            if find_target(job.vendor, job.settings.base_url, settings.api_key).name != record.target:
                raise SettingsError(
                    f"run {record.id} began with another API key; two keys are two accounts, so use the same one"
                )
            return _send_and_report(job, spool, folder, journal, begun)
        finally:
            folder.release()
    finally:
        journal.close()


def find_run(run: str | None, state_dir: Path | None) -> RunRecord:
    """The run that ``resume_run`` would take up. Raises SettingsError when there is none."""
    chosen = state_folder(state_dir)
    journal = open_journal(chosen)
    try:
        bury_the_dead(journal, chosen)
        return _unfinished(journal, run)
    finally:
        journal.close()


def _unfinished(journal: Journal, run: str | None) -> RunRecord:
    runs = journal.runs()
    if run is not None:
        for record in runs:
            if record.id == run:
                return record
        raise SettingsError(f"there is no run {run!r}; the latest are {', '.join(entry.id for entry in runs[:5])}")
    for record in runs:
        if record.state in ("interrupted", "stopped"):
            return record
    raise SettingsError("there is no unfinished run")


def _send_and_report(job: Job, spool: Spool, folder: RunFolder, journal: Journal, begun: float) -> Summary:
    record = job.record()
    journal.begin_run(record)
    twins, occurrences = _twins(spool, job.settings)
    results = ResultLog(folder.path)
    done = _recall(job, journal, results)
    skipped = pl.concat([twins["row"], done]).unique()
    ending = _send(job, results, journal, record, _deliveries(job, spool, skipped, occurrences), skipped.len())
    if ending.interrupted:
        journal.give_up_intents(record.id)
    summary = report(job, spool, results, twins, ending, begun)
    state = "interrupted" if ending.interrupted else "stopped" if ending.stopped else "finished"
    journal.end_run(job.run, state, summary.rows, {str(status): count for status, count in summary.counts.items()})
    return summary


def _recall(job: Job, journal: Journal, results: ResultLog) -> pl.Series:
    """What an earlier part of this very run has settled: into its results, and as rows that need no sending."""
    rows: list[pl.Series] = [pl.Series("row", [], dtype=pl.UInt32)]
    for settled in journal.settled(job.run):
        # An update in doubt can be repeated, and a vendor that takes idempotency keys knows it again: offer it again.
        again = job.operation.repeatable or job.operation.idempotency is not None
        kept = [entry for entry in settled if not (again and entry[1] == "uncertain")]
        results.recall(kept, Status.UPDATED if job.operation.repeatable else Status.CREATED)
        rows.append(pl.Series("row", [entry[0] for entry in kept], dtype=pl.UInt32))
    return pl.concat(rows)


def _send(
    job: Job, results: ResultLog, journal: Journal, record: RunRecord, deliveries: Iterator[Delivery], skipped: int
) -> Ending:
    from importer.sending.session import send_rows
    from importer.sending.target import find_target

    prepared, settings = job.prepared, job.settings
    if prepared.invalid and settings.on_invalid == "abort":
        return Ending(f"{prepared.invalid} rows are invalid, and --on-invalid abort was asked for")
    target = find_target(job.vendor, settings.base_url, settings.api_key)
    job.observer.sending(prepared.rows - prepared.invalid - skipped, target.base_url)
    job.observer.stage("sending")

    def took(result: RowResult) -> None:
        results.add(result)
        job.observer.sent(result)

    state_dir = state_folder(settings.state_dir)
    begun = time.perf_counter()
    sent = send_rows(
        deliveries,
        vendor=job.vendor,
        operation=job.operation,
        target=target,
        settings=settings,
        journal=journal,
        run=record,
        on_result=took,
        give_up=lambda owner: give_up_if_dead(state_dir, owner),
    )
    return Ending(sent.stopped, sent.interrupted, sent.requests, time.perf_counter() - begun)


def _deliveries(job: Job, spool: Spool, skipped: pl.Series, occurrences: dict[int, int]) -> Iterator[Delivery]:
    from importer.sending.payload import PayloadBuilder

    builder = PayloadBuilder(job.operation, job.prepared.mapping.fields)
    for frame in spool.fields():
        yield from builder.deliveries(frame.filter(~pl.col("row").is_in(skipped.implode())), occurrences)


def _twins(spool: Spool, settings: Settings) -> tuple[pl.DataFrame, dict[int, int]]:
    """Rows not to be sent because an earlier row is the same; or, if they are to be, the how-many-th each is."""
    twins = find_twins(spool)
    if settings.duplicates != "send":
        return twins, {}
    numbered = twins.with_columns(nth=pl.int_range(1, pl.len() + 1).over("first"))
    return twins.clear(), dict(numbered.select("row", "nth").iter_rows())
