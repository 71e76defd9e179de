"""A run: how far it is, or what came of it; and what can be done about it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from importer.errors import ImporterError
from importer.model.status import NextStep, Status
from importer.pipeline import resolve_run, resume_run
from importer.runs.history import StoredRun, is_run, remove_run, rows_of_run, show_run
from importer.runs.resolve import Mark, ResolveOptions
from importer.settings import Settings
from importer.web.background_tasks import Sort, Task, Work
from importer.web.check_tasks import summary_of
from importer.web.endpoints import Form, number_of, page, said, services_of, to
from importer.web.i18n import N_, PageError
from importer.web.pages.check import DOWNLOADS, report_file
from importer.web.pages.home import ENDINGS, LARGEST_UPLOAD
from importer.web.server_sent_events import follow
from importer.web.services import WebServices
from schemas.contract import Vendor
from schemas.registry import load_vendor

ID, STATE = "id-", "state-"
SHOWN_OF_A_ROW = 4


def run(request: Request) -> Response:
    """How far a run is while it is at work, else what came of it."""
    desk, name = services_of(request), request.path_params["run"]
    work = desk.works.of_run(name)
    if work is not None and not work.is_over:
        return page(request, "running.html", run=name, work=work, draft=desk.drafts.of_run(name))
    if work is not None and work.error is not None and not is_run(desk.state_dir, name):
        return page(request, "failed_run.html", 400, draft=work.draft, message=said(request, work.error))
    desk.works.forget_run(name)  # what it complains of is said once
    return _results(request, show_run(name, desk.state_dir), work.error if work else None)


def _results(request: Request, kept: StoredRun, complaint: ImporterError | None, status: int = 200) -> Response:
    desk, record = services_of(request), kept.record
    summary = (summary_of(Path(record.output)) if kept.has_reports else None) or {}
    doubts = summary.get("uncertain", []) if kept.has_rows else []
    texts = rows_of_run(desk.state_dir, record.id, [entry["row"] for entry in doubts]) if doubts else {}
    vendor = _vendor(record.vendor)
    counts = {Status(name): count for name, count in record.counts.items() if count}
    draft = desk.drafts.of_run(record.id)
    return page(
        request,
        "run.html",
        status,
        kept=kept,
        record=record,
        vendor=vendor,
        counts=counts,
        summary=summary,
        doubts=doubts,
        beside={row: cells[:SHOWN_OF_A_ROW] for row, cells in texts.items()},
        needs_a_person=sum(count for status, count in counts.items() if status.info.next_step is NextStep.CORRECT),
        downloads=[name for name in DOWNLOADS if kept.has_reports and (Path(record.output) / name).exists()],
        is_resumable=kept.has_rows and record.state in ("interrupted", "stopped"),
        is_practice=draft is not None and draft.practice,
        has_key=desk.credentials.look(record.vendor)[0] is not None,
        has_file=draft is not None and draft.file.exists(),
        can_ask=vendor is not None and _can_ask(vendor, record.operation),
        complaint=said(request, complaint) if complaint else None,
        moment=_moment,
        endings=ENDINGS,
        largest=LARGEST_UPLOAD,
    )


def _vendor(name: str) -> Vendor | None:
    """The contract of a run, which may have been one that somebody named by its file."""
    from schemas.contract import ContractError

    try:
        return load_vendor(name)
    except ContractError:
        return None


def _can_ask(vendor: Vendor, operation: str) -> bool:
    known = vendor.operations.get(operation)
    return known is not None and known.lookup is not None


def _moment(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None


def run_events(request: Request) -> Response:
    """How far a run is."""
    desk, name = services_of(request), request.path_params["run"]
    return follow(request, lambda: desk.works.of_run(name))


def steer(request: Request, form: Form) -> Response:
    """Hold a run, let it go on, or stop it."""
    name = request.path_params["run"]
    work = services_of(request).works.of_run(name)
    if work is not None and not work.is_over:
        {"hold": work.hold, "go-on": work.go_on, "stop": work.stop}.get(form.get("do", ""), work.go_on)()
    return to(f"/runs/{name}")


def resume(request: Request, form: Form) -> Response:
    """Go on with a run that did not end."""
    desk, kept = _taken_up(request, form)
    settings = _settings(desk, kept)
    name = kept.record.id
    return _at_work(request, kept, "resume", lambda work: resume_run(name, settings, work))


def settle(request: Request, form: Form) -> Response:
    """Settle uncertain rows: by what somebody found out, or by asking the vendor."""
    desk, kept = _taken_up(request, form)
    marks = []
    for field, state in form.items():
        row = number_of(field.removeprefix(STATE)) if field.startswith(STATE) else None
        if row is not None and state in ("created", "absent"):
            vendor_id = form.get(f"{ID}{row}", "").strip()
            if state == "created" and not vendor_id:
                complaint = PageError(N_("Row %(row)s: say which id the contact has at the vendor."), row=row)
                return _results(request, kept, complaint, 400)
            marks.append(Mark(row, "created", vendor_id) if state == "created" else Mark(row, "absent"))
    asks = form.get("do") == "ask"
    wishes = ResolveOptions(tuple(marks), resend_absent=bool(form.get("resend")), asks=asks, ask_anyway=asks)
    settings, name = _settings(desk, kept), kept.record.id
    return _at_work(request, kept, "settle", lambda work: resolve_run(name, settings, wishes, work))


def _taken_up(request: Request, form: Form) -> tuple[WebServices, StoredRun]:
    """The run that is to be taken up; a key that was typed for it is kept."""
    desk = services_of(request)
    kept = show_run(request.path_params["run"], desk.state_dir)
    work = desk.works.of_run(kept.record.id)
    if work is not None and not work.is_over:
        raise PageError(N_("This run is at work. Stop it first."))
    if key := form.get("key", "").strip():
        url = kept.record.target.rpartition("#")[0]
        desk.credentials.take(kept.record.vendor, key, url, remember=bool(form.get("remember")))
    return desk, kept


def _settings(desk: WebServices, kept: StoredRun) -> Settings:
    key = desk.key_of_run(kept.record.id, kept.record.vendor)
    return Settings(kept.record.vendor, state_dir=desk.state_dir, api_key=key)


def _at_work(request: Request, kept: StoredRun, sort: Sort, task: Task) -> Response:
    desk, name = services_of(request), kept.record.id
    work = Work(sort)
    work.run = name
    desk.works.start(f"run:{name}", work, task)
    return to(f"/runs/{name}")


def use_again(request: Request, _form: Form) -> Response:
    """The file of a run once more, with what was chosen and corrected: what is done is not sent again."""
    desk = services_of(request)
    draft = desk.drafts.of_run(request.path_params["run"])
    if draft is None or not draft.file.exists():
        raise PageError(N_("The file of this run is not here any more. Upload it again."))
    return to(f"/files/{desk.drafts.again(draft).id}/columns")


def remove(request: Request, _form: Form) -> Response:
    """Delete the rows, reports and file of a run."""
    desk, name = services_of(request), request.path_params["run"]
    work = desk.works.of_run(name)
    if work is not None and not work.is_over:
        raise PageError(N_("This run is at work. Stop it first."))
    remove_run(desk.state_dir, name)
    return to("/")


def download_of_run(request: Request) -> Response:
    """A report of a run."""
    kept = show_run(request.path_params["run"], services_of(request).state_dir)
    if not kept.has_reports:
        raise PageError(N_("The reports of this run are not here any more."))
    return report_file(Path(kept.record.output), request.path_params["name"], kept.record.id)
