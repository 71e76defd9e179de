"""Which column feeds which field, and how values are read."""

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
from importer.web.endpoints import Form, number_of, page, said, services_of, to, words_for
from importer.web.i18n import N_, PageError
from importer.web.services import WebServices
from schemas.contract import Field, Kind

COLUMNS_SHOWN = 300
PICKED, CONSTANT = "column-", "constant-"
Hint = Literal["region", "timezone", "date_order"]


def columns(request: Request) -> Response:
    """The columns with a few values each, and the fields that they feed."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    if draft.run is not None:
        return to(f"/runs/{draft.run}")
    try:
        draft, seen = _look(desk, draft)
    except ImporterError as error:
        usable = not isinstance(error, MappingError)
        return page(request, "unreadable.html", 400, draft=draft, message=said(request, error), mapped=not usable)
    return page(
        request,
        "columns.html",
        draft=draft,
        look=seen,
        columns=[column for column in seen.columns if column.index < COLUMNS_SHOWN or column.field],
        fields=[known for known in seen.operation.fields if not known.open],
        members=_members(seen),
        settable=_settable(seen),
        gaps=[gap for gap in seen.mapping.gaps if not _is_set(gap.field.path, seen)],
        hints=_hints(seen),
        regions=_regions(words_for(request).language),
        zones=sorted(zoneinfo.available_timezones()),
        orders=get_args(DateOrder),
        saved=desk.mappings.names(draft.vendor, draft.operation),
        can_update=_can_update(desk, draft),
        is_workbook=seen.facts.sheet is not None,
    )


def _look(desk: WebServices, draft: Draft) -> tuple[Draft, Preview]:
    """The first look at a draft's file; a report of ours says itself whether it creates or updates."""
    seen = preview_file(draft.file, draft.settings(desk.state_dir, draft.check_reports))
    if seen.operation.name != draft.operation:
        draft = desk.drafts.change(draft.id, operation=seen.operation.name)
    return draft, seen


def choose(request: Request, form: Form) -> Response:
    """Keep what was chosen, and go on to the check; or use, or save, a mapping."""
    desk = services_of(request)
    draft = desk.draft(request.path_params["draft"])
    if draft.run is not None:
        return to(f"/runs/{draft.run}")
    back = f"/files/{draft.id}/columns"
    do = form.get("do", "check")
    if do == "anew":
        desk.drafts.choose(draft.id, draft.choices, "")
        return to(back)
    if do == "use":
        text = desk.mappings.text(draft.vendor, draft.operation, form.get("saved", ""))
        desk.drafts.choose(draft.id, draft.choices, text)
        return to(back)
    desk.works.forget(f"check:{draft.id}")  # what was said of other choices
    choices = _choices(form, draft.choices)
    if (choices.sheet, choices.header_row) != (draft.choices.sheet, draft.choices.header_row):
        desk.drafts.choose(draft.id, choices, "")  # another table: its columns are found anew
        return to(back)
    draft, seen = _look(desk, draft)
    text = seen.mapping_file(_picked(form), _constants(form))
    draft = desk.drafts.choose(draft.id, choices, text)
    if do == "save" and form.get("name", "").strip():
        desk.mappings.save(draft.vendor, draft.operation, form["name"].strip(), text)
    return to(back if do in ("save", "read") else f"/files/{draft.id}/check")


def _picked(form: Form) -> dict[int, str]:
    numbers = ((number_of(name.removeprefix(PICKED)), path) for name, path in form.items() if name.startswith(PICKED))
    return {number: path for number, path in numbers if number is not None}


def _constants(form: Form) -> dict[str, str]:
    return {name.removeprefix(CONSTANT): text for name, text in form.items() if name.startswith(CONSTANT)}


def _choices(form: Form, before: Choices) -> Choices:
    order = next((known for known in get_args(DateOrder) if known == form.get("date_order")), None)
    duplicates = next((known for known in get_args(Duplicates) if known == form.get("duplicates")), before.duplicates)
    return replace(
        before,
        region=_said(form, "region", before.region),
        timezone=_said(form, "timezone", before.timezone),
        date_order=order if "date_order" in form else before.date_order,
        sheet=_said(form, "sheet", before.sheet),
        header_row=_number(form, "header_row", before.header_row),
        limit=_number(form, "limit", before.limit),
        strict=bool(form.get("strict")) if "has-strict" in form else before.strict,
        duplicates=duplicates,
        send_changed=form["changed"] == "send" if "changed" in form else before.send_changed,
        update_changed=form["changed"] == "update" if "changed" in form else before.update_changed,
    )


def _said(form: Form, name: str, before: str | None) -> str | None:
    """What a form says, if it asks for it at all."""
    return form[name].strip() or None if name in form else before


def _number(form: Form, name: str, before: int | None) -> int | None:
    if name not in form:
        return before
    text = form[name].strip()
    found = number_of(text)
    if text and not found:
        raise PageError(N_("“%(given)s” is not a number of rows."), given=text[:40])
    return found or None


def _members(seen: Preview) -> dict[int, list[str]]:
    """By column the members of open objects that it feeds, or could feed under its own name."""
    open_paths = [known.path for known in seen.operation.fields if known.open]
    closed = {known.path for known in seen.operation.fields if not known.open}
    found: dict[int, list[str]] = {}
    for column in seen.columns:
        own = [f"{path}.{column.name.strip()}" for path in open_paths if column.name.strip()]
        named = [column.field, *own] if column.field and column.field not in closed else own
        found[column.index] = list(dict.fromkeys(named))
    return found


def _settable(seen: Preview) -> list[Field]:
    """The fields that can have the same value in every row: those that are closed, and members that have one."""
    members = [seen.operation.field(path) for path in seen.constants]
    closed = [known for known in seen.operation.fields if not known.open]
    return [*closed, *(member for member in members if member is not None and member.of_open)]


def _is_set(path: str, seen: Preview) -> bool:
    return path in seen.constants


def _hints(seen: Preview) -> set[Hint]:
    """What is worth asking, given the fields that are fed."""
    kinds = {feed.field.kind for feed in seen.mapping.feeds if feed.columns}
    wanted: set[Hint] = set()
    if Kind.PHONE in kinds:
        wanted.add("region")
    if Kind.DATE_TIME in kinds:
        wanted.add("timezone")
    if kinds & {Kind.DATE, Kind.DATE_TIME}:
        wanted.add("date_order")
    return wanted


def _can_update(desk: WebServices, draft: Draft) -> bool:
    """Whether contacts that have changed can be updated by this vendor."""
    vendor = desk.vendor_of(draft)
    is_create = draft.operation == "create" and not vendor.operations[draft.operation].repeatable
    return is_create and vendor.update_operation is not None


@functools.cache
def _regions(language: str) -> list[tuple[str, str]]:
    """Every country's code and name, by name."""
    import gettext

    names = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language], fallback=True)
    found: list[Any] = list(pycountry.countries)
    named = [(str(entry.alpha_2), names.gettext(getattr(entry, "common_name", entry.name))) for entry in found]
    return sorted(named, key=lambda entry: _bare(entry[1]))


def _bare(text: str) -> str:
    """Without accents, so that É stands with E."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
