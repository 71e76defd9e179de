"""The page of a check: counts, problems by kind, and the bad cells, which are corrected in place."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response

from importer.drafts.draft import Draft
from importer.errors import MappingError, SettingsError
from importer.model.table import MAX_CELL_CHARACTERS
from importer.questions import UnansweredQuestionsError
from importer.runs.review import CheckReview, ProblemPage, ProblemQuery
from importer.settings import Correction
from importer.web.background_tasks import Task, check_key
from importer.web.check_tasks import find_check, load_latest_review, load_review, read_summary, start_check
from importer.web.endpoints import redirect
from importer.web.field_labels import field_label
from importer.web.forms import Form, parse_number
from importer.web.i18n import N_, PageError
from importer.web.pages.check_actions import list_open_questions
from importer.web.pages.check_cards import build_cause_cards, build_question_cards, describe_edit, describe_question
from importer.web.pages.home import MAX_UPLOAD_BYTES
from importer.web.region_names import list_regions
from importer.web.rendering import accepts_json, describe_error, render, render_fragment, words_for
from importer.web.server_sent_events import stream_progress
from importer.web.services import WebServices, get_services

ROWS_PER_PAGE = 20
MAX_EDITS_SHOWN = 50
MAX_CORRECTIONS_SHOWN = 500
DOWNLOADS = ("errors.xlsx", "errors.csv", "result.csv", "report.html", "summary.json")
REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"  # of report.html, which quotes the file


@dataclass(frozen=True, slots=True)
class ProblemFilter:
    """The part of the problems that a page shows, as in the query of its address."""

    severity: str
    code: str
    field: str
    column: str
    after: int  # the last row of the page before
    shows_corrections: bool

    @classmethod
    def from_request(cls, request: Request) -> ProblemFilter:
        """Read the filter from the query of a request."""
        query = request.query_params
        return cls(
            severity="warning" if query.get("severity") == "warning" else "error",
            code=query.get("code", ""),
            field=query.get("field", ""),
            column=query.get("column", ""),
            after=parse_number(query.get("after", "0")) or 0,
            shows_corrections=query.get("show") == "corrected",
        )

    @property
    def wanted(self) -> ProblemQuery:
        """Return the filter as a query to the review."""
        size = ROWS_PER_PAGE if self.code else 0
        return ProblemQuery(self.code, self.field, self.severity, 0, size, self.column, after=self.after)

    @property
    def query(self) -> str:
        """Return the query of the address."""
        return self.link(after=self.after)

    def link(self, **changes: object) -> str:
        """Return the query of this filter with changes."""
        values = {"severity": self.severity, "code": self.code, "field": self.field, "column": self.column, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value})

    @property
    def tab(self) -> str:
        """Return the name of the tab that is open."""
        return "corrected" if self.shows_corrections else self.severity


def show(request: Request) -> Response:
    """Show the result of the check; start the check if there is none, and show its progress."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if draft.run is not None:
        return redirect(f"/runs/{draft.run}")
    task = find_check(services, draft)
    unfinished = _show_check(request, services, draft, task)
    if unfinished is not None:
        return unfinished
    try:
        review, latest = load_review(services, draft), load_latest_review(services, draft)
    except SettingsError:  # the rows were deleted
        services.drafts.change(draft.id, checked=None)
        return redirect(f"/files/{draft.id}/check")
    if task is None and latest.has_open_questions:  # the server has started since: only the check has them
        services.drafts.change(draft.id, checked=None)
        return redirect(f"/files/{draft.id}/check")
    return _show_review(request, draft, review, latest)


def _show_check(request: Request, services: WebServices, draft: Draft, task: Task | None) -> Response | None:
    """Show the check that is running, what it asks, or why it failed; None where its result can be shown."""
    if task is not None and not task.is_finished:
        return render(request, "checking.html", draft=draft, task=task)
    if task is None or task.error is None or task.revision != draft.revision:
        return (
            None
            if draft.is_checked
            else render(request, "checking.html", draft=draft, task=start_check(services, draft))
        )
    if isinstance(task.error, UnansweredQuestionsError):
        return _show_questions(request, draft, task.error)
    services.tasks.forget(check_key(draft.id))
    return render(request, "uncheckable.html", 400, draft=draft, message=describe_error(request, task.error))


def _show_questions(request: Request, draft: Draft, error: UnansweredQuestionsError) -> Response:
    """Show what must be answered before the rows can be checked."""
    words = words_for(request)
    return render(
        request,
        "answers.html",
        draft=draft,
        questions=[describe_question(words, question) for question in error.questions],
        done=_list_edits(request, draft),
        **_answer_lists(request),
    )


def _answer_lists(request: Request) -> dict[str, Any]:
    """Return the countries and time zones to choose from."""
    regions = list_regions(words_for(request).language)
    return {"regions": regions, "zones": sorted(zoneinfo.available_timezones())}


def _list_edits(request: Request, draft: Draft) -> list[tuple[int, str]]:
    """Return number and description of the last actions, the latest first."""
    words = words_for(request)
    return [(edit.number, describe_edit(words, edit)) for edit in draft.edits[: -MAX_EDITS_SHOWN - 1 : -1]]


def _show_review(request: Request, draft: Draft, review: CheckReview, latest: CheckReview) -> Response:
    view, words, services = ProblemFilter.from_request(request), words_for(request), get_services(request)
    problems = latest.problems(view.wanted)
    questions = list_open_questions(services, draft)
    done = _list_edits(request, draft)
    number = parse_number(request.query_params.get("done", ""))
    is_first_tab = view.tab == "error"
    return render(
        request,
        "check.html",
        draft=draft,
        view=view,
        problems=problems,
        tab_counts=_tab_counts(draft, problems),
        cards=build_cause_cards(words, latest, view.severity, questions, view.wanted),
        questions=build_question_cards(words, latest, questions) if is_first_tab and not view.code else (),
        done=done,
        last_edit=next((entry for entry in done if entry[0] == number), None),
        remembered="remembered" in request.query_params,
        suggested_name=Path(draft.name).stem,
        vendor_title=services.get_vendor(draft).title,
        field_label=field_label,
        **_answer_lists(request),
        review=review,
        corrections=draft.corrections[: -MAX_CORRECTIONS_SHOWN - 1 : -1],
        original_values=review.original_values() if draft.corrections else {},
        summary=read_summary(draft.check_reports) or {},
        max_bytes=MAX_UPLOAD_BYTES,
        has_workbook=draft.is_reported and (draft.check_reports / "errors.xlsx").exists(),
        downloads=[name for name in DOWNLOADS if draft.is_reported and (draft.check_reports / name).exists()],
    )


def _tab_counts(draft: Draft, problems: ProblemPage) -> dict[str, int]:
    """Return how many entries each tab of the page has."""
    counts = {"error": 0, "warning": 0, "corrected": len(draft.corrections)}
    for kind in problems.kinds:
        counts[kind.severity] += kind.count
    return counts


def correct_cell(request: Request, form: Form) -> Response:
    """Put another text into a cell, or the file's own again, and judge the row at once.

    The form carries the revision that its page has shown: a window that is older may mean a cell of another table.
    """
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    row, column = cell = _read_cell(form)
    review, is_undo = load_review(services, draft), form.get("do") == "undo"
    if column >= review.width or row not in review:
        raise PageError(N_("The file has no such cell."))
    correction = None if is_undo else Correction(row, column, _read_text(form))
    previous = next((entry for entry in draft.corrections if (entry.row, entry.column) == cell), None)
    if correction is not None and previous is None and correction.text == review.original_value(row, column):
        raise PageError(N_("Nothing was changed in this cell."))
    revision = parse_number(form.get("revision", ""))
    draft = services.drafts.correct(draft.id, correction, cell, -1 if revision is None else revision)
    review = load_review(services, draft)
    try:
        problems, row_problems = review.problems(ProblemQuery(size=0)), review.of_row(row)
    except MappingError:
        services.drafts.correct(draft.id, previous, cell)
        raise
    if not accepts_json(request):
        return redirect(f"/files/{draft.id}/check{_read_view(form)}")
    left = [problem for problem in row_problems if problem.column == column]
    others = [problem for problem in row_problems if problem not in left]
    view, tab_counts = ProblemFilter.from_request(request), _tab_counts(draft, problems)
    overview = {"draft": draft, "problems": problems, "tab_counts": tab_counts, "view": view, "has_workbook": False}
    return JSONResponse(
        {
            "verdict": render_fragment(request, "verdict.html", is_undo=is_undo, left=left, others=others),
            "overview": render_fragment(request, "overview.html", **overview),
            "fixed": not any(problem.severity == "error" for problem in left),
        }
    )


def _read_text(form: Form) -> str:
    text = form.get("text", "").replace("\r\n", "\n")  # browsers send line breaks as CR LF
    if len(text) > MAX_CELL_CHARACTERS:
        raise PageError(N_("A cell holds %(n)s characters at most."), n=MAX_CELL_CHARACTERS)
    return text


def _read_cell(form: Form) -> tuple[int, int]:
    """Return row and column of the cell that a form corrects."""
    row, column = parse_number(form.get("row", "")), parse_number(form.get("column", ""))
    if row is None or column is None:
        raise PageError(N_("The file has no such cell."))
    return row, column


def _read_view(form: Form) -> str:
    """Return the query of the page that a form was sent from; empty where it is none."""
    query = form.get("view", "")
    return query if query.startswith("?") and "\n" not in query and "\r" not in query else ""


def restart(request: Request, _form: Form) -> Response:
    """Check the whole file with its corrections, so that the reports have them."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    start_check(services, draft)
    return redirect(f"/files/{draft.id}/check")


def stop(request: Request, _form: Form) -> Response:
    """Stop the check that is running."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    task = find_check(services, draft)
    if task is not None:
        task.stop()
    return redirect(f"/files/{draft.id}/columns")


def progress(request: Request) -> Response:
    """Stream the progress of a check."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    return stream_progress(request, lambda: find_check(services, draft))


def download(request: Request) -> Response:
    """Send a report of the check, unless it lacks the latest corrections."""
    draft, name = get_services(request).get_draft(request.path_params["draft"]), request.path_params["name"]
    if name in DOWNLOADS and not draft.is_reported:
        return redirect(f"/files/{draft.id}/check")
    return send_report(draft.check_reports, name)


def send_report(folder: Path, name: str, run: str = "") -> Response:
    """Send a report, to be saved with its run in its name. report.html is shown instead, without scripts and links."""
    path = folder / name
    if name not in DOWNLOADS or not path.is_file():
        raise PageError(N_("There is no %(name)s here."), name=name)
    if name == "report.html":
        return FileResponse(path, media_type="text/html", headers={"content-security-policy": REPORT_POLICY})
    return FileResponse(path, filename=f"{path.stem}-{run}{path.suffix}" if run else name)
