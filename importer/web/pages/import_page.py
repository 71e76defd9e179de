"""The import page: shows what would be sent, asks for address and key, and starts the run."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from importer.drafts.draft import Draft
from importer.errors import SettingsError
from importer.model.summary import Summary
from importer.pipeline import run_import
from importer.runs.history import is_run
from importer.sending.target import find_target
from importer.settings import Settings
from importer.web.background_tasks import Task, TaskKind, import_key
from importer.web.check_tasks import build_settings, find_check, read_sample_requests, read_summary, start_check
from importer.web.endpoints import redirect
from importer.web.forms import Form
from importer.web.i18n import N_
from importer.web.rendering import ErrorText, describe_error, render, words_for
from importer.web.services import WebServices, get_services

RUN_START_SECONDS = 20.0  # to wait for the id of a new run before the browser is sent back


def show(request: Request) -> Response:
    """Show the form that starts the import; until the draft is checked as it is now, show its check."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if draft.run is not None:
        return redirect(f"/runs/{draft.run}")
    if not draft.is_reported:
        task = find_check(services, draft)
        if task is not None and task.error is not None:
            return redirect(f"/files/{draft.id}/check")
        return render(request, "checking.html", draft=draft, task=start_check(services, draft))
    return _show_form(request, draft, None)


def _show_form(
    request: Request, draft: Draft, complaint: ErrorText | None, status: int = 200, address: str = ""
) -> Response:
    services = get_services(request)
    vendor = services.get_vendor(draft)
    found, key_error = services.credentials.try_find_key(vendor.name)
    return render(
        request,
        "import.html",
        status,
        draft=draft,
        vendor=vendor,
        summary=read_summary(draft.check_reports) or {},
        sample_requests=read_sample_requests(draft),
        address=address or draft.base_url or services.credentials.find_base_url(vendor),
        has_key=found is not None,
        key_from=found if found and found.source else None,
        complaint=complaint or (describe_error(request, key_error) if key_error else None),
    )


def start(request: Request, form: Form) -> Response:
    """Start the import that the page has shown. The run continues when the browser is closed."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if draft.run is not None:
        return redirect(f"/runs/{draft.run}")
    if running := services.tasks.get_running(import_key(draft.id)):
        return _redirect_to_run(request, draft, running)
    if not draft.is_reported:
        return redirect(f"/files/{draft.id}/import")
    practice, url = form.get("place") == "practice", form.get("base_url", "").strip()
    chosen = replace(draft, practice=practice, base_url=draft.base_url if practice else url or None)
    try:
        is_key_stored = practice or _store_typed_key(services, chosen, form)
        base_url, key = services.resolve_destination(chosen)
        find_target(services.get_vendor(draft), base_url, key)
        # Only what the page has shown is sent: the form carries its state, and a window that is older is refused.
        draft = services.drafts.start(draft.id, form.get("state", ""), practice=practice, base_url=chosen.base_url)
    except SettingsError as error:
        shown = "" if "@" in url else url  # never show a password
        return _show_form(request, draft, describe_error(request, error), 400, shown)
    settings = replace(build_settings(services, draft, draft.reports), base_url=base_url, api_key=key)
    task = Task(TaskKind.IMPORT, draft.id, lambda run: services.drafts.set_run(draft.id, run))
    if not is_key_stored:
        task.on_note(
            words_for(request).say(N_("The keyring does not take the key; it is kept until the program ends."))
        )
    started = services.tasks.start(
        import_key(draft.id), task, lambda running: _import(services, draft, settings, running)
    )
    return _redirect_to_run(request, draft, started)


def _redirect_to_run(request: Request, draft: Draft, task: Task) -> Response:
    """Wait until the run has its id, and redirect to it."""
    task.named.wait(RUN_START_SECONDS)
    if task.run is not None:
        return redirect(f"/runs/{task.run}")
    if task.error is None:
        return redirect(f"/files/{draft.id}/import")
    return _show_form(request, draft, describe_error(request, task.error), 400)


def _store_typed_key(services: WebServices, draft: Draft, form: Form) -> bool:
    """Keep the key of the form, if it has one. Return False if the keyring refused it. Raises SettingsError."""
    key, vendor = form.get("key", "").strip(), services.get_vendor(draft)
    if not key:
        return True
    url = draft.base_url or services.credentials.find_base_url(vendor)
    find_target(vendor, url, key)  # raises before a malformed key or address is kept
    return services.credentials.store_key(vendor.name, key, url, remember=bool(form.get("remember")))


def _import(services: WebServices, draft: Draft, settings: Settings, task: Task) -> Summary:
    try:
        return run_import(draft.file, settings, task)
    except BaseException:
        if task.run is None or not is_run(services.state_dir, task.run):  # nothing was sent, no run is stored
            services.drafts.set_run(draft.id, None)
        raise
