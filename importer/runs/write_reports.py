"""Write the reports and build the summary with its counts and exit code."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from importer.errors import ExitCode, ReportError, SettingsError
from importer.files import OWNER_ONLY_FILE, make_private_folder, reject_special
from importer.mapping import label_columns
from importer.model.comparison import Comparison
from importer.model.second_step import step_problem
from importer.model.status import RUN_STATUSES, Status, exit_code
from importer.model.summary import Requests, Summary, Traffic
from importer.observer import Observer
from importer.parallel import BackgroundWorker
from importer.reporting import (
    CarriedRun,
    Reporter,
    ReportOptions,
    columns_of,
    load_page,
    write_changes,
    write_page,
    write_summary,
)
from importer.run_store.report_key import sign_plan
from importer.run_store.result_log import ResultLog
from importer.run_store.spool import Spool
from importer.runs.prepared import Prepared
from importer.runs.run import ImportRun
from importer.settings import chosen

MAX_EXAMPLE_CHARS = 40
MAX_DROPDOWN_CHARS = 250  # a spreadsheet refuses a longer list of options


@dataclass(frozen=True, slots=True)
class SendResult:
    """The end of sending. The defaults are those of a check; ``seconds`` is the time that sending took."""

    stopped: str = ""
    interrupted: bool = False
    requests: Requests = field(default_factory=Requests)
    traffic: tuple[Traffic, ...] = ()
    seconds: float = 0.0
    earlier_seconds: Mapping[str, float] = field(default_factory=dict)  # of earlier parts of the run, by stage
    found_no_api: bool = False
    comparison: Comparison | None = None


def write_reports(
    run: ImportRun, spool: Spool, results: ResultLog, duplicates: pl.DataFrame, sent: SendResult, begun: float
) -> Summary:
    """Write every report, and return the summary. ``begun`` is the start of the command, by ``time.perf_counter``.

    Raises ReportError.
    """
    run.observer.on_stage("writing the reports")
    started = time.perf_counter()
    _prepare_output(run)
    reporter = _make_reporter(run, duplicates.height, sent.stopped)
    try:
        with BackgroundWorker() as background:
            background.submit(load_page)
            reporter.write(spool, results, duplicates, run.prepared.rows)
        if sent.comparison is not None:
            reporter.outputs["changes"] = run.output / CHANGES
            write_changes(sent.comparison, run.output / CHANGES)
        now = time.perf_counter()
        seconds = {**run.prepared.seconds, "send": sent.seconds, "report": now - started, "total": now - begun}
        seconds = {name: value + sent.earlier_seconds.get(name, 0.0) for name, value in seconds.items()}
        summary = _summarise(run, reporter, sent, seconds)
        write_page(summary, summary.outputs["report"])
        # Last, because a report that is younger than the summary was changed by somebody else.
        write_summary(summary, summary.outputs["summary"])
        for path in summary.outputs.values():
            path.chmod(OWNER_ONLY_FILE)
    except OSError as error:
        action = (
            f"make room, then run: contact-importer resume {run.id}"
            if run.target_name is not None
            else "make room and try again"
        )
        raise ReportError(f"the reports could not be written ({error.strerror or error}); {action}") from error
    return summary


def _prepare_output(run: ImportRun) -> None:
    try:
        prepare_output_folder(run.output, run.observer)
    except SettingsError as error:
        if run.target_name is None:
            raise
        # Rows may have been sent, so this is not the end of a command that did nothing.
        raise ReportError(f"{error}; make it usable, then run: contact-importer resume {run.id}") from error


def _make_reporter(run: ImportRun, duplicates: int, stopped: str) -> Reporter:
    prepared = run.prepared
    rules = ReportOptions(
        Status.NOT_ATTEMPTED if run.target_name is not None else Status.VALID,
        run.settings.duplicates == "error",
        _report_metadata(run, duplicates),
        run.settings.report_formats,
        prepared.facts.cells_need_no_quotes,
        prepared.facts.report_delimiter,
        stopped,
    )
    columns = columns_of(prepared.mapping.columns, label_columns(prepared.mapping.columns))
    return Reporter(run.output, columns, prepared.mapping.field_sources(), rules)


def _summarise(run: ImportRun, reporter: Reporter, sent: SendResult, seconds: Mapping[str, float]) -> Summary:
    prepared, count = run.prepared, reporter.count
    statuses = RUN_STATUSES if run.target_name is not None else tuple(Status)
    counts = {status: count.statuses.get(status, 0) for status in statuses}
    code = exit_code(
        counts,
        stopped=bool(sent.stopped),
        duplicates_are_errors=run.settings.duplicates == "error",
        has_open_steps=any(step_problem(code) for code in count.problems),
    )
    now = time.time()
    return Summary(
        run=run.id,
        vendor=run.vendor.name,
        operation=run.operation.name,
        target=run.target_name,
        input=_describe_input(prepared),
        counts=counts,
        problems=dict(count.problems.most_common()),
        warnings=dict(count.warnings.most_common()),
        skipped=dict(count.skipped.most_common()),
        requests=sent.requests,
        seconds=seconds,
        exit_code=ExitCode.INTERRUPTED if sent.interrupted else code,
        outputs=reporter.outputs | {"report": run.output / "report.html", "summary": run.output / "summary.json"},
        stopped=sent.stopped,
        found_no_api=sent.found_no_api,
        mapping=_describe_mapping(prepared),
        unused_columns=prepared.mapping.unused,
        notes=(*prepared.facts.notes, *prepared.mapping.notes, *filter(None, (prepared.unsent,))),
        questions=prepared.questions,
        unsent=prepared.unsent,
        changes=prepared.changes,
        changed=_describe_changes(prepared),
        examples=count.examples(),
        uncertain_rows=tuple(count.uncertain_rows),
        title=run.vendor.title,
        started=run.started or now - seconds["total"],
        ended=now,
        settings=run.options or chosen(run.settings),
        sent=count.sent(),
        traffic=sent.traffic,
        practice=run.settings.practice,
        match=run.settings.match_settings,
        comparison=sent.comparison,
        can_ask=run.operation.lookup is not None and not run.operation.lookup.opt_in,
    )


def _report_metadata(run: ImportRun, duplicates: int) -> CarriedRun:
    """Return what errors.xlsx carries: how its file was read, and the options of columns that take a fixed list."""
    choices = {
        f"c{feed.columns[0]}": feed.field.limits.enum
        for feed in run.prepared.mapping.field_mappings
        if feed.field.limits.enum and len(feed.columns) == 1 and not feed.values
    }
    fitting = {cell: options for cell, options in choices.items() if len(",".join(options)) < MAX_DROPDOWN_CHARS}
    prepared = run.prepared
    ready = prepared.rows - prepared.invalid - prepared.skipped - duplicates if run.target_name is None else None
    plan = {"run": run.id, **run.read_settings(), "ready": ready}
    return CarriedRun(run.id, lambda: sign_plan(run.context.state_dir, plan), fitting)


CHANGES = "changes.xlsx"
REPORTS = (
    *(f"{name}.{kind}" for name in ("result", "errors") for kind in ("csv", "xlsx", "parquet", "jsonl")),
    CHANGES,
)


def check_output_folder(folder: Path) -> None:
    """Create the folder of the reports for the owner only; earlier reports stay. Raises SettingsError."""
    try:
        make_private_folder(folder)
        for name in (*REPORTS, "report.html", "summary.json"):
            reject_special(folder / name)
    except OSError as error:
        raise SettingsError(f"--output {folder}: cannot be made or written ({error.strerror})") from error


def prepare_output_folder(folder: Path, observer: Observer) -> None:
    """Check the folder of the reports, and remove earlier reports. Raises SettingsError.

    A report that was changed since it was written is kept under another name.
    """
    check_output_folder(folder)
    summary = folder / "summary.json"
    try:
        written = summary.stat().st_mtime_ns if summary.exists() else None  # it is written last
        for path in (folder / name for name in REPORTS):
            if not path.exists():
                continue
            if written is None or path.stat().st_mtime_ns > written:
                kept = _unused_name(path)
                path.rename(kept)
                observer.on_note(f"{path} is not as a run wrote it; it is kept as {kept.name}")
            else:
                path.unlink()
    except OSError as error:
        raise _unusable(folder, error) from error


def _unusable(folder: Path, error: OSError) -> SettingsError:
    return SettingsError(f"--output {folder}: cannot be made or written ({error.strerror})")


def _unused_name(path: Path) -> Path:
    return next(
        candidate
        for number in itertools.count(1)
        if not (candidate := path.with_name(f"{path.stem}-changed-{number}{path.suffix}")).exists()
    )


def _describe_input(prepared: Prepared) -> dict[str, Any]:
    facts = prepared.facts
    names = ("path", "sha256", "sheet", "encoding", "delimiter")
    return {name: getattr(facts, name) for name in names} | {"rows": prepared.rows}


def _describe_changes(prepared: Prepared) -> tuple[str, ...]:
    """Return a line per kind of change: ``3 × phone, such as row 4, Phone: "06…" → "+212…"``."""
    columns = {feed.field.path: prepared.mapping.header_of(feed) for feed in prepared.mapping.field_mappings}
    return tuple(
        f"{count:,} × {name}, such as row {change.row}, {columns.get(change.field) or change.field}: "
        f'"{_shorten(change.before)}" → "{_shorten(change.after)}"'
        for name, count in prepared.changes.items()
        if (change := prepared.changed.get(name))
    )


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_EXAMPLE_CHARS else text[: MAX_EXAMPLE_CHARS - 1] + "…"


def _describe_mapping(prepared: Prepared) -> dict[str, str]:
    mapping = prepared.mapping
    return {
        feed.field.path: mapping.header_of(feed) if feed.column is not None else f"= {feed.constant}"
        for feed in mapping.field_mappings
    }
