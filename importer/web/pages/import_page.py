"""The import page: shows what would be sent, asks for address and key, and starts the run."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from importer.drafts.draft import Draft
from importer.errors import SettingsError
from importer.model.status import Status
from importer.model.summary import Summary
from importer.pipeline import run_import
from importer.reporting.request_body import body_values
from importer.runs.history import is_run
from importer.sending.target import Target, find_target, key_warning
from importer.settings import Settings
from importer.web.background_tasks import Task, TaskKind, import_key
from importer.web.check_tasks import build_settings, find_check, read_sample_requests, read_summary, start_check
from importer.web.endpoints import redirect
from importer.web.forms import Form
from importer.web.i18n import N_, PageError
from importer.web.pages.match_choices import NO_MATCH, MatchChoice, find_match_choice, list_match_choices
from importer.web.rendering import ErrorText, accepts_json, describe_error, render, render_fragment, words_for
from importer.web.services import WebServices, get_services

RUN_START_SECONDS = 20.0  # to wait for the id of a new run before the browser is sent back
NO_ANSWER = N_("Nothing answers at %(url)s (%(why)s). Check the address.")
MAX_REASONS = 3  # of warnings and of problems, shown before the import


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
        ready=_ready(draft),
        **_samples(draft),
        matches=list_match_choices(vendor, vendor.operations[draft.operation]),
        address=address or draft.base_url or services.credentials.suggest_base_url(vendor),
        has_key=found is not None,
        key_from=found if found and found.source else None,
        complaint=complaint or (describe_error(request, key_error) if key_error else None),
    )


def _ready(draft: Draft) -> int:
    """Return how many contacts the import would send."""
    summary = read_summary(draft.check_reports)
    return int(summary["counts"].get(Status.VALID, 0)) if summary else 0


def _samples(draft: Draft) -> dict[str, Any]:
    """Return the first requests as a table: their fields, and for each its row, its request line and its values."""
    found = [(row, line, body, body_values(body)) for row, line, body in read_sample_requests(draft)]
    return {
        "sample_fields": list(dict.fromkeys(path for *_, values in found for path in values)),
        "sample_requests": [(row, line, values) for row, line, _, values in found],
        "bodies": [body for _, _, body, _ in found],
    }


def start(request: Request, form: Form) -> Response:
    """Show what would be sent where, once address and key are checked; start the import when that is confirmed.

    The run continues when the browser is closed.
    """
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if running := services.tasks.get_running(import_key(draft.id)):
        return _redirect_to_run(request, draft, running)
    if draft.run is not None or not draft.is_reported:
        return _go(request, f"/runs/{draft.run}" if draft.run else f"/files/{draft.id}/import")
    practice, url = form.get("place") == "practice", form.get("base_url", "").strip()
    is_sure = form.get("sure") == "yes"
    vendor = services.get_vendor(draft)
    match = find_match_choice(form.get("match", ""), vendor, vendor.operations[draft.operation])
    chosen = replace(draft, practice=practice, base_url=draft.base_url if practice else url or None)
    try:
        is_key_stored = practice or _store_typed_key(services, chosen, form)
        base_url, key = services.resolve_destination(chosen)
        target = find_target(vendor, base_url, key)
        if not is_sure:
            _check_address(target)
            return _confirm(request, draft, form, target, match, practice=practice)
        # Only what the page has shown is sent: the form carries its state, and a window that is older is refused.
        draft = services.drafts.start(draft.id, form.get("state", ""), practice=practice, base_url=chosen.base_url)
    except SettingsError as error:
        if accepts_json(request):
            return JSONResponse({"error": describe_error(request, error).text}, 400)
        shown = "" if "@" in url else url  # never show a password
        return _show_form(request, draft, describe_error(request, error), 400, shown)
    if not practice and base_url:
        services.credentials.remember_base_url(draft.vendor, base_url)
    settings = replace(
        build_settings(services, draft, draft.reports),
        base_url=base_url,
        api_key=key,
        practice=practice,
        **match.settings,
    )
    task = Task(TaskKind.IMPORT, draft.id, lambda run: _begin(services, draft, run))
    if not is_key_stored:
        task.on_note(
            words_for(request).say(N_("The keyring does not take the key; it is kept until the program ends."))
        )
    started = services.tasks.start(
        import_key(draft.id), task, lambda running: _import(services, draft, settings, running)
    )
    return _redirect_to_run(request, draft, started)


def _check_address(target: Target) -> None:
    """Raise PageError when nothing answers at the address."""
    from importer.sending.connectivity import probe_host  # late: HTTP takes time to import

    failure = probe_host(target).failure
    if failure:
        raise PageError(NO_ANSWER, url=target.base_url, why=failure)


def _confirm(
    request: Request, draft: Draft, form: Form, target: Target, match: MatchChoice, *, practice: bool
) -> Response:
    """Show what goes where and what stays here, and ask for a yes."""
    vendor, summary = get_services(request).get_vendor(draft), read_summary(draft.check_reports) or {}
    counts = {status: number for status, number in summary.get("counts", {}).items() if number}
    stays = [(status, number) for status, number in counts.items() if status != Status.VALID]
    is_odd = not practice and key_warning(vendor, target.secret) is not None
    doubt = N_("The API key does not begin as keys of %(vendor)s do. Is it the right one?")
    values = {
        "draft": draft,
        "vendor": vendor,
        "state": form.get("state", ""),
        "place": "practice" if practice else "real",
        "address": "" if practice else target.base_url,
        "match": None if match is NO_MATCH else match,
        "ready": counts.get(Status.VALID, 0),
        "stays": stays,
        "staying": sum(number for _, number in stays),
        "warnings": _most_frequent(summary.get("warnings", {})),
        "problems": _most_frequent(summary.get("problems", {})),
        "doubt": words_for(request).say(doubt, vendor=vendor.title) if is_odd else "",
    }
    if accepts_json(request):
        return JSONResponse({"dialog": render_fragment(request, "confirmation.html", **values)})
    return render(request, "confirm.html", **values)


def _most_frequent(counts: dict[str, int]) -> list[tuple[str, int]]:
    return Counter(counts).most_common(MAX_REASONS)


def _redirect_to_run(request: Request, draft: Draft, task: Task) -> Response:
    """Wait until the run has its id, and redirect to it."""
    task.named.wait(RUN_START_SECONDS)
    if task.run is not None:
        return _go(request, f"/runs/{task.run}")
    if task.error is None:
        return _go(request, f"/files/{draft.id}/import")
    return _show_form(request, draft, describe_error(request, task.error), 400)


def _go(request: Request, path: str) -> Response:
    """Redirect to a path; the page's own script is told where to go."""
    return JSONResponse({"location": path}) if accepts_json(request) else redirect(path)


def _store_typed_key(services: WebServices, draft: Draft, form: Form) -> bool:
    """Keep the key of the form, if it has one. Return False if the keyring refused it. Raises SettingsError."""
    key, vendor = form.get("key", "").strip(), services.get_vendor(draft)
    if not key:
        return True
    url = draft.base_url or services.credentials.find_base_url(vendor)
    find_target(vendor, url, key)  # raises before a malformed key or address is kept
    return services.credentials.store_key(vendor.name, key, url, remember=bool(form.get("remember")))


def _begin(services: WebServices, draft: Draft, run: str) -> None:
    services.drafts.set_run(draft.id, run)
    services.unfinished.keep(run, is_running=True)


def _import(services: WebServices, draft: Draft, settings: Settings, task: Task) -> Summary:
    try:
        return run_import(draft.file, settings, task)
    except BaseException:
        if task.run is None or not is_run(services.state_dir, task.run):  # nothing was sent, no run is stored
            services.drafts.set_run(draft.id, None)
        raise
    finally:
        if task.run is not None and not services.is_closing:
            services.unfinished.keep(task.run, is_running=False)
