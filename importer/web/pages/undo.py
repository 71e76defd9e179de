"""The page that undoes an import: it shows which contacts would be deleted, asks, and deletes them."""

from __future__ import annotations

import secrets
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.requests import Request
from starlette.responses import Response

from importer.model.status import Status
from importer.model.summary import Summary
from importer.pipeline import undo_run
from importer.runs.history import StoredRun, show_run
from importer.runs.undo import UndoPlan, write_ids
from importer.settings import Settings
from importer.web.background_tasks import Task, TaskKind
from importer.web.endpoints import redirect
from importer.web.forms import Form
from importer.web.i18n import N_, PageError
from importer.web.rendering import describe_error, render
from importer.web.server_sent_events import stream_progress
from importer.web.services import WebServices, get_services
from schemas.contract import Vendor

START_SECONDS = 20.0  # until the run that deletes has its id
MOST_SHOWN = 20


class UndoTask(Task):
    """A look at what an import made, or its deletion. ``plan`` is what was found."""

    def __init__(self, *, deletes: bool, even_changed: bool) -> None:
        super().__init__(TaskKind.UNDO)
        self.deletes = deletes
        self.even_changed = even_changed
        self.plan: UndoPlan | None = None


def undo_key(run: str) -> str:
    """Return the registry's key for a task that undoes a run."""
    return f"undo:{run}"


def can_undo(stored: StoredRun, vendor: Vendor | None) -> bool:
    """Return True for a run that created or updated contacts and whose rows are still here."""
    operation = vendor.operations.get(stored.record.operation) if vendor else None
    is_creation = operation is not None and not operation.repeatable
    counts = stored.record.counts
    return is_creation and stored.has_rows and bool(counts.get(Status.CREATED) or counts.get(Status.UPDATED))


def show(request: Request) -> Response:
    """Show what undoing a run would delete, or the progress of looking for it."""
    services, run = get_services(request), request.path_params["run"]
    stored, task = show_run(run, services.state_dir), _find_task(services, run)
    if task is not None and not task.is_finished:
        if task.deletes and task.run is not None:
            return redirect(f"/runs/{task.run}")
        return render(request, "running.html", run=run, task=task, draft=services.drafts.of_run(run))
    plan = task.plan if task is not None and not task.deletes else None
    vendor = services.find_vendor(stored.record.vendor)
    draft = services.drafts.of_run(run)
    return render(
        request,
        "undo.html",
        400 if task and task.error else 200,
        record=stored.record,
        vendor=vendor,
        can_undo=can_undo(stored, vendor),
        is_practice=draft is not None and draft.practice,
        has_key=services.credentials.try_find_key(stored.record.vendor)[0] is not None,
        plan=plan,
        even_changed=task.even_changed if task is not None else False,
        shown=MOST_SHOWN,
        complaint=describe_error(request, task.error) if task is not None and task.error else None,
    )


def progress(request: Request) -> Response:
    """Stream the progress of looking for what would be deleted."""
    services, run = get_services(request), request.path_params["run"]
    return stream_progress(request, lambda: services.tasks.get(undo_key(run)))


def start(request: Request, form: Form) -> Response:
    """Look for the contacts of a run, or delete them."""
    services, run = get_services(request), request.path_params["run"]
    stored = show_run(run, services.state_dir)
    if services.is_running(run):
        raise PageError(N_("This import is running. Stop it first."))
    if key := form.get("key", "").strip():
        url = stored.record.target.rpartition("#")[0]
        services.credentials.store_key(stored.record.vendor, key, url, remember=bool(form.get("remember")))
    deletes = form.get("do") == "delete"
    even_changed = bool(form.get("even_changed")) or form.get("do") == "look_even_changed"
    task = UndoTask(deletes=deletes, even_changed=even_changed)
    draft = services.drafts.of_run(run)
    settings = Settings(
        stored.record.vendor,
        state_dir=services.state_dir,
        api_key=services.get_run_key(run, stored.record.vendor),
        output=services.state_dir / "undone" / f"{run}-{secrets.token_hex(4)}",
        practice=draft is not None and draft.practice,
    )
    started = services.tasks.start(undo_key(run), task, lambda _: _undo(run, settings, task))
    if deletes:
        started.named.wait(START_SECONDS)
        if started.run is not None:
            return redirect(f"/runs/{started.run}")
    return redirect(f"/runs/{run}/undo")


def _undo(run: str, settings: Settings, task: UndoTask) -> Summary | None:
    plan, summaries = undo_run(run, settings, lambda _: task.deletes, task, even_changed=task.even_changed)
    if not summaries:
        task.plan = plan
        task.deletes = False  # there was nothing to delete
    return summaries[-1] if summaries else None


def download(request: Request) -> Response:
    """Send the contacts of a run as a file, for somebody who deletes them by hand."""
    services, run = get_services(request), request.path_params["run"]
    task = _find_task(services, run)
    if task is None or task.plan is None:
        return redirect(f"/runs/{run}/undo")
    with TemporaryDirectory() as folder:
        file = write_ids(task.plan.contacts, Path(folder) / "undo.csv", task.plan.documentation)
        content = file.read_bytes()
    headers = {"content-disposition": f'attachment; filename="undo-{run}.csv"'}
    return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _find_task(services: WebServices, run: str) -> UndoTask | None:
    task = services.tasks.get(undo_key(run))
    return task if isinstance(task, UndoTask) else None
