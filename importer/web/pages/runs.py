"""The page of a run: its progress or its results, and the forms to pause, resume, resolve, reuse or delete it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from importer.drafts.draft import Draft
from importer.errors import ImporterError
from importer.journal import RunState
from importer.model.second_step import step_problem
from importer.model.status import NextStep, Status
from importer.model.summary import SentRows
from importer.pipeline import resolve_run, resume_run
from importer.reporting.timeline import draw_timeline
from importer.runs.history import StoredRun, cleaned_values, is_run, remove_run, rows_of_run, show_run
from importer.runs.resolve import ManualVerdict, ResolveOptions
from importer.settings import Settings
from importer.web import labels
from importer.web.background_tasks import TaskKind
from importer.web.check_tasks import read_summary
from importer.web.endpoints import redirect
from importer.web.forms import Form, parse_number
from importer.web.i18n import N_, PageError
from importer.web.pages.check import DOWNLOADS, send_report
from importer.web.pages.home import MAX_UPLOAD_BYTES, UPLOAD_SUFFIXES
from importer.web.pages.undo import can_undo
from importer.web.rendering import describe_error, render, words_for
from importer.web.run_tasks import is_unreported, report_again, start_run_task
from importer.web.server_sent_events import stream_progress
from importer.web.services import WebServices, get_services
from schemas.contract import Vendor

FINDINGS = {"": N_("I do not know yet"), "created": N_("it is there"), "absent": N_("it is not there")}
ID_PREFIX, STATE_PREFIX = "id-", "state-"  # of a form's fields, followed by the row
CELLS_BESIDE_ROW = 4  # to recognise an uncertain row by


def show(request: Request) -> Response:
    """Show the progress of a run while it is running, else its results."""
    services, run = get_services(request), request.path_params["run"]
    task = services.tasks.find_by_run(run)
    if task is not None and not task.is_finished:
        return render(request, "running.html", run=run, task=task, draft=services.drafts.of_run(run))
    if task is not None and task.error is not None and not is_run(services.state_dir, run):
        message = describe_error(request, task.error)
        return render(request, "failed_run.html", 400, draft=task.draft, message=message)
    services.tasks.forget_run(run)  # its error is shown once
    stored = show_run(run, services.state_dir)
    if task is None and is_unreported(stored):
        task = report_again(services, stored)
        return render(request, "running.html", run=run, task=task, draft=services.drafts.of_run(run))
    return _show_results(request, stored, task.error if task else None)


def _contact_first(texts: tuple[str, ...]) -> list[str]:
    """Return the cells of a row with e-mail addresses first: by them, and by names, people find a contact."""
    return sorted(texts, key=lambda text: "@" not in text)


def _show_results(
    request: Request, stored: StoredRun, complaint: ImporterError | None, given: Form | None = None
) -> Response:
    """Show the results of a run; ``given`` are the fields of a form that could not be used."""
    services, record, words = get_services(request), stored.record, words_for(request)
    summary = (read_summary(Path(record.output)) if stored.has_reports else None) or {}
    uncertain_rows = summary.get("uncertain", []) if stored.has_rows else []
    vendor, draft = services.find_vendor(record.vendor), services.drafts.of_run(record.id)
    counts = {Status(name): count for name, count in record.counts.items() if count}
    open_steps = {code: count for code, count in summary.get("problems", {}).items() if step_problem(code)}
    steps = {problem.next_step for code in open_steps if (problem := step_problem(code))}
    is_unfinished = record.state in ("interrupted", "stopped") or NextStep.RESUME in steps
    is_resumable = stored.has_rows and is_unfinished and record.state != RunState.UNDONE
    is_practice = bool(summary.get("practice")) or (draft is not None and draft.practice)
    downloads = [name for name in DOWNLOADS if stored.has_reports and (Path(record.output) / name).exists()]
    is_waiting = is_resumable and services.unfinished.is_waiting(record.id)
    return render(
        request,
        "run.html",
        400 if given else 200,
        record=record,
        vendor=vendor,
        counts=counts,
        pill=labels.outcome(words, record.state, record.counts, is_waiting=is_waiting),
        sentence=labels.result_sentence(
            words, record.state, record.counts, labels.vendor_title(record.vendor), is_practice=is_practice
        ),
        action="fix"
        if NextStep.CORRECT in steps and not is_resumable
        else _next_action(record.counts, downloads, is_resumable=is_resumable, has_rows=stored.has_rows),
        summary=summary,
        uncertain=counts.get(Status.UNCERTAIN, 0),
        uncertain_rows=uncertain_rows,
        waiting_rows=counts.get(Status.NOT_ATTEMPTED, 0),
        changed=counts.get(Status.CHANGED, 0),
        can_undo=can_undo(stored, vendor) and record.state != RunState.UNDONE,
        can_update=draft is not None and services.can_update(draft),
        given=given or {},
        findings=[(value, words.say(text)) for value, text in FINDINGS.items()],
        has_rows=stored.has_rows,
        beside=_contacts(services, record.id, uncertain_rows),
        timeline=draw_timeline([SentRows(**entry) for entry in summary.get("timeline", ())], ()),
        cleaned=cleaned_values(services.state_dir, record.id),
        open_steps=sum(open_steps.values()),
        needs_correction=NextStep.CORRECT in {*steps, *(status.info.next_step for status in counts)},
        downloads=downloads,
        is_resumable=is_resumable,
        is_waiting=is_waiting,
        is_practice=is_practice,
        has_key=services.credentials.try_find_key(record.vendor)[0] is not None,
        has_file=draft is not None and draft.file.exists(),
        has_lookup=_has_lookup(vendor, record.operation),
        complaint=describe_error(request, complaint) if complaint else None,
        parse_time=_parse_time,
        suffixes=UPLOAD_SUFFIXES,
        max_bytes=MAX_UPLOAD_BYTES,
    )


def _next_action(counts: Mapping[str, int], downloads: list[str], *, is_resumable: bool, has_rows: bool) -> str:
    """Return the one thing to do next with a run."""
    if is_resumable:
        return "resume"
    if counts.get(Status.UNCERTAIN) and has_rows:
        return "resolve"
    return "fix" if labels.rows_to_fix(counts) and "errors.xlsx" in downloads else "home"


def _contacts(services: WebServices, run: str, uncertain: list[dict[str, Any]]) -> dict[int, list[str]]:
    """Return by row the names and e-mail addresses of uncertain rows."""
    cells = rows_of_run(services.state_dir, run, [entry["row"] for entry in uncertain]) if uncertain else {}
    return {row: _contact_first(texts)[:CELLS_BESIDE_ROW] for row, texts in cells.items()}


def _has_lookup(vendor: Vendor | None, operation: str) -> bool:
    """Return whether the vendor can be asked for contacts that an operation may have created."""
    known = vendor.operations.get(operation) if vendor else None
    return known is not None and known.lookup is not None


def _parse_time(text: str | None) -> float | None:
    """Return the Unix seconds of an ISO 8601 time."""
    return datetime.fromisoformat(text).timestamp() if text else None


def progress(request: Request) -> Response:
    """Stream the progress of a run."""
    services, run = get_services(request), request.path_params["run"]
    return stream_progress(request, lambda: services.tasks.find_by_run(run))


def control(request: Request, form: Form) -> Response:
    """Pause, resume or stop a run that is running."""
    services, run = get_services(request), request.path_params["run"]
    task = services.tasks.find_by_run(run)
    if task is not None and not task.is_finished:
        actions = {"pause": task.pause, "resume": task.resume, "stop": task.stop}
        actions.get(form.get("do", ""), task.resume)()
        services.unfinished.keep(run, is_running=not (task.is_paused or task.is_stopping))
    return redirect(f"/runs/{run}")


def resume(request: Request, form: Form) -> Response:
    """Resume a run that stopped before its end."""
    services, stored = _reopen(request, form)
    settings = _run_settings(services, stored)
    run = stored.record.id
    start_run_task(services, run, TaskKind.RESUME, lambda task: resume_run(run, settings, task))
    return redirect(f"/runs/{run}")


def resolve(request: Request, form: Form) -> Response:
    """Resolve uncertain rows, by what the user found at the vendor or by asking the vendor."""
    services, stored = _reopen(request, form)
    try:
        marks = _read_marks(form)
    except PageError as complaint:
        return _show_results(request, stored, complaint, form)
    asks = form.get("do") == "ask"
    options = ResolveOptions(marks, resend_absent=bool(form.get("resend")), asks=asks, ask_anyway=asks)
    settings, run = _run_settings(services, stored), stored.record.id
    start_run_task(services, run, TaskKind.RESOLVE, lambda task: resolve_run(run, settings, options, task))
    return redirect(f"/runs/{run}")


def _read_marks(form: Form) -> tuple[ManualVerdict, ...]:
    """Return the user's findings on uncertain rows. Raises PageError for a contact without its id."""
    marks = []
    for field, state in form.items():
        row = parse_number(field.removeprefix(STATE_PREFIX)) if field.startswith(STATE_PREFIX) else None
        if row is None or state not in ("created", "absent"):
            continue
        vendor_id = form.get(f"{ID_PREFIX}{row}", "").strip()
        if state == "created" and not vendor_id:
            raise PageError(N_("Row %(row)s: say which id the contact has at the vendor."), row=row)
        marks.append(ManualVerdict(row, "created", vendor_id) if state == "created" else ManualVerdict(row, "absent"))
    return tuple(marks)


def _reopen(request: Request, form: Form) -> tuple[WebServices, StoredRun]:
    """Return the run that a form continues, and keep the key that it carries. Raises PageError while it is running."""
    services = get_services(request)
    stored = show_run(request.path_params["run"], services.state_dir)
    _raise_if_running(services, stored.record.id)
    if key := form.get("key", "").strip():
        url = stored.record.target.rpartition("#")[0]
        services.credentials.store_key(stored.record.vendor, key, url, remember=bool(form.get("remember")))
    return services, stored


def _raise_if_running(services: WebServices, run: str) -> None:
    task = services.tasks.find_by_run(run)
    if task is not None and not task.is_finished:
        raise PageError(N_("This import is running. Stop it first."))


def _run_settings(services: WebServices, stored: StoredRun) -> Settings:
    key = services.get_run_key(stored.record.id, stored.record.vendor)
    return Settings(stored.record.vendor, state_dir=services.state_dir, api_key=key)


def send_changed(request: Request, form: Form) -> Response:
    """Make a new draft of a run's file, in which changed contacts are updated, or sent as new ones."""
    services, draft = _draft_of(request)
    is_update = form.get("do") == "update" and services.can_update(draft)
    choices = replace(draft.choices, update_changed=is_update, send_changed=not is_update)
    is_practice = draft.practice and services.sandbox.is_running
    copy = services.drafts.change(services.drafts.copy(draft).id, choices=choices, practice=is_practice)
    return redirect(f"/files/{copy.id}/import")


def _draft_of(request: Request) -> tuple[WebServices, Draft]:
    """Return the draft that became a run. Raises PageError when its file is gone."""
    services = get_services(request)
    draft = services.drafts.of_run(request.path_params["run"])
    if draft is None or not draft.file.exists():
        raise PageError(N_("The file of this run is no longer here. Upload it again."))
    return services, draft


def reuse_file(request: Request, _form: Form) -> Response:
    """Make a new draft of a run's file, with its choices and corrections; no contact is sent twice."""
    services, draft = _draft_of(request)
    return redirect(f"/files/{services.drafts.copy(draft).id}/columns")


def delete(request: Request, _form: Form) -> Response:
    """Delete the rows, reports and file of a run."""
    services, run = get_services(request), request.path_params["run"]
    _raise_if_running(services, run)
    remove_run(services.state_dir, run)
    return redirect("/")


def download(request: Request) -> Response:
    """Send a report of a run."""
    stored = show_run(request.path_params["run"], get_services(request).state_dir)
    if not stored.has_reports:
        raise PageError(N_("The reports of this run are no longer here."))
    return send_report(Path(stored.record.output), request.path_params["name"], stored.record.id)
