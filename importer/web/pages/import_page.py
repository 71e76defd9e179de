"""Before anything leaves: what would be sent, where to, with which key; and the word to begin."""

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
from importer.web.background_tasks import Work
from importer.web.check_tasks import bodies_of, settings_of, start_check, summary_of, work_of
from importer.web.endpoints import Form, Said, page, said, services_of, to, words_for
from importer.web.i18n import N_
from importer.web.services import WebServices

BEGIN_SECONDS = 20.0


def importing(request: Request) -> Response:
    """The first three bodies, the address, the key, and how many contacts go there."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    if draft.run is not None:
        return to(f"/runs/{draft.run}")
    if not draft.is_reported:
        work = work_of(desk, draft)
        if work is not None and work.error is not None:
            return to(f"/files/{draft.id}/check")
        return page(request, "checking.html", draft=draft, work=start_check(desk, draft))
    return _asked(request, draft, None)


def _asked(request: Request, draft: Draft, complaint: Said | None, status: int = 200, address: str = "") -> Response:
    desk = services_of(request)
    vendor = desk.vendor_of(draft)
    found, wrong = desk.credentials.look(vendor.name)
    return page(
        request,
        "import.html",
        status,
        draft=draft,
        vendor=vendor,
        summary=summary_of(draft.check_reports) or {},
        bodies=bodies_of(draft),
        address=address or draft.base_url or desk.credentials.address(vendor),
        has_key=found is not None,
        key_from=found if found and found.source else None,
        complaint=complaint or (said(request, wrong) if wrong else None),
    )


def begin(request: Request, form: Form) -> Response:
    """Begin the import of what the page has shown; it goes on when the browser is closed."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    under_way = desk.works.get(f"import:{draft.id}")
    if draft.run is None and under_way is not None and not under_way.is_over:
        return _wait(request, draft, under_way)
    if draft.run is not None:
        return to(f"/runs/{draft.run}")
    if not draft.is_reported:
        return to(f"/files/{draft.id}/import")
    practice, url = form.get("place") == "practice", form.get("base_url", "").strip()
    meant = replace(draft, practice=practice, base_url=draft.base_url if practice else url or None)
    try:
        kept = practice or _take_key(desk, meant, form)
        address, key = desk.destination(meant)
        find_target(desk.vendor_of(draft), address, key)
        draft = desk.drafts.start(draft.id, form.get("state", ""), practice=practice, base_url=meant.base_url)
    except SettingsError as error:
        shown = "" if "@" in url else url
        return _asked(request, draft, _without_options(said(request, error)), 400, shown)
    settings = replace(settings_of(desk, draft, draft.reports), base_url=address, api_key=key)
    asked = Work("import", draft.id, lambda run: desk.drafts.started(draft.id, run))
    if not kept:
        asked.note(words_for(request).say(N_("The keyring does not take the key; it is kept until the program ends.")))
    return _wait(
        request, draft, desk.works.start(f"import:{draft.id}", asked, lambda told: _import(desk, draft, settings, told))
    )


def _wait(request: Request, draft: Draft, work: Work) -> Response:
    """Wait until the run has its id, and go there."""
    work.named.wait(BEGIN_SECONDS)
    if work.run is not None:
        return to(f"/runs/{work.run}")
    if work.error is None:
        return to(f"/files/{draft.id}/import")
    return _asked(request, draft, said(request, work.error), 400)


def _take_key(desk: WebServices, draft: Draft, form: Form) -> bool:
    """Keep a key that was typed; whether it is where it was to be kept."""
    key, vendor = form.get("key", "").strip(), desk.vendor_of(draft)
    if not key:
        return True
    url = draft.base_url or desk.credentials.address(vendor)
    find_target(vendor, url, key)  # what is no key, or no address, is not kept
    return desk.credentials.take(vendor.name, key, url, remember=bool(form.get("remember")))


def _without_options(error: Said) -> Said:
    """What is wrong, without the words for the command line."""
    text = error.text.split("; put it into", maxsplit=1)[0].split(", so say where it is", maxsplit=1)[0]
    return replace(error, text=text.removeprefix("--base-url "))


def _import(desk: WebServices, draft: Draft, settings: Settings, work: Work) -> Summary:
    try:
        return run_import(draft.file, settings, work)
    except BaseException:
        if work.run is None or not is_run(desk.state_dir, work.run):  # nothing was sent, and nothing is kept of it
            desk.drafts.started(draft.id, None)
        raise
