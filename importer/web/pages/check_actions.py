"""What the cards of the check do: change all cells with a value, leave rows out, answer questions, and undo."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from importer.drafts.draft import Draft
from importer.drafts.edit import Cell, KeptAnswer
from importer.mapping import ColumnProfile, render_saved_mapping
from importer.questions import (
    GivenAnswer,
    OpenQuestion,
    UnansweredQuestionsError,
    answer_parts,
    choice_values,
    read_answer,
)
from importer.runs.answering import adopt_mapping_options
from importer.runs.causes import Cause, CauseValue, find_cause, rows_of
from importer.runs.context import find_operation, find_vendor, resolve_context
from importer.runs.mapping_index import remember_mapping
from importer.runs.review import CheckReview
from importer.web.background_tasks import check_key
from importer.web.check_tasks import find_check, load_review
from importer.web.endpoints import redirect
from importer.web.forms import Form, parse_number
from importer.web.i18n import N_, PageError
from importer.web.services import WebServices, get_services

ANSWER, OTHER, REPLACEMENT = "answer-", "other-", "to-"  # of a form's fields, followed by the question's or value's key


def change_values(request: Request, form: Form) -> Response:
    """Put other texts into all cells of a cause with the same value, or leave its rows out: one action, one undo."""
    services = get_services(request)
    draft, review = _load(services, request.path_params["draft"], form)
    cause = find_cause(review, form.get("code", ""), form.get("field", ""), form.get("column", ""), "error")
    if cause is None:
        raise PageError(N_("This was corrected already. Reload the page."))
    if form.get("do") == "remove":
        rows = rows_of(review, cause)
        draft = services.drafts.edit(draft.id, lambda edits: edits.remove_rows(rows, {}), draft.revision)
        return _back(draft)
    meant = _read_replacements(cause, form)
    if not meant:
        raise PageError(N_("Choose or enter what these values are to be."))
    question = _find_choice_question(services, draft, cause)
    said = {value.text: text for value, text in meant.items()}
    if question is not None and said.keys() <= {part.value for part in question.parts}:
        return _keep(services, draft, [(question, answer_parts(question, said, by_person=True))])
    texts: dict[Cell, str | None] = {}
    for value, text in meant.items():
        rows = rows_of(review, cause, value.text)
        own = review.own_texts(rows)
        for row in rows:
            texts[row, cause.position or 0] = None if own[row][cause.position or 0] == text else text
    params = {"column": cause.column, "pairs": [[value.text, text] for value, text in meant.items()]}
    draft = services.drafts.edit(draft.id, lambda edits: edits.change_cells("values", texts, params), draft.revision)
    return _back(draft)


def answer_questions(request: Request, form: Form) -> Response:
    """Store the answers to questions, and check the file again with them."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    _reject_old_revision(draft, form)
    given = []
    for question in list_open_questions(services, draft):
        text = form.get(OTHER + question.key, "").strip() or form.get(ANSWER + question.key, "")
        if not text:
            continue
        try:
            choice = read_answer(question, text)
        except ValueError as error:
            raise PageError(
                N_("“%(answer)s” cannot be used here. Go back and choose another answer."), answer=text
            ) from error
        given.append((question, GivenAnswer(question, choice, choice.answer, by_person=True)))
    if not given:
        raise PageError(N_("Choose an answer first."))
    return _keep(services, draft, given)


def undo(request: Request, form: Form) -> Response:
    """Take one action back."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    number = parse_number(form.get("edit", "")) or 0
    services.tasks.forget(check_key(draft.id))
    services.drafts.edit(draft.id, lambda edits: edits.undo(number))
    return redirect(f"/files/{draft.id}/check")


def remember(request: Request, form: Form) -> Response:
    """Save the mapping with the answers under a name: the next file with these columns is offered it."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    name = form.get("name", "").strip()
    if not name:
        raise PageError(N_("Enter a name first."))
    settings = adopt_mapping_options(draft.settings(services.state_dir, draft.check_reports))
    vendor = find_vendor(settings)
    mapping = load_review(services, draft).mapping
    text = render_saved_mapping(
        mapping, find_operation(vendor, settings), ColumnProfile(), vendor.title, draft.name, settings
    )
    path = services.mappings.save(draft.vendor, draft.operation, name, text)
    remember_mapping(resolve_context(settings), mapping.columns, path)
    return redirect(f"/files/{draft.id}/check?remembered=1")


def list_open_questions(services: WebServices, draft: Draft) -> Sequence[OpenQuestion]:
    """Return the questions that the last check of a draft asked; none where the server has started since."""
    task = find_check(services, draft)
    if task is None:
        return ()
    if isinstance(task.error, UnansweredQuestionsError):
        return task.error.questions
    return task.questions


def _load(services: WebServices, draft_id: str, form: Form) -> tuple[Draft, CheckReview]:
    draft = services.get_draft(draft_id)
    _reject_old_revision(draft, form)
    return draft, load_review(services, draft)


def _reject_old_revision(draft: Draft, form: Form) -> None:
    if parse_number(form.get("revision", "")) != draft.revision:
        raise PageError(N_("This file was changed in another window. Reload the page."))


def _read_replacements(cause: Cause, form: Form) -> dict[CauseValue, str]:
    """Return what the form says that values become; values that are to stay are not among them."""
    meant = {}
    for value in cause.values:
        text = form.get(REPLACEMENT + value.key)
        if text is None or text == value.text or (cause.allowed and text not in cause.allowed):
            continue
        meant[value] = text
    return meant


def _find_choice_question(services: WebServices, draft: Draft, cause: Cause) -> OpenQuestion | None:
    """Return the question whose answer is a line of the mapping file, so that it can be remembered."""
    if cause.code != "enum":
        return None
    questions = list_open_questions(services, draft)
    return next((q for q in questions if (q.kind, q.subject) == (choice_values.KIND, cause.field)), None)


def _keep(services: WebServices, draft: Draft, given: Sequence[tuple[OpenQuestion, GivenAnswer]]) -> Response:
    """Store answers, which makes the draft be checked again."""
    kept = []
    for question, answer in given:
        rows = sum(part.count for part in question.parts if f"{part.value} = " in answer.said) or question.rows
        # Values that got no meaning yet are asked for again.
        settings = () if question.parts else answer.choice.settings
        kept.append(KeptAnswer(question.kind, question.subject, rows, answer.said, answer.choice.lines, settings))
    services.tasks.forget(check_key(draft.id))
    draft = services.drafts.edit(draft.id, lambda edits: edits.answer(kept), draft.revision)
    return _back(draft)


def _back(draft: Draft) -> Response:
    return redirect(f"/files/{draft.id}/check?done={draft.edits[-1].number}")
