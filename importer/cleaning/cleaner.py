"""Values into the form the vendor asks for, one file per kind of value.

Nothing is truncated and nothing is invented: what cannot be cleaned stays as it was, for checking to judge.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from importer.cleaning.choices import clean_choice
from importer.cleaning.country import clean_country
from importer.cleaning.dates import clean_date, clean_moment
from importer.cleaning.email import PLAIN_EMAIL, clean_email, email_remarks
from importer.cleaning.lists import split_list
from importer.cleaning.options import Hints
from importer.cleaning.phone import E164, clean_phone, phone_remarks
from importer.cleaning.text import PLAIN_TEXT, SUSPECT, clean_text, has_invisible
from importer.cleaning.warnings import Remark
from schemas.column_stats import distinct
from schemas.contract import Field, Kind

NO_HINTS = Hints()
PLAIN = {Kind.PHONE: E164, Kind.EMAIL: PLAIN_EMAIL}
"""By kind how texts look that cleaning leaves as they are, and in which nothing is damaged; others: ``PLAIN_TEXT``."""


@dataclass(frozen=True, slots=True)
class Change:
    """One value that cleaning changed."""

    row: int
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The frame after cleaning, how many values each kind of cleaning changed, an example of each, and warnings."""

    frame: pl.DataFrame
    changes: dict[str, int]
    examples: dict[str, Change]
    remarks: list[Remark] = field(default_factory=list)
    unusual: dict[str, pl.Series] = field(default_factory=dict)
    """By field where in the frame the texts are that may be more than plain, where that was looked for."""


def clean(
    frame: pl.DataFrame, fields: Sequence[Field], hints: Mapping[str, Hints], countries: pl.Series | None = None
) -> Cleaned:
    """Clean every field of the frame by its kind. ``countries`` are the rows' two-letter codes, where known."""
    cleaned = Cleaned(frame, {}, {})
    columns: dict[str, pl.Series] = {}
    rows = frame["row"]
    for known in fields:
        before, here = frame[known.path], hints.get(known.path, NO_HINTS)
        texts = distinct(before)
        at = _unusual(known, before) if texts is before else None
        if at is None:
            after = _column(cleaned, rows, known, (before, texts), here, countries)
        else:
            cleaned.unusual[known.path] = at
            after = before
            if at.len():
                where = None if countries is None else countries[at]
                few = _column(cleaned, rows[at], known, (before[at], before[at]), here, where)
                after = before.clone().scatter(at, few)  # in place, and the frame keeps its own
        if after is not before:
            columns[known.path] = after
        if known.kind is Kind.EMAIL and known.type == "string":
            cleaned.remarks.extend(email_remarks(rows, after, known.path))
    return Cleaned(frame.with_columns(**columns), cleaned.changes, cleaned.examples, cleaned.remarks, cleaned.unusual)


def _unusual(known: Field, texts: pl.Series) -> pl.Series | None:
    """Where texts are that cleaning may change; None where that is not told faster than by cleaning them."""
    changed_by_kind = known.kind in (Kind.DATE, Kind.DATE_TIME, Kind.COUNTRY) or known.limits.enum
    if known.type != "string" or changed_by_kind:
        return None
    return (~texts.str.contains(PLAIN.get(known.kind, PLAIN_TEXT))).fill_null(value=False).arg_true()


def _column(
    cleaned: Cleaned,
    rows: pl.Series,
    known: Field,
    column: tuple[pl.Series, pl.Series],
    hints: Hints,
    countries: pl.Series | None,
) -> pl.Series:
    """A column, given with its texts each once, cleaned; the same one where there was nothing to do.

    What changed is noted.
    """
    before, texts = column
    suspect = texts.str.contains(SUSPECT).any() and known.type != "json"
    text = _cleaned_text(cleaned, rows, known, before) if suspect else before
    # Each text once tells whether the column needs anything; a phone's country stands in its row.
    few = text if text is not before or known.kind is Kind.PHONE else texts
    after = _by_kind(few, known, hints, countries)
    after = text if after is few else after if few is text else _by_kind(text, known, hints, countries)
    if after is not text:
        _note(cleaned, str(known.kind), rows, known, text, after)
        if known.kind is Kind.PHONE:
            cleaned.remarks.extend(phone_remarks(rows, text, after, known.path))
    return after


def _cleaned_text(cleaned: Cleaned, rows: pl.Series, known: Field, before: pl.Series) -> pl.Series:
    """The column with its suspect texts cleaned; what changed is noted."""
    at = before.str.contains(SUSPECT).fill_null(value=False).arg_true()
    was, numbers = before[at], rows[at]
    text, hidden = clean_text(was), has_invisible(was)
    _note(cleaned, "invisible", numbers, known, was.zip_with(hidden, text), text)
    _note(cleaned, "text", numbers, known, was.zip_with(~hidden, text), text)
    return before.clone().scatter(at, text)  # in place, and the caller compares


def _note(cleaned: Cleaned, name: str, rows: pl.Series, known: Field, before: pl.Series, after: pl.Series) -> None:
    changed = before.ne_missing(after)
    count = int(changed.sum())
    if not count:
        return
    cleaned.changes[name] = cleaned.changes.get(name, 0) + count
    if name not in cleaned.examples:
        at = changed.arg_max() or 0
        cleaned.examples[name] = Change(rows[at], known.path, before[at] or "", after[at] or "")


def shape_lists(frame: pl.DataFrame, fields: Sequence[Field]) -> pl.DataFrame:
    """Cells that feed an array become lists of texts, cleaned or not."""
    lists = {known.path: split_list(frame[known.path]) for known in fields if known.type == "array"}
    return frame.with_columns(**lists)


def _by_kind(text: pl.Series, known: Field, hints: Hints, countries: pl.Series | None) -> pl.Series:  # noqa: PLR0911 - one line a kind
    if known.type != "string":
        return text
    if known.kind is Kind.PHONE:
        return clean_phone(text, hints.region, countries)
    if known.kind is Kind.EMAIL:
        return clean_email(text)
    if known.kind is Kind.DATE:
        return clean_date(text, hints.date_order, hints.format)
    if known.kind is Kind.DATE_TIME:
        return clean_moment(text, hints.timezone, hints.date_order, hints.format)
    if known.kind is Kind.COUNTRY:
        return clean_country(text)
    if known.limits.enum:
        return clean_choice(text, known.limits.enum)
    return text
