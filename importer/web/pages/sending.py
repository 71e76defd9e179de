"""Before anything leaves: what would be sent, where to, with which key; and the word to begin."""

from __future__ import annotations

from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from importer.drafts import Draft
from importer.errors import ImporterError, SettingsError
from importer.pipeline import run_import
from importer.records import Summary
from importer.runs import is_run
from importer.sending.target import find_target
from importer.settings import Settings
from importer.web.answers import Form, Said, desk_of, page, said, to
from importer.web.checks import bodies_of, start_check, summary_of, work_of
from importer.web.desk import Desk
from importer.web.work import Work

BEGIN_SECONDS = 20.0


def importing(request: Request) -> Response:
    """The first three bodies, the address, the key, and how many contacts go there."""
    desk = desk_of(request)
    draft = desk.drafts.get(request.path_params["draft"])
    if draft.run is not None:
        return to(f"/runs/{draft.run}")
    if not draft.is_reported:
        work = work_of(desk, draft)
        if work is not None and work.error is not None:
            return to(f"/files/{draft.id}/check")
        return page(request, "checking.html", draft=draft, work=start_check(desk, draft))
    return _asked(request, draft, None)


def _asked(request: Request, draft: Draft, complaint: Said | None, status: int = 200) -> Response:
    desk = desk_of(request)
    vendor = desk.vendor_of(draft)
    found = desk.credentials.find(vendor.name)
    return page(
        request,
        "import.html",
        status,
        draft=draft,
        vendor=vendor,
        summary=summary_of(draft.check_reports) or {},
        bodies=bodies_of(draft),
        address=draft.base_url or desk.credentials.address(vendor),
        has_key=found is not None,
        key_from=found.where if found else "",
        complaint=complaint,
    )


def begin(request: Request, form: Form) -> Response:
    """Begin the import; it goes on when the browser is closed."""
    desk = desk_of(request)
    draft = desk.drafts.get(request.path_params["draft"])
    if draft.run is not None:
        return to(f"/runs/{draft.run}")
    if not draft.is_reported:
        return to(f"/files/{draft.id}/import")
    draft = _addressed(desk, draft, form)
    try:
        url, key = desk.destination(draft)
        find_target(desk.vendor_of(draft), url, key)
    except SettingsError as error:
        return _asked(request, draft, _without_options(said(request, error)), 400)
    settings = replace(draft.settings(desk.state_dir, draft.reports), base_url=url, api_key=key)

    asked = Work("import", draft.id, lambda run: desk.drafts.change(draft.id, run=run))
    work = desk.works.start(f"import:{draft.id}", asked, lambda told: _import(desk, draft, settings, told))
    work.named.wait(BEGIN_SECONDS)
    if work.run is None:
        if work.error is None:
            return to(f"/files/{draft.id}/import")
        return _asked(request, draft, said(request, work.error), 400)
    return to(f"/runs/{work.run}")


def _addressed(desk: Desk, draft: Draft, form: Form) -> Draft:
    """The draft with where it goes; a key that was typed is kept."""
    if form.get("place") == "practice":
        return desk.drafts.change(draft.id, practice=True)
    key = form.get("key", "").strip()
    if key:
        desk.credentials.take(desk.vendor_of(draft).name, key, remember=bool(form.get("remember")))
    return desk.drafts.change(draft.id, practice=False, base_url=form.get("base_url", "").strip() or None)


def _without_options(error: Said) -> Said:
    """What is wrong, without the words for the command line."""
    text = error.text.split("; put it into", maxsplit=1)[0].split(", so say where it is", maxsplit=1)[0]
    return replace(error, text=text.removeprefix("--base-url "))


def _import(desk: Desk, draft: Draft, settings: Settings, work: Work) -> Summary:
    try:
        return run_import(draft.file, settings, work)
    except ImporterError:
        if work.run is None or not is_run(desk.state_dir, work.run):  # nothing was sent, and nothing is kept of it
            desk.drafts.change(draft.id, run=None)
        raise
