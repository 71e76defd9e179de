"""What would happen: counts, problems by kind, the bad cells, to be corrected in place."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from importer.drafts.draft import Draft
from importer.errors import MappingError, SettingsError
from importer.runs.review import CheckReview, ProblemQuery
from importer.settings import Correction
from importer.web.check_tasks import found_in, rehearsal_of, start_check, summary_of, work_of
from importer.web.endpoints import Form, number_of, page, rendered, said, services_of, to, wants_json
from importer.web.i18n import N_, PageError
from importer.web.server_sent_events import follow

PAGE = 50
LONGEST_TEXT = 32_767
DOWNLOADS = ("errors.xlsx", "errors.csv", "result.csv", "report.html", "summary.json")
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@dataclass(frozen=True, slots=True)
class View:
    """What part of the problems a page shows, as its address says it."""

    severity: str
    code: str
    field: str
    number: int
    shows_corrected: bool

    @classmethod
    def of(cls, request: Request) -> View:
        """As the address says."""
        query = request.query_params
        number = number_of(query.get("page", "1")) or 1
        return cls(
            "warning" if query.get("severity") == "warning" else "error",
            query.get("code", ""),
            query.get("field", ""),
            number,
            query.get("show") == "corrected",
        )

    @property
    def wanted(self) -> ProblemQuery:
        """The same, as the rehearsal takes it."""
        return ProblemQuery(self.code, self.field, self.severity, (self.number - 1) * PAGE, PAGE)

    def link(self, **other: object) -> str:
        """The address of another part."""
        told = {"severity": self.severity, "code": self.code, "field": self.field, **other}
        return "?" + urlencode({name: value for name, value in told.items() if value})


def check(request: Request) -> Response:
    """Check the file if that is not done, then show what was found."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    if draft.run is not None:
        return to(f"/runs/{draft.run}")
    work = work_of(desk, draft)
    if work is not None and not work.is_over:
        return page(request, "checking.html", draft=draft, work=work)
    if work is not None and work.error is not None and work.revision == draft.revision:
        desk.works.forget(f"check:{draft.id}")
        return page(request, "uncheckable.html", 400, draft=draft, message=said(request, work.error))
    if not draft.is_checked:
        return page(request, "checking.html", draft=draft, work=start_check(desk, draft))
    try:
        kept, found = rehearsal_of(desk, draft), found_in(desk, draft)
    except SettingsError:
        desk.drafts.change(draft.id, checked=None)
        return to(f"/files/{draft.id}/check")
    return _found(request, draft, kept, found)


def _found(request: Request, draft: Draft, kept: CheckReview, found: CheckReview) -> Response:
    view = View.of(request)
    problems = found.problems(view.wanted)
    return page(
        request,
        "check.html",
        draft=draft,
        view=view,
        problems=problems,
        kept=kept,
        before=kept.original_values() if draft.corrections else {},
        summary=summary_of(draft.check_reports) or {},
        pages=max(1, -(-problems.total // PAGE)),
        has_book=draft.is_reported and (draft.check_reports / "errors.xlsx").exists(),
        downloads=[name for name in DOWNLOADS if (draft.check_reports / name).exists()],
    )


def fix(request: Request, form: Form) -> Response:
    """Put another text into a cell, or the file's own again; the row is judged at once."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    row, column = at = _place(form)
    kept, undone = rehearsal_of(desk, draft), form.get("do") == "undo"
    if column >= kept.width or row not in kept:
        raise PageError(N_("The file has no such cell."))
    correction = None if undone else Correction(row, column, _text(form))
    before = next((entry for entry in draft.corrections if (entry.row, entry.column) == at), None)
    if correction is not None and before is None and correction.text == kept.original_value(row, column):
        raise PageError(N_("Nothing was changed in this cell."))
    seen = number_of(form.get("revision", ""))
    changed = desk.drafts.correct(draft.id, correction, at, -1 if seen is None else seen)
    now = rehearsal_of(desk, changed)
    try:
        after, cells = now.problems(ProblemQuery(size=0)), now.of_row(row)
    except MappingError:
        desk.drafts.correct(draft.id, before, at)
        raise
    if not wants_json(request):
        return to(f"/files/{draft.id}/check{_query(form)}")
    left = [cell for cell in cells if cell.column == column]
    values = {"row": row, "column": column, "left": left, "others": [cell for cell in cells if cell not in left]}
    return JSONResponse(
        {
            "verdict": rendered(request, "verdict.html", undone=undone, **values),
            "overview": rendered(
                request, "overview.html", draft=changed, problems=after, view=View.of(request), has_book=False
            ),
            "fixed": not any(cell.severity == "error" for cell in left),
        }
    )


def _text(form: Form) -> str:
    text = form.get("text", "").replace("\r\n", "\n")  # as browsers send line ends
    if len(text) > LONGEST_TEXT:
        raise PageError(N_("A cell holds %(n)s characters at most."), n=LONGEST_TEXT)
    return text


def _place(form: Form) -> tuple[int, int]:
    row, column = number_of(form.get("row", "")), number_of(form.get("column", ""))
    if row is None or column is None:
        raise PageError(N_("The file has no such cell."))
    return row, column


def _query(form: Form) -> str:
    """Back to the part of the problems that was shown, if the form says which."""
    query = form.get("view", "")
    return query if query.startswith("?") and "\n" not in query and "\r" not in query else ""


def again(request: Request, _form: Form) -> Response:
    """Check the whole file with the corrections in it, so that its reports have them."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    start_check(desk, draft)
    return to(f"/files/{draft.id}/check")


def stop_check(request: Request, _form: Form) -> Response:
    """Stop the check that is at work."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    work = work_of(desk, draft)
    if work is not None:
        work.stop()
    return to(f"/files/{draft.id}/columns")


def check_events(request: Request) -> Response:
    """How far the check is."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    return follow(request, lambda: work_of(desk, draft))


def download(request: Request) -> Response:
    """A report of the check; one that does not have the last corrections is not given away."""
    draft, name = services_of(request).draft(request.path_params["draft"]), request.path_params["name"]
    if name in DOWNLOADS and not draft.is_reported:
        return to(f"/files/{draft.id}/check")
    return report_file(draft.check_reports, name)


def report_file(folder: Path, name: str, run: str = "") -> Response:
    """A report, to be saved under a name that says its run; report.html is shown, without anything it could do."""
    path = folder / name
    if name not in DOWNLOADS or not path.is_file():
        raise PageError(N_("There is no %(name)s here."), name=name)
    if name == "report.html":
        return FileResponse(path, media_type="text/html", headers={"content-security-policy": REPORT_POLICY})
    return FileResponse(path, filename=f"{path.stem}-{run}{path.suffix}" if run else name)
