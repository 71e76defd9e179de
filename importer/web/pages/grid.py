"""The grid of the whole file: all rows and columns, filtered, sorted, corrected, replaced, removed and restored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from importer.drafts.draft import Draft
from importer.drafts.edit import Cell, Edits
from importer.errors import SettingsError
from importer.model.table import MAX_CELL_CHARACTERS
from importer.runs.review import CheckReview, ProblemQuery
from importer.runs.row_grid import GridQuery, GridRow, RowGrid, Shown, describe_rows, replace_text
from importer.web import labels
from importer.web.check_tasks import load_review
from importer.web.endpoints import redirect
from importer.web.forms import Form, parse_number
from importer.web.i18n import N_, PageError, Words
from importer.web.pages.check_cards import describe_edit
from importer.web.rendering import render, words_for
from importer.web.services import WebServices, get_services

PAGE_SIZE = 100
MAX_EDITED_CELLS = 200_000  # in one action: each is kept with the text before it
MAX_KEPT_ROWS = 2000
MAX_SEARCH_CHARACTERS = 1000


def show(request: Request) -> Response:
    """Show the page of the grid, or the check where its rows are not there yet."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if draft.run is not None:
        return redirect(f"/runs/{draft.run}")
    if not draft.is_checked:
        return redirect(f"/files/{draft.id}/check")
    try:
        review = load_review(services, draft)
    except SettingsError:  # the rows were deleted
        return redirect(f"/files/{draft.id}/check")
    words = words_for(request)
    kinds = review.problems(ProblemQuery(size=0)).kinds
    codes = {kind.code: labels.problem_title(words, kind.code) for kind in kinds}
    query = _read_query(request.query_params)
    return render(request, "grid.html", draft=draft, labels_of_columns=review.labels, codes=codes, query=query)


def rows(request: Request) -> Response:
    """Return a page of rows as JSON, with the columns and their choices where they are asked for."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    review, words, query = load_review(services, draft), words_for(request), request.query_params
    grid = RowGrid(review, _read_query(query))
    following = parse_number(query.get("behind", ""))
    place = None if following is None else grid.find_next(following)
    start = parse_number(query.get("start", "")) or 0
    if following is not None:
        start = 0 if place is None else place // PAGE_SIZE * PAGE_SIZE
    found = [] if following is not None and place is None else grid.page(start, PAGE_SIZE)
    data: dict[str, Any] = {
        "rows": [_row_data(words, row) for row in found],
        "start": start,
        "total": grid.total,
        "revision": draft.revision,
        "state": draft.state,
        "next": None if place is None else int(grid.numbers[place]),
        **_tally(words, draft, review),
    }
    if query.get("columns"):
        data["columns"] = list(review.labels)
        data["choices"] = _choices(review)
        data["size"] = PAGE_SIZE
    return JSONResponse(data)


def edit(request: Request, form: Form) -> Response:
    """Change cells, or remove, restore or undo; return the rows concerned as they are now."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if parse_number(form.get("revision", "")) != draft.revision:
        raise PageError(N_("This file was changed in another window. Reload the page."))
    review, words = load_review(services, draft), words_for(request)
    action = form.get("do", "")
    if action == "undo":
        return _undo(services, draft, words)
    if action in ("count", "replace"):
        return _replace(services, draft, review, form, words)
    if action == "cell":
        numbers, change = _change_cell(review, form)
    else:
        numbers, change = _change_rows(review, form, action)
    draft = services.drafts.edit(draft.id, change, draft.revision)
    return _answer(services, draft, words, [] if form.get("all") else numbers)


def _change_cell(review: CheckReview, form: Form) -> tuple[list[int], Callable[[Edits], Edits]]:
    row, column = parse_number(form.get("row", "")), parse_number(form.get("column", ""))
    text = form.get("text", "").replace("\r\n", "\n")
    if row is None or column is None or column >= review.width or row not in review:
        raise PageError(N_("The file has no such cell."))
    if len(text) > MAX_CELL_CHARACTERS:
        raise PageError(N_("A cell holds %(n)s characters at most."), n=MAX_CELL_CHARACTERS)
    own = review.original_value(row, column)
    texts: dict[Cell, str | None] = {(row, column): None if text == own else text}
    params = {"column": review.header(column), "pairs": [[own, text]]}
    return [row], lambda edits: edits.change_cells("values", texts, params)


def _change_rows(review: CheckReview, form: Form, action: str) -> tuple[list[int], Callable[[Edits], Edits]]:
    """Return the rows that a form names, or all that its filter shows, with what removes or restores them."""
    if action not in ("remove", "restore"):
        raise PageError(N_("Choose an answer first."))
    grid = RowGrid(review, _read_query(form)) if form.get("all") else None
    numbers = grid.numbers.to_list() if grid else [row for row in _read_numbers(form, "rows") if row in review]
    if action == "remove":
        return numbers, lambda edits: edits.remove_rows(numbers, {})
    return numbers, lambda edits: edits.restore_rows(numbers)


def _replace(services: WebServices, draft: Draft, review: CheckReview, form: Form, words: Words) -> Response:
    """Count the cells of the rows shown that contain a text, or replace it in them."""
    text, by = form.get("find", "")[:MAX_SEARCH_CHARACTERS], form.get("by", "")[:MAX_SEARCH_CHARACTERS]
    whole = bool(form.get("whole"))
    if not text and not whole:
        raise PageError(N_("Enter the text to find."))
    chosen = parse_number(form.get("within", ""))
    columns = range(review.width) if chosen is None else [chosen] if chosen < review.width else []
    numbers = RowGrid(review, _read_query(form)).numbers
    changed = replace_text(review, text, by, columns, numbers, whole_cell=whole)
    if len(changed) > MAX_EDITED_CELLS:
        raise PageError(N_("These are more than %(n)s cells. Choose a column or a filter."), n=MAX_EDITED_CELLS)
    if any(len(after) > MAX_CELL_CHARACTERS for after in changed.values()):
        raise PageError(N_("A cell holds %(n)s characters at most."), n=MAX_CELL_CHARACTERS)
    if form.get("do") == "count":
        rows_found = len({row for row, _ in changed})
        told = words.count("%(n)s cell", "%(n)s cells", len(changed))
        told = words.say(
            N_("%(cells)s in %(rows)s"), cells=told, rows=words.count("%(n)s row", "%(n)s rows", rows_found)
        )
        return JSONResponse({"count": len(changed), "text": told})
    texts = _as_corrections(review, changed)
    draft = services.drafts.edit(
        draft.id, lambda edits: edits.change_cells("replace", texts, {"find": text, "by": by}), draft.revision
    )
    return _answer(services, draft, words, [])


def _as_corrections(review: CheckReview, changed: Mapping[Cell, str]) -> dict[Cell, str | None]:
    """Return new texts as corrections: None where a cell becomes what the file has."""
    corrected = [cell for cell in changed if cell in review.corrected]
    own = review.own_texts({row for row, _ in corrected}) if corrected else {}
    texts: dict[Cell, str | None] = dict(changed)
    texts.update({cell: None for cell in corrected if own[cell[0]][cell[1]] == changed[cell]})
    return texts


def _undo(services: WebServices, draft: Draft, words: Words) -> Response:
    """Take the last action back that changed cells or rows; answers are undone on the page of the check."""
    last = next((edit for edit in reversed(draft.edits) if not edit.answers), None)
    if last is None:
        raise PageError(N_("There is nothing to undo."))
    draft = services.drafts.edit(draft.id, lambda edits: edits.undo(last.number), draft.revision)
    undone = words.say(N_("Undone: %(what)s"), what=describe_edit(words, last))
    return _answer(services, draft, words, [], undone)


def _answer(services: WebServices, draft: Draft, words: Words, numbers: list[int], done: str = "") -> Response:
    review = load_review(services, draft)
    told = done or (describe_edit(words, draft.edits[-1]) if draft.edits else "")
    found = [_row_data(words, row) for row in describe_rows(review, numbers)]
    shown = {"rows": found, "done": told, "revision": draft.revision, "state": draft.state}
    return JSONResponse(shown | _tally(words, draft, review))


def _tally(words: Words, draft: Draft, review: CheckReview) -> dict[str, Any]:
    counted = review.problems(ProblemQuery(size=0))
    good = counted.rows - counted.invalid - counted.skipped
    return {
        "tally": [
            words.count("%(n)s row in order", "%(n)s rows in order", good),
            words.count("%(n)s to fix", "%(n)s to fix", counted.invalid),
            words.count("%(n)s left out", "%(n)s left out", len(draft.removed)),
        ],
        "undo": any(not edit.answers for edit in draft.edits),
    }


def _choices(review: CheckReview) -> dict[int, list[str]]:
    """Return by position of a column the values that its field takes, where they are a list."""
    found: dict[int, list[str]] = {}
    for feed in review.mapping.field_mappings:
        if feed.field.limits.enum and len(feed.columns) == 1 and not feed.is_composed:
            found[feed.columns[0]] = [str(value) for value in feed.field.limits.enum]
    return found


def _row_data(words: Words, row: GridRow) -> dict[str, Any]:
    marks: dict[str, list[str]] = {}
    whole: list[list[str]] = []
    for problem in row.problems:
        message = labels.problem_message(words, problem.code, problem.params)
        mark = [problem.severity, message]
        if problem.column is None:
            whole.append([problem.severity, f"{problem.field}: {message}" if problem.field else message])
        elif marks.get(f"c{problem.column}", [""])[0] != "error":
            marks[f"c{problem.column}"] = mark
    return {
        "row": row.number,
        "removed": row.is_removed,
        "marks": marks,
        "whole": whole,
        "corrected": [f"c{column}" for column in row.corrected],
        **{f"c{index}": text for index, text in enumerate(row.texts)},
    }


def _read_query(given: Mapping[str, str]) -> GridQuery:
    """Read what is shown, and in which order, from a query or a form."""
    known: tuple[Shown, ...] = get_args(Shown)
    shown: Shown = next((name for name in known if name == given.get("shows")), "all")
    return GridQuery(
        shown,
        given.get("code", ""),
        parse_number(given.get("column", "")),
        given.get("text", "")[:MAX_SEARCH_CHARACTERS],
        parse_number(given.get("sort", "")),
        bool(given.get("down")),
        tuple(_read_numbers(given, "kept")[:MAX_KEPT_ROWS]),
    )


def _read_numbers(given: Mapping[str, str], name: str) -> list[int]:
    numbers = map(parse_number, filter(None, given.get(name, "").split(",")))
    return [number for number in numbers if number is not None]  # of at most nine digits, so they fit into UInt32
