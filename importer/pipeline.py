"""One import, from file to report. READ THIS FIRST.

    file ─▶ reading ─▶ mapping ─▶ cleaning ─▶ checking ─▶ sending ⇄ vendor ─▶ reporting ─▶ files
                                                  │           ▲
                                                  ▼           │
                                                spool      journal

``check_file`` goes as far as checking and reports what would be sent. ``run_import`` sends it. Both print nothing:
they tell an Observer, and return a Summary.
"""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from importer.errors import ExitCode, SettingsError
from importer.journal import Journal, RunRecord, open_journal
from importer.journal.folder import RunFolder, new_run_id, state_folder
from importer.journal.results import ResultLog
from importer.journal.spool import Spool, find_twins
from importer.observer import Observer
from importer.prepare import Prepared, find_operation, prepare
from importer.records import RUN_STATUSES, Delivery, Requests, RowResult, Status, Summary, exit_code
from importer.reporting import Reporter, Rules, write_summary
from importer.settings import Settings
from schemas.contract import Operation, Vendor

FOREIGN_OWNER_SECONDS = 600.0


def check_file(file: Path | str, settings: Settings, observer: Observer | None = None) -> Summary:
    """Read, map, clean and check a file, and report; nothing is sent, no key or address is needed.

    Raises SetupError when the file, the contract or the settings cannot be used.
    """
    observer, file = observer or Observer(), Path(file)
    begun = time.perf_counter()
    vendor, operation = find_operation(settings)
    run = new_run_id()
    with tempfile.TemporaryDirectory(prefix="contact-importer-") as folder:
        spool = Spool(Path(folder))
        prepared = prepare(file, settings, operation, spool, observer)
        spool.finish({})
        twins, _ = _twins(spool, settings)
        job = _Job(run, file, settings, vendor, operation, prepared, observer)
        return _report(job, spool, ResultLog(Path(folder)), twins, _Ending(), begun)


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
        _tidy(journal, state_dir)
        spool = Spool(folder.path)
        try:
            prepared = prepare(file, settings, operation, spool, observer)
        except BaseException:
            folder.release()
            folder.remove()
            raise
        job = _Job(folder.path.name, file, settings, vendor, operation, prepared, observer, target.name)
        spool.finish(_plan(job))
        return _send_and_report(job, spool, folder, journal, begun)
    finally:
        folder.release()
        journal.close()


@dataclass(frozen=True, slots=True)
class _Job:
    """One run's fixed facts, handed from stage to stage."""

    run: str
    file: Path
    settings: Settings
    vendor: Vendor
    operation: Operation
    prepared: Prepared
    observer: Observer
    target: str | None = None

    @property
    def output(self) -> Path:
        return self.settings.output or Path(f"{self.file.stem}-{self.run}")


@dataclass(frozen=True, slots=True)
class _Ending:
    """How sending ended; its defaults are those of a check."""

    stopped: str = ""
    interrupted: bool = False
    requests: Requests | None = None
    seconds: float = 0.0


def _send_and_report(job: _Job, spool: Spool, folder: RunFolder, journal: Journal, begun: float) -> Summary:
    record = _record(job)
    journal.begin_run(record)
    twins, occurrences = _twins(spool, job.settings)
    results = ResultLog(folder.path)
    ending = _send(job, spool, results, journal, record, (twins, occurrences))
    if ending.interrupted:
        journal.give_up_intents(record.id)
    summary = _report(job, spool, results, twins, ending, begun)
    state = "interrupted" if ending.interrupted else "stopped" if ending.stopped else "finished"
    journal.end_run(job.run, state, summary.rows, {str(status): count for status, count in summary.counts.items()})
    return summary


def _send(
    job: _Job,
    spool: Spool,
    results: ResultLog,
    journal: Journal,
    record: RunRecord,
    twins: tuple[pl.DataFrame, dict[int, int]],
) -> _Ending:
    from importer.sending.session import send_rows
    from importer.sending.target import find_target

    prepared, settings = job.prepared, job.settings
    if prepared.invalid and settings.on_invalid == "abort":
        return _Ending(f"{prepared.invalid} rows are invalid, and --on-invalid abort was asked for")
    offered = prepared.rows - prepared.invalid - twins[0].height
    target = find_target(job.vendor, settings.base_url, settings.api_key)
    job.observer.sending(offered, target.base_url)
    job.observer.stage("sending")

    def took(result: RowResult) -> None:
        results.add(result)
        job.observer.sent(result)

    state_dir = state_folder(settings.state_dir)
    begun = time.perf_counter()
    sent = send_rows(
        _deliveries(job, spool, twins),
        vendor=job.vendor,
        operation=job.operation,
        target=target,
        settings=settings,
        journal=journal,
        run=record,
        on_result=took,
        give_up=lambda owner: _give_up(state_dir, owner),
    )
    return _Ending(sent.stopped, sent.interrupted, sent.requests, time.perf_counter() - begun)


def _deliveries(job: _Job, spool: Spool, twins: tuple[pl.DataFrame, dict[int, int]]) -> Iterator[Delivery]:
    from importer.sending.payload import PayloadBuilder

    builder = PayloadBuilder(job.operation, job.prepared.mapping.fields)
    skipped = twins[0]["row"].implode()
    for frame in spool.fields():
        yield from builder.deliveries(frame.filter(~pl.col("row").is_in(skipped)), twins[1])


def _twins(spool: Spool, settings: Settings) -> tuple[pl.DataFrame, dict[int, int]]:
    """Rows not to be sent because an earlier row is the same; or, if they are to be, the how-many-th each is."""
    twins = find_twins(spool)
    if settings.duplicates != "send":
        return twins, {}
    numbered = twins.with_columns(nth=pl.int_range(1, pl.len() + 1).over("first"))
    return twins.clear(), dict(numbered.select("row", "nth").iter_rows())


def _report(job: _Job, spool: Spool, results: ResultLog, twins: pl.DataFrame, ending: _Ending, begun: float) -> Summary:
    is_run = job.target is not None
    settings, prepared = job.settings, job.prepared
    job.observer.stage("writing the reports")
    reporting = time.perf_counter()
    _make_output(job.output)
    rules = Rules(Status.NOT_ATTEMPTED if is_run else Status.VALID, settings.duplicates == "error")
    reporter = Reporter(job.output, prepared.mapping.columns, prepared.columns_by_field(), rules)
    reporter.write(spool, results, twins, prepared.rows)
    statuses = RUN_STATUSES if is_run else tuple(Status)
    counts = {status: reporter.counts.get(status, 0) for status in statuses}
    code = exit_code(counts, stopped=bool(ending.stopped), duplicates_are_errors=rules.duplicates_are_errors)
    if ending.interrupted:
        code = ExitCode.INTERRUPTED
    path = job.output / "summary.json"
    now = time.perf_counter()
    summary = Summary(
        run=job.run,
        vendor=job.vendor.name,
        operation=job.operation.name,
        target=job.target,
        input=_input(prepared),
        counts=counts,
        problems=dict(reporter.problems.most_common()),
        warnings=dict(reporter.warnings.most_common()),
        requests=ending.requests or Requests(),
        seconds={
            **prepared.seconds,
            "send": ending.seconds,
            "report": now - reporting,
            "total": now - begun,
        },
        exit_code=code,
        outputs=reporter.outputs | {"summary": path},
        stopped=ending.stopped,
        mapping=_mapping(prepared),
        unused_columns=prepared.mapping.unused,
        notes=(*prepared.facts.notes, *prepared.mapping.notes),
        examples=reporter.examples(),
    )
    write_summary(summary, path)
    return summary


def _make_output(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "errors.xlsx").unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(f"--output {folder}: cannot be made or written ({error.strerror})") from error


def _input(prepared: Prepared) -> dict[str, Any]:
    facts = prepared.facts
    return {
        "path": facts.path,
        "sha256": facts.sha256,
        "sheet": facts.sheet,
        "encoding": facts.encoding,
        "delimiter": facts.delimiter,
        "rows": prepared.rows,
    }


def _mapping(prepared: Prepared) -> dict[str, str]:
    mapping = prepared.mapping
    return {
        feed.field.path: mapping.column_of(feed) if feed.column is not None else f"= {feed.constant}"
        for feed in mapping.feeds
    }


def _plan(job: _Job) -> dict[str, Any]:
    """What it takes to go on with the spooled rows without their file."""
    return {
        "vendor": str(job.vendor.file),
        "contract": job.vendor.digest,
        "operation": job.operation.name,
        "columns": list(job.prepared.mapping.columns),
        "feeds": [
            [feed.field.path, feed.column, feed.constant, feed.default, list(feed.more)]
            for feed in job.prepared.mapping.feeds
        ],
        "input": _input(job.prepared),
        "invalid": job.prepared.invalid,
    }


def _record(job: _Job) -> RunRecord:
    now = time.time()
    return RunRecord(
        id=job.run,
        file_name=job.file.name,
        file_sha256=job.prepared.facts.sha256,
        vendor=job.vendor.name,
        operation=job.operation.name,
        target=job.target or "",
        contract=job.vendor.digest,
        output=str(job.output.absolute()),
        options=_options(job.settings) | {"repeatable": job.operation.repeatable},
        rows=job.prepared.rows,
        host=socket.gethostname(),
        pid=os.getpid(),
        started=now,
        heartbeat=now,
    )


def _options(settings: Settings) -> dict[str, Any]:
    """What of the settings a later run needs to know; never the key."""
    names = ("base_url", "duplicates", "send_changed", "concurrency", "rate", "timeout", "max_tries")
    return {name: getattr(settings, name) for name in names}


def _tidy(journal: Journal, state_dir: Path) -> None:
    """Runs whose owner is dead: what they left intended may or may not have been applied."""
    for run in journal.runs():
        if run.state == "running" and not _is_alive(run, state_dir):
            journal.give_up_intents(run.id)
            journal.end_run(run.id, "interrupted", run.rows, run.counts)


def _is_alive(run: RunRecord, state_dir: Path) -> bool:
    if run.host != socket.gethostname():
        return time.time() - run.heartbeat < FOREIGN_OWNER_SECONDS
    return RunFolder(state_dir, run.id).is_owned()


def _give_up(state_dir: Path, owner: str) -> None:
    journal = open_journal(state_dir)
    try:
        for run in journal.runs():
            if run.id == owner and not _is_alive(run, state_dir):
                journal.give_up_intents(owner)
    finally:
        journal.close()
