"""The page that maps columns to fields, and asks how values are read."""

from __future__ import annotations

import functools
import unicodedata
import zoneinfo
from dataclasses import replace
from typing import Any, Literal, get_args

import pycountry
from starlette.requests import Request
from starlette.responses import Response

from importer.drafts.draft import Choices, Draft
from importer.errors import ImporterError, MappingError
from importer.pipeline import preview_file
from importer.runs.preview import Preview
from importer.settings import DateOrder, Duplicates
from importer.web.background_tasks import check_key
from importer.web.endpoints import redirect
from importer.web.forms import Form, parse_number
from importer.web.i18n import N_, PageError
from importer.web.rendering import describe_error, render, words_for
from importer.web.services import WebServices, get_services
from schemas.contract import Field, Kind

MAX_COLUMNS = 300  # shown; of those behind them only the mapped ones
COLUMN_PREFIX, CONSTANT_PREFIX = "column-", "constant-"  # of a form's fields, followed by column or field
Hint = Literal["region", "timezone", "date_order"]


def show(request: Request) -> Response:
    """Show the columns with sample values and the fields that they map to; or why the file cannot be read."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if draft.run is not None:
        return redirect(f"/runs/{draft.run}")
    try:
        draft, preview = _preview(services, draft)
    except ImporterError as error:
        message, is_mapping_wrong = describe_error(request, error), isinstance(error, MappingError)
        return render(request, "unreadable.html", 400, draft=draft, message=message, is_mapping_wrong=is_mapping_wrong)
    gaps = [gap for gap in preview.mapping.missing if gap.field.path not in preview.constants]
    return render(
        request,
        "columns.html",
        draft=draft,
        preview=preview,
        columns=[column for column in preview.columns if column.index < MAX_COLUMNS or column.field],
        fields=[field for field in preview.operation.fields if not field.open],
        members=_open_members(preview),
        constant_fields=_constant_fields(preview, {gap.field.path for gap in gaps}),
        gaps=gaps,
        hints=_hints(preview),
        regions=list_regions(words_for(request).language),
        zones=sorted(zoneinfo.available_timezones()),
        has_more_choices=_has_more_choices(draft.choices),
        saved=services.mappings.names(draft.vendor, draft.operation),
        can_update=_can_update(services, draft),
        is_workbook=preview.facts.sheet is not None,
    )


def _preview(services: WebServices, draft: Draft) -> tuple[Draft, Preview]:
    """Read the first rows of a draft's file. A report of a run decides itself whether it creates or updates."""
    preview = preview_file(draft.file, draft.settings(services.state_dir, draft.check_reports))
    if preview.operation.name != draft.operation:
        draft = services.drafts.change(draft.id, operation=preview.operation.name)
    return draft, preview


def save(request: Request, form: Form) -> Response:
    """Store the mapping and the choices of the form, then check the file; or use or save a named mapping."""
    services = get_services(request)
    draft = services.get_draft(request.path_params["draft"])
    if draft.run is not None:
        return redirect(f"/runs/{draft.run}")
    this_page, action = redirect(f"/files/{draft.id}/columns"), form.get("do", "check")
    if action == "anew":
        services.drafts.choose(draft.id, draft.choices, "")
        return this_page
    if action == "use":
        text = services.mappings.text(draft.vendor, draft.operation, form.get("saved", ""))
        services.drafts.choose(draft.id, draft.choices, text)
        return this_page
    services.tasks.forget(check_key(draft.id))  # its error was about other choices
    choices = _read_choices(form, draft.choices)
    if (choices.sheet, choices.header_row) != (draft.choices.sheet, draft.choices.header_row):
        services.drafts.choose(draft.id, choices, "")  # another table has other columns to map
        return this_page
    draft, preview = _preview(services, draft)
    text = preview.mapping_file(_read_columns(form), _read_constants(form))
    draft = services.drafts.choose(draft.id, choices, text)
    if action == "save" and form.get("name", "").strip():
        services.mappings.save(draft.vendor, draft.operation, form["name"].strip(), text)
    return this_page if action in ("save", "read") else redirect(f"/files/{draft.id}/check")


def _read_columns(form: Form) -> dict[int, str]:
    """Return by index of a column the path of its field; empty for none."""
    entries = (
        (name.removeprefix(COLUMN_PREFIX), path) for name, path in form.items() if name.startswith(COLUMN_PREFIX)
    )
    return {index: path for text, path in entries if (index := parse_number(text)) is not None}


def _read_constants(form: Form) -> dict[str, str]:
    """Return by path of a field the value that it has in every row."""
    return {name.removeprefix(CONSTANT_PREFIX): text for name, text in form.items() if name.startswith(CONSTANT_PREFIX)}


def _read_choices(form: Form, before: Choices) -> Choices:
    """Return the choices of a form; those that it does not ask for stay as they were ``before``."""
    order = next((known for known in get_args(DateOrder) if known == form.get("date_order")), None)
    duplicates = next((known for known in get_args(Duplicates) if known == form.get("duplicates")), before.duplicates)
    return replace(
        before,
        region=_read_option(form, "region", before.region),
        timezone=_read_option(form, "timezone", before.timezone),
        date_order=order if "date_order" in form else before.date_order,
        sheet=_read_option(form, "sheet", before.sheet),
        header_row=_read_row_count(form, "header_row", before.header_row),
        limit=_read_row_count(form, "limit", before.limit),
        strict=bool(form.get("strict")) if "has-strict" in form else before.strict,
        duplicates=duplicates,
        send_changed=form["changed"] == "send" if "changed" in form else before.send_changed,
        update_changed=form["changed"] == "update" if "changed" in form else before.update_changed,
    )


def _read_option(form: Form, name: str, before: str | None) -> str | None:
    return form[name].strip() or None if name in form else before


def _read_row_count(form: Form, name: str, before: int | None) -> int | None:
    if name not in form:
        return before
    text = form[name].strip()
    number = parse_number(text)
    if text and not number:
        raise PageError(N_("“%(given)s” is not a number of rows."), given=text[:40])
    return number or None


def _open_members(preview: Preview) -> dict[int, list[str]]:
    """Return by column the members of open objects that it maps to, or could map to under its own name."""
    open_paths = [field.path for field in preview.operation.fields if field.open]
    closed = {field.path for field in preview.operation.fields if not field.open}
    members: dict[int, list[str]] = {}
    for column in preview.columns:
        own = [f"{path}.{column.name.strip()}" for path in open_paths if column.name.strip()]
        mapped = [column.field, *own] if column.field and column.field not in closed else own
        members[column.index] = list(dict.fromkeys(mapped))
    return members


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


def _can_update(services: WebServices, draft: Draft) -> bool:
    """Return whether the vendor can update contacts that were created before with other values."""
    vendor = services.get_vendor(draft)
    is_create = draft.operation == "create" and not vendor.operations[draft.operation].repeatable
    return is_create and vendor.can_update


@functools.cache
def list_regions(language: str) -> list[tuple[str, str]]:
    """Return every country's code and name, sorted by name."""
    import gettext

    names = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language], fallback=True)
    countries: list[Any] = list(pycountry.countries)
    named = [(str(entry.alpha_2), names.gettext(getattr(entry, "common_name", entry.name))) for entry in countries]
    return sorted(named, key=lambda entry: _without_accents(entry[1]))


def _without_accents(text: str) -> str:
    """Return a sort key for which É stands with E."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
