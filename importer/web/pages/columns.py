"""The page that maps columns to fields, and asks how values are read."""

from __future__ import annotations

import zoneinfo
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from importer.drafts.draft import Choices, Draft
from importer.errors import ImporterError, MappingError
from importer.mapping import MissingField
from importer.pipeline import preview_file
from importer.runs.context import resolve_context
from importer.runs.mapping_index import find_saved_mapping, remember_mapping
from importer.runs.preview import Column, Preview
from importer.web.background_tasks import check_key
from importer.web.endpoints import redirect
from importer.web.field_labels import field_label
from importer.web.forms import Form, parse_number
from importer.web.i18n import N_, PageError, Words
from importer.web.pages.reading_choices import DELIMITERS, ENCODINGS, describe_reading, read_choices, shown_choices
from importer.web.region_names import list_regions
from importer.web.rendering import ErrorText, describe_error, render, words_for
from importer.web.services import WebServices, get_services
from schemas.contract import Field
from schemas.kind import Kind

MAX_COLUMNS = 300  # shown; of those behind them only the mapped ones
COLUMN_PREFIX, CONSTANT_PREFIX, GAP_PREFIX = "column-", "constant-", "gap-"  # of a form's fields
# The sentence above the columns, in two parts; its template has it, too, for the script.
IMPORTED = ("{n} of {all} columns is imported,", "{n} of {all} columns are imported,")
LEFT_OUT = ("{rest} is not.", "{rest} are not.")
NOT_CHOICES = ("csrf", "do", "name", "new-name")  # fields of the form that are not kept
Hint = Literal["region", "timezone", "date_order"]


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column as the page shows it; ``members`` are the fields of open objects that it could go to."""

    index: int
    letters: str
    name: str
    samples: tuple[str, ...]
    picked: str
    state: Literal["matched", "look", "unused"]
    members: list[str]


def show(request: Request) -> Response:
    """Show the columns with sample values and the fields that they map to; or why the file cannot be read."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if draft.run is not None:
        return redirect(f"/runs/{draft.run}")
    return _show(request, services, draft)


def state(request: Request) -> Response:
    """Return the state of a draft, so that a window knows that another one has changed it."""
    draft = get_services(request).get_draft(request.path_params["draft"])
    return JSONResponse({"state": draft.run or draft.state})


def _show(request: Request, services: WebServices, draft: Draft, complaint: ErrorText | None = None) -> Response:
    words = words_for(request)
    shared = {"draft": draft, "given": shown_choices(draft), "encodings": ENCODINGS, "delimiters": DELIMITERS}
    try:
        draft, preview = _preview(services, draft)
    except ImporterError as error:
        is_text = not draft.file.name.lower().endswith((".xlsx", ".xls", ".xlsm", ".xlsb", ".ods"))
        shared |= {"message": describe_error(request, error), "is_mapping_wrong": isinstance(error, MappingError)}
        sheets = draft.sheets or (() if is_text else None)
        return render(
            request, "unreadable.html", 400, **shared, sheets=sheets, sheet=draft.choices.sheet, is_text=is_text
        )
    gaps = _find_gaps(preview)
    columns = [_row(column, preview, draft) for column in preview.columns]
    columns = [column for column in columns if column.index < MAX_COLUMNS or column.picked]
    is_text = preview.facts.sheet is None
    reads_otherwise = any((draft.choices.sheet, draft.choices.header_row, draft.choices.encoding))
    return render(
        request,
        "columns.html",
        400 if complaint else 200,
        **shared,
        preview=preview,
        complaint=complaint,
        done=_done(request, services, draft),
        offered=_offered(services, draft, preview),
        columns=columns,
        columns_text=_count_columns(words, preview, columns),
        fields=[field for field in preview.operation.fields if not field.open],
        constant_fields=_constant_fields(preview, {gap.field.path for gap in gaps}),
        gaps=gaps,
        hints=_hints(preview),
        regions=list_regions(words.language),
        zones=sorted(zoneinfo.available_timezones()),
        has_more_choices=_has_more_choices(draft.choices),
        saved=services.mappings.names(draft.vendor, draft.operation),
        can_update=services.can_update(draft),
        sheets=draft.sheets,
        sheet=preview.facts.sheet,
        is_text=is_text,
        reading_text=describe_reading(words, preview.facts),
        reading_open=reads_otherwise or len(draft.sheets) > 1,
    )


def _preview(services: WebServices, draft: Draft) -> tuple[Draft, Preview]:
    """Read the first rows of a draft's file. A report of a run decides itself whether it creates or updates."""
    # Answers of the check stay answers: they do not become a part of the mapping.
    settings = replace(draft, answers=()).settings(services.state_dir, draft.check_reports)
    preview = preview_file(draft.file, settings)
    found = tuple((sheet.name, sheet.rows) for sheet in preview.facts.sheets)
    sheets = found or draft.sheets  # they are counted only where nobody has chosen one
    if (preview.operation.name, sheets) != (draft.operation, draft.sheets):
        draft = services.drafts.change(draft.id, operation=preview.operation.name, sheets=sheets)
    return draft, preview


def _find_gaps(preview: Preview) -> list[MissingField]:
    return [gap for gap in preview.mapping.missing if gap.field.path not in preview.constants]


def _row(column: Column, preview: Preview, draft: Draft) -> ColumnRow:
    picked = draft.unsaved.get(f"{COLUMN_PREFIX}{column.index}", column.field)
    is_certain = column.is_certain or picked != column.field
    state: Literal["matched", "look", "unused"] = "unused" if not picked else "matched" if is_certain else "look"
    members = _open_members(column, preview)
    return ColumnRow(column.index, column.letters, column.name, column.samples, picked, state, members)


def _count_columns(words: Words, preview: Preview, columns: list[ColumnRow]) -> str:
    imported, total = sum(1 for column in columns if column.picked), len(preview.columns)
    rest = total - imported
    parts = (words.translations.ngettext(*IMPORTED, imported), words.translations.ngettext(*LEFT_OUT, rest))
    return " ".join(parts).format(n=words.number(imported), all=words.number(total), rest=words.number(rest))


def _done(request: Request, services: WebServices, draft: Draft) -> str:
    """Return what was just done with a saved mapping, by the query of the address."""
    query, words = request.query_params, words_for(request)
    name = query.get("name", "")
    texts = {
        "saved": N_("Saved as “%(name)s”."),
        "used": N_("The mapping “%(name)s” is used. Look at it and continue."),
        "renamed": N_("The mapping is called “%(name)s” now."),
    }
    text = texts.get(query.get("did", ""))
    if query.get("did") == "deleted":
        return words.say(N_("The mapping was deleted."))
    is_known = name in services.mappings.names(draft.vendor, draft.operation)
    return words.say(text, name=name) if text and is_known else ""


def _offered(services: WebServices, draft: Draft, preview: Preview) -> str:
    """Return the name of the mapping that was saved for a file with these columns; blank once anything is chosen."""
    if draft.mapping.exists() or draft.unsaved:
        return ""
    context = resolve_context(draft.settings(services.state_dir, draft.check_reports))
    path = find_saved_mapping(context, preview.mapping.columns)
    names = services.mappings.names(draft.vendor, draft.operation)
    return path.stem if path is not None and path.stem in names else ""


def save(request: Request, form: Form) -> Response:
    """Store the mapping and the choices of the form, then check the file; or keep, use, save, rename or delete one."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if draft.run is not None:
        return redirect(f"/runs/{draft.run}")
    action, _, name = form.get("do", "check").partition(":")
    if action == "anew":
        services.drafts.choose(draft.id, draft.choices, "")
        return redirect(_page(draft))
    if action in ("use", "rename", "delete"):
        return _change_saved(services, draft, action, name, form.get("new-name", "").strip())
    kept = {field: text for field, text in form.items() if field not in NOT_CHOICES}
    draft = services.drafts.change(draft.id, unsaved=kept)
    if action == "keep":
        return Response(status_code=204)
    try:
        return _store(request, services, draft, form, action)
    except ImporterError as error:  # what was chosen is shown again
        return _show(request, services, services.get_draft(draft.id), describe_error(request, error))


def _page(draft: Draft, did: str = "", name: str = "") -> str:
    return f"/files/{draft.id}/columns" + (f"?{urlencode({'did': did, 'name': name})}" if did else "")


def _change_saved(services: WebServices, draft: Draft, action: str, name: str, new_name: str) -> Response:
    """Use, rename or delete a saved mapping."""
    mappings, target = services.mappings, (draft.vendor, draft.operation)
    if action == "use":
        services.drafts.choose(draft.id, draft.choices, mappings.text(*target, name))
        return redirect(_page(draft, "used", name))
    if action == "delete":
        mappings.delete(*target, name)
        return redirect(_page(draft, "deleted"))
    path = mappings.rename(*target, name, new_name or name)
    _remember(services, draft, path)
    return redirect(_page(draft, "renamed", path.stem))


def _remember(services: WebServices, draft: Draft, path: Path) -> None:
    """Remember for which columns a mapping was saved, so that it is offered for the next file that has them."""
    _, preview = _preview(services, draft)
    context = resolve_context(draft.settings(services.state_dir, draft.check_reports))
    remember_mapping(context, preview.mapping.columns, path)


def _store(request: Request, services: WebServices, draft: Draft, form: Form, action: str) -> Response:
    """Make the form's choices those of the draft. Raises ImporterError for those that cannot be used."""
    services.tasks.forget(check_key(draft.id))  # its error was about other choices
    choices = read_choices(form, draft.choices)
    if (*choices.table, choices.encoding) != (*draft.choices.table, draft.choices.encoding):
        services.drafts.choose(draft.id, choices, "")  # another table has other columns to map
        return redirect(_page(draft))
    draft, preview = _preview(services, draft)
    text = preview.mapping_file(_read_columns(form), _read_constants(form))
    draft = services.drafts.choose(draft.id, choices, text)
    name = form.get("name", "").strip()
    if action == "save" and name:
        path = services.mappings.save(draft.vendor, draft.operation, name, text)
        _remember(services, draft, path)
        return redirect(_page(draft, "saved", path.stem))
    if action in ("save", "read"):
        return redirect(_page(draft))
    missing = _find_gaps(_preview(services, draft)[1])
    if missing:
        names = ", ".join(field_label(words_for(request), gap.field.path) for gap in missing)
        raise PageError(N_("Not everything is there yet: %(fields)s."), fields=names)
    return redirect(f"/files/{draft.id}/check")


def _read_columns(form: Form) -> dict[int, str]:
    """Return by index of a column the path of its field; empty for none. Answers to missing fields come last."""
    fields = ((name.removeprefix(COLUMN_PREFIX), path) for name, path in form.items() if name.startswith(COLUMN_PREFIX))
    gaps = ((text, name.removeprefix(GAP_PREFIX)) for name, text in form.items() if name.startswith(GAP_PREFIX))
    return {index: path for text, path in (*fields, *gaps) if (index := parse_number(text)) is not None}


def _read_constants(form: Form) -> dict[str, str]:
    """Return by path of a field the value that it has in every row."""
    return {name.removeprefix(CONSTANT_PREFIX): text for name, text in form.items() if name.startswith(CONSTANT_PREFIX)}


def _open_members(column: Column, preview: Preview) -> list[str]:
    """Return the members of open objects that a column maps to, or could map to under its own name."""
    closed = {field.path for field in preview.operation.fields if not field.open}
    name = column.name.strip()
    own = [f"{field.path}.{name}" for field in preview.operation.fields if field.open and name]
    mapped = [column.field, *own] if column.field and column.field not in closed else own
    return list(dict.fromkeys(mapped))


def _constant_fields(preview: Preview, missing: set[str]) -> list[Field]:
    """Return the fields that can get one value for every row: not mapped, not asked for as ``missing``, not in the URL.

    Of open objects these are the members that have such a value.
    """
    mapped = {feed.field.path for feed in preview.mapping.field_mappings if feed.columns}
    members = [preview.operation.field(path) for path in preview.constants]
    fields = [field for field in preview.operation.fields if not field.open]
    fields += [member for member in members if member is not None and member.of_open]
    return [field for field in fields if field.path not in mapped | missing and not field.in_path]


def _has_more_choices(choices: Choices) -> bool:
    """Return whether anything differs from the defaults that the page does not show at first."""
    shown = Choices(region=choices.region, timezone=choices.timezone, date_order=choices.date_order)
    return choices != shown


def _hints(preview: Preview) -> set[Hint]:
    """Return the hints on how values are read that matter for the mapped fields."""
    kinds = {feed.field.kind for feed in preview.mapping.field_mappings if feed.columns}
    hints: set[Hint] = set()
    if Kind.PHONE in kinds:
        hints.add("region")
    if Kind.DATE_TIME in kinds:
        hints.add("timezone")
    if kinds & {Kind.DATE, Kind.DATE_TIME}:
        hints.add("date_order")
    return hints
