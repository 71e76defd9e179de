"""The last stretch of the way: reports, counts, exit code, summary."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from importer.errors import ExitCode, ReportError, SettingsError
from importer.mapping import labels
from importer.model.status import RUN_STATUSES, Status, exit_code
from importer.model.summary import Requests, Summary, Traffic
from importer.observer import Observer
from importer.parallel import BackgroundWorker
from importer.reporting import Known, Reporter, Rules, columns_of, load_page, write_page, write_summary
from importer.run_store.result_log import ResultLog
from importer.run_store.spool import Spool
from importer.runs.prepare import Prepared
from importer.runs.run import ImportRun
from importer.settings import chosen

LONGEST_SHOWN = 40
LONGEST_LIST = 250
"""Characters that a spreadsheet takes as a list to choose from."""


@dataclass(frozen=True, slots=True)
class SendResult:
    """How sending ended; the defaults are those of a check. ``seconds`` is the time it took."""

    stopped: str = ""
    interrupted: bool = False
    requests: Requests = field(default_factory=Requests)
    traffic: tuple[Traffic, ...] = ()
    seconds: float = 0.0


def report(
    job: ImportRun, spool: Spool, results: ResultLog, twins: pl.DataFrame, ending: SendResult, begun: float
) -> Summary:
    """Write every report. ``begun`` is when the whole thing began, by ``time.perf_counter``. Raises ReportError."""
    settings, prepared = job.settings, job.prepared
    job.observer.stage("writing the reports")
    reporting = time.perf_counter()
    prepare_output_folder(job.output, job.observer)
    rules = Rules(
        Status.NOT_ATTEMPTED if job.target is not None else Status.VALID,
        settings.duplicates == "error",
        _known(job),
        settings.report_formats,
        prepared.facts.cells_need_no_quotes,
    )
    columns = columns_of(prepared.mapping.columns, labels(prepared.mapping.columns))
    reporter = Reporter(job.output, columns, prepared.mapping.origins(), rules)
    try:
        with BackgroundWorker() as beside:
            beside.submit(load_page)
            reporter.write(spool, results, twins, prepared.rows)
        now = time.perf_counter()
        seconds = {**prepared.seconds, "send": ending.seconds, "report": now - reporting, "total": now - begun}
        summary = _summary(job, reporter, ending, seconds)
        write_page(summary, summary.outputs["report"])
        write_summary(summary, summary.outputs["summary"])
        for made in summary.outputs.values():
            made.chmod(0o600)
    except OSError as error:
        then = f"make room and say: resume {job.run}" if job.target is not None else "make room and try again"
        raise ReportError(f"the reports could not be written ({error.strerror or error}); {then}") from error
    return summary


def _summary(job: ImportRun, reporter: Reporter, ending: SendResult, seconds: Mapping[str, float]) -> Summary:
    prepared, count = job.prepared, reporter.count
    statuses = RUN_STATUSES if job.target is not None else tuple(Status)
    counts = {status: count.statuses.get(status, 0) for status in statuses}
    code = exit_code(counts, stopped=bool(ending.stopped), duplicates_are_errors=job.settings.duplicates == "error")
    now = time.time()
    return Summary(
        run=job.run,
        vendor=job.vendor.name,
        operation=job.operation.name,
        target=job.target,
        input=_input(prepared),
        counts=counts,
        problems=dict(count.problems.most_common()),
        warnings=dict(count.warnings.most_common()),
        requests=ending.requests,
        seconds=seconds,
        exit_code=ExitCode.INTERRUPTED if ending.interrupted else code,
        outputs=reporter.outputs | {"report": job.output / "report.html", "summary": job.output / "summary.json"},
        stopped=ending.stopped,
        mapping=_mapping(prepared),
        unused_columns=prepared.mapping.unused,
        notes=(*prepared.facts.notes, *prepared.mapping.notes),
        changes=prepared.changes,
        changed=_changed(prepared),
        examples=count.examples(),
        uncertain_rows=tuple(count.uncertain_rows),
        title=job.vendor.title,
        started=job.started or now - seconds["total"],
        ended=now,
        settings=job.said or chosen(job.settings),
        sent=count.sent(),
        traffic=ending.traffic,
    )


def _known(job: ImportRun) -> Known:
    """What errors.xlsx carries: how its file was read, and the fixed lists of its columns."""
    choices = {
        f"c{feed.columns[0]}": feed.field.limits.enum
        for feed in job.prepared.mapping.feeds
        if feed.field.limits.enum and len(feed.columns) == 1 and not feed.values
    }
    fitting = {cell: options for cell, options in choices.items() if len(",".join(options)) < LONGEST_LIST}
    return Known(job.run, json.dumps({"run": job.run, **job.reading()}, ensure_ascii=True), fitting)


REPORTS = tuple(f"{name}.{kind}" for name in ("result", "errors") for kind in ("csv", "xlsx", "parquet", "jsonl"))


def prepare_output_folder(folder: Path, observer: Observer) -> None:
    """Make the folder of the reports, for its owner's eyes, without reports of before. Raises SettingsError.

    What somebody has changed since it was written is kept under another name.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        summary = folder / "summary.json"
        written = summary.stat().st_mtime_ns if summary.exists() else None  # it is written last
        for path in (folder / name for name in REPORTS):
            if not path.exists():
                continue
            if written is None or path.stat().st_mtime_ns > written:
                kept = _free(path)
                path.rename(kept)
                observer.note(f"{path} is not as a run wrote it; it is kept as {kept.name}")
            else:
                path.unlink()
    except OSError as error:
        raise SettingsError(f"--output {folder}: cannot be made or written ({error.strerror})") from error


def _free(path: Path) -> Path:
    return next(
        found
        for number in itertools.count(1)
        if not (found := path.with_name(f"{path.stem}-changed-{number}{path.suffix}")).exists()
    )


def _input(prepared: Prepared) -> dict[str, Any]:
    facts = prepared.facts
    names = ("path", "sha256", "sheet", "encoding", "delimiter")
    return {name: getattr(facts, name) for name in names} | {"rows": prepared.rows}


def _changed(prepared: Prepared) -> tuple[str, ...]:
    """``3 × phone, such as row 4, Phone: "06…" → "+212…"``."""
    columns = {feed.field.path: prepared.mapping.column_of(feed) for feed in prepared.mapping.feeds}
    return tuple(
        f"{count:,} × {name}, such as row {change.row}, {columns.get(change.field) or change.field}: "
        f'"{_short(change.before)}" → "{_short(change.after)}"'
        for name, count in prepared.changes.items()
        if (change := prepared.changed.get(name))
    )


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def _mapping(prepared: Prepared) -> dict[str, str]:
    mapping = prepared.mapping
    return {
        feed.field.path: mapping.column_of(feed) if feed.column is not None else f"= {feed.constant}"
        for feed in mapping.feeds
    }
