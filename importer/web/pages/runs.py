"""The page of a run: its progress or its results, and the forms to pause, resume, resolve, reuse or delete it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from importer.errors import ImporterError
from importer.model.status import NextStep, Status
from importer.pipeline import resolve_run, resume_run
from importer.runs.history import StoredRun, is_run, remove_run, rows_of_run, show_run
from importer.runs.resolve import ManualVerdict, ResolveOptions
from importer.settings import Settings
from importer.web.background_tasks import Task, TaskFunction, TaskKind, run_key
from importer.web.check_tasks import read_summary
from importer.web.endpoints import redirect
from importer.web.forms import Form, parse_number
from importer.web.i18n import N_, PageError
from importer.web.pages.check import DOWNLOADS, send_report
from importer.web.pages.home import MAX_UPLOAD_BYTES, UPLOAD_SUFFIXES
from importer.web.rendering import describe_error, render
from importer.web.server_sent_events import stream_progress
from importer.web.services import WebServices, get_services
from schemas.contract import ContractError, Vendor
from schemas.registry import load_vendor

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
    return _show_results(request, show_run(run, services.state_dir), task.error if task else None)


def _contact_first(texts: tuple[str, ...]) -> list[str]:
    """Return the cells of a row with e-mail addresses first: by them, and by names, people find a contact."""
    return sorted(texts, key=lambda text: "@" not in text)


def _show_results(request: Request, stored: StoredRun, complaint: ImporterError | None, status: int = 200) -> Response:
    services, record = get_services(request), stored.record
    summary = (read_summary(Path(record.output)) if stored.has_reports else None) or {}
    uncertain = summary.get("uncertain", []) if stored.has_rows else []
    cells = rows_of_run(services.state_dir, record.id, [entry["row"] for entry in uncertain]) if uncertain else {}
    vendor = _find_vendor(record.vendor)
    counts = {Status(name): count for name, count in record.counts.items() if count}
    draft = services.drafts.of_run(record.id)
    return render(
        request,
        "run.html",
        status,
        record=record,
        vendor=vendor,
        counts=counts,
        summary=summary,
        uncertain_rows=uncertain,
        has_rows=stored.has_rows,
        beside={row: _contact_first(texts)[:CELLS_BESIDE_ROW] for row, texts in cells.items()},
        needs_correction=sum(count for status, count in counts.items() if status.info.next_step is NextStep.CORRECT),
        downloads=[name for name in DOWNLOADS if stored.has_reports and (Path(record.output) / name).exists()],
        is_resumable=stored.has_rows and record.state in ("interrupted", "stopped"),
        is_practice=draft is not None and draft.practice,
        has_key=services.credentials.try_find_key(record.vendor)[0] is not None,
        has_file=draft is not None and draft.file.exists(),
        has_lookup=_has_lookup(vendor, record.operation),
        complaint=describe_error(request, complaint) if complaint else None,
        parse_time=_parse_time,
        suffixes=UPLOAD_SUFFIXES,
        max_bytes=MAX_UPLOAD_BYTES,
    )


def _find_vendor(name: str) -> Vendor | None:
    """Return the contract of a run; None for one that was read from a file with ``--vendor FILE``."""
    try:
        return load_vendor(name)
    except ContractError:
        return None


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
    run = request.path_params["run"]
    task = get_services(request).tasks.find_by_run(run)
    if task is not None and not task.is_finished:
        actions = {"pause": task.pause, "resume": task.resume, "stop": task.stop}
        actions.get(form.get("do", ""), task.resume)()
    return redirect(f"/runs/{run}")


def resume(request: Request, form: Form) -> Response:
    """Resume a run that stopped before its end."""
    services, stored = _reopen(request, form)
    settings = _run_settings(services, stored)
    run = stored.record.id
    return _start_task(services, run, TaskKind.RESUME, lambda task: resume_run(run, settings, task))


def resolve(request: Request, form: Form) -> Response:
    """Resolve uncertain rows, by what the user found at the vendor or by asking the vendor."""
    services, stored = _reopen(request, form)
    try:
        marks = _read_marks(form)
    except PageError as complaint:
        return _show_results(request, stored, complaint, 400)
    asks = form.get("do") == "ask"
    options = ResolveOptions(marks, resend_absent=bool(form.get("resend")), asks=asks, ask_anyway=asks)
    settings, run = _run_settings(services, stored), stored.record.id
    return _start_task(services, run, TaskKind.RESOLVE, lambda task: resolve_run(run, settings, options, task))


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
        raise PageError(N_("This run is at work. Stop it first."))


def _run_settings(services: WebServices, stored: StoredRun) -> Settings:
    key = services.get_run_key(stored.record.id, stored.record.vendor)
    return Settings(stored.record.vendor, state_dir=services.state_dir, api_key=key)


def _start_task(services: WebServices, run: str, kind: TaskKind, function: TaskFunction) -> Response:
    task = Task(kind)
    task.run = run
    services.tasks.start(run_key(run), task, function)
    return redirect(f"/runs/{run}")


def reuse_file(request: Request, _form: Form) -> Response:
    """Make a new draft of a run's file, with its choices and corrections; no contact is sent twice."""
    services = get_services(request)
    draft = services.drafts.of_run(request.path_params["run"])
    if draft is None or not draft.file.exists():
        raise PageError(N_("The file of this run is not here any more. Upload it again."))
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
        raise PageError(N_("The reports of this run are not here any more."))
    return send_report(Path(stored.record.output), request.path_params["name"], stored.record.id)
