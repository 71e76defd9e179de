"""The kinds of values that are cleaned: one line each in ``CLEANERS``, one module each beside this one.

Every text, whatever its kind, is cleaned by ``text.py`` first; then the function of its kind sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from importer.cleaning.choices import clean_choice
from importer.cleaning.country import clean_country
from importer.cleaning.dates import clean_date
from importer.cleaning.email import PLAIN_EMAIL, clean_email, email_remarks
from importer.cleaning.moments import clean_moment
from importer.cleaning.options import CleaningOptions
from importer.cleaning.phone import E164, clean_phone, phone_remarks
from importer.cleaning.text import PLAIN_TEXT
from importer.cleaning.warnings import Remark
from schemas.contract import Field, Kind


@dataclass(frozen=True, slots=True)
class FieldContext:
    """The field that texts belong to, how to read them, and their rows' two-letter country codes, where known."""

    field: Field
    options: CleaningOptions
    countries: pl.Series | None = None


@dataclass(frozen=True, slots=True)
class KindCleaner:
    """The cleaning of one kind of value. ``clean`` returns as many texts as it gets, changed or not."""

    clean: Callable[[pl.Series, FieldContext], pl.Series] | None = None
    # Matches texts that cleaning leaves as they are and in which nothing is damaged. Most texts are such, and asking
    # once for all is quicker than asking each pattern of cleaning and of damage. None: cleaning is as quick.
    plain: str | None = None
    by_row: bool = False  # the result depends on the row's country, so that equal texts may differ afterwards
    warn_of_changes: Callable[[pl.Series, pl.Series, pl.Series, str], list[Remark]] | None = None
    warn_of_values: Callable[[pl.Series, pl.Series, str], list[Remark]] | None = None


CLEANERS: dict[Kind, KindCleaner] = {
    Kind.PHONE: KindCleaner(
        lambda texts, context: clean_phone(texts, context.options.region, context.countries),
        plain=E164,
        by_row=True,
        warn_of_changes=phone_remarks,
    ),
    Kind.EMAIL: KindCleaner(lambda texts, _: clean_email(texts), plain=PLAIN_EMAIL, warn_of_values=email_remarks),
    Kind.DATE: KindCleaner(
        lambda texts, context: clean_date(
            texts, context.options.date_order, context.options.format, since_1904=context.options.since_1904
        )
    ),
    Kind.DATE_TIME: KindCleaner(
        lambda texts, context: clean_moment(
            texts,
            context.options.timezone,
            context.options.date_order,
            context.options.format,
            since_1904=context.options.since_1904,
        )
    ),
    Kind.COUNTRY: KindCleaner(lambda texts, _: clean_country(texts)),
}
CHOICE = KindCleaner(lambda texts, context: clean_choice(texts, context.field.limits.enum or ()))
OTHER_TEXT = KindCleaner(plain=PLAIN_TEXT)
NOT_TEXT = KindCleaner()  # numbers, lists and JSON: only ``text.py`` cleans them


def find_cleaner(field: Field) -> KindCleaner:
    """Return the cleaner of a field: by its kind, or as a choice where the contract has a fixed list."""
    if field.type != "string":
        return NOT_TEXT
    return CLEANERS.get(field.kind) or (CHOICE if field.limits.enum else OTHER_TEXT)
