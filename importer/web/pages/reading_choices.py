"""The choices of a draft besides its mapping, as fields of a form: how the file is read, and what is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from importer.drafts.draft import Choices, Draft
from importer.model.table import FileFacts
from importer.settings import DateOrder, Duplicates
from importer.web.forms import Form, parse_number
from importer.web.i18n import N_, PageError, Words

# Names of Python's codecs, each with what people call it.
ENCODINGS = (
    ("utf-8", "UTF-8"),
    ("utf-16", "UTF-16"),
    ("cp1252", N_("Western (Windows-1252)")),
    ("mac-roman", N_("Western (Mac)")),
    ("cp850", N_("Western (DOS)")),
    ("cp1250", N_("Central European (Windows-1250)")),
    ("cp1251", N_("Cyrillic (Windows-1251)")),
    ("cp1253", N_("Greek (Windows-1253)")),
    ("cp1254", N_("Turkish (Windows-1254)")),
    ("cp1255", N_("Hebrew (Windows-1255)")),
    ("cp1256", N_("Arabic (Windows-1256)")),
    ("gb18030", N_("Chinese (GB 18030)")),
    ("big5", N_("Chinese (Big5)")),
    ("shift_jis", N_("Japanese (Shift JIS)")),
    ("euc_kr", N_("Korean (EUC-KR)")),
)
DELIMITERS = (
    ("comma", N_("comma")),
    ("semicolon", N_("semicolon")),
    ("tab", N_("tab")),
    ("bar", N_("vertical bar")),
)
_SIGNS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}


def shown_choices(draft: Draft) -> dict[str, str]:
    """Return the texts of the form's fields: as they were last changed, else as they are chosen."""
    choices = draft.choices
    changed = "update" if choices.update_changed else "send" if choices.send_changed else ""
    chosen = {
        "region": choices.region or "",
        "timezone": choices.timezone or "",
        "date_order": choices.date_order or "",
        "sheet": choices.sheet or "",
        "header_row": str(choices.header_row or ""),
        "limit": str(choices.limit or ""),
        "encoding": choices.encoding or "",
        "delimiter": next((name for name, sign in _SIGNS.items() if sign == choices.delimiter), ""),
        "duplicates": choices.duplicates,
        "changed": changed,
        "strict": "1" if choices.strict else "",
    }
    unsaved = dict(draft.unsaved)
    if "has-strict" in unsaved:  # a box that is not ticked is not in the form
        unsaved.setdefault("strict", "")
    return chosen | unsaved


def describe_reading(words: Words, facts: FileFacts) -> str:
    """Return how a file was read, in a few words."""
    if facts.sheet is not None:
        return words.say(N_("sheet “%(name)s”"), name=facts.sheet)
    sign = next((name for name, sign in _SIGNS.items() if sign == facts.delimiter), None)
    between = words.say(dict(DELIMITERS)[sign]) if sign else facts.delimiter or ""
    return ", ".join(part for part in ((facts.encoding or "").upper(), between) if part)


def read_choices(form: Form, before: Choices) -> Choices:
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
        encoding=_read_option(form, "encoding", before.encoding),
        delimiter=_SIGNS.get(form["delimiter"]) if "delimiter" in form else before.delimiter,
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
