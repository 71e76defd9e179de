"""Values into the form the vendor asks for, one file per kind of value.

Nothing is truncated and nothing is invented: what cannot be cleaned stays as it was, for checking to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from importer.cleaning.choice import clean_choice
from importer.cleaning.country import clean_country
from importer.cleaning.dates import Order, clean_date, clean_moment
from importer.cleaning.listing import split_list
from importer.cleaning.phone import clean_phone
from importer.cleaning.text import clean_text
from schemas.contract import Field, Kind


@dataclass(frozen=True, slots=True)
class Hints:
    """What a person said of the file: the country of its phones, the order of its dates, the zone of its times."""

    region: str | None = None
    date_order: Order | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The frame after cleaning, and how many values each kind of cleaning changed."""

    frame: pl.DataFrame
    changes: dict[str, int]


def clean(frame: pl.DataFrame, fields: Sequence[Field], hints: Hints) -> Cleaned:
    """Clean every field of the frame by its kind."""
    columns: dict[str, pl.Series] = {}
    changes: dict[str, int] = {}
    for field in fields:
        before = frame[field.path]
        text = clean_text(before)
        after = _by_kind(text, field, hints)
        columns[field.path] = after
        for name, old, new in (("text", before, text), (str(field.kind), text, after)):
            count = int(old.ne_missing(new).sum()) if old is not new else 0
            if count:
                changes[name] = changes.get(name, 0) + count
    return Cleaned(frame.with_columns(**columns), changes)


def shape_lists(frame: pl.DataFrame, fields: Sequence[Field]) -> pl.DataFrame:
    """Cells that feed an array become lists of texts, cleaned or not."""
    lists = {field.path: split_list(frame[field.path]) for field in fields if field.type == "array"}
    return frame.with_columns(**lists)


def _by_kind(text: pl.Series, field: Field, hints: Hints) -> pl.Series:  # noqa: PLR0911 - one line a kind
    if field.type != "string":
        return text
    if field.kind is Kind.PHONE:
        return clean_phone(text, hints.region)
    if field.kind is Kind.DATE:
        return clean_date(text, hints.date_order)
    if field.kind is Kind.DATE_TIME:
        return clean_moment(text, hints.timezone)
    if field.kind is Kind.COUNTRY:
        return clean_country(text)
    if field.limits.enum:
        return clean_choice(text, field.limits.enum)
    return text
