"""The kinds of values that are cleaned: one line each in ``CLEANERS``, one module each beside this one.

Every text, whatever its kind, is cleaned by ``text.py`` first; then the function of its kind sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from importer.cleaning.booleans import clean_boolean
from importer.cleaning.choices import clean_choice
from importer.cleaning.country import clean_country, country_remarks
from importer.cleaning.dates import clean_date
from importer.cleaning.email import PLAIN_EMAIL, clean_email, email_remarks
from importer.cleaning.moments import clean_moment
from importer.cleaning.numbers import clean_number
from importer.cleaning.options import CleaningOptions
from importer.cleaning.phone import clean_phone
from importer.cleaning.phone_number import PLAIN_E164
from importer.cleaning.text import PLAIN_TEXT, drop_quotes
from importer.cleaning.warnings import Remark
from importer.cleaning.zip_code import PLAIN_ZIP, clean_zip
from importer.model.normalized_name import PLAIN_NAME
from schemas.contract import Field
from schemas.kind import Kind


@dataclass(frozen=True, slots=True)
class FieldContext:
    """The field that texts belong to, how to read them, and what is known of their rows.

    ``countries`` returns two-letter codes, which most columns never need; ``calling_codes`` are the texts of the field
    that has the phone's calling code.
    """

    field: Field
    options: CleaningOptions
    countries: Callable[[], pl.Series] | None = None
    calling_codes: pl.Series | None = None

    def at(self, positions: pl.Series) -> FieldContext:
        """Return the context of the rows at these positions."""
        known = self.countries
        countries = None if known is None else lambda: known()[positions]
        codes = None if self.calling_codes is None else self.calling_codes[positions]
        return replace(self, countries=countries, calling_codes=codes)


@dataclass(frozen=True, slots=True)
class KindCleaner:
    """The cleaning of one kind of value. ``clean`` returns as many texts as it gets, changed or not.

    ``clean_rows`` is for kinds whose result depends on the row, so that equal texts may differ afterwards; it gets the
    rows' numbers, too, and returns what there is to say of them beside the texts.
    """

    clean: Callable[[pl.Series, FieldContext], pl.Series] | None = None
    clean_rows: Callable[[pl.Series, pl.Series, FieldContext], tuple[pl.Series, list[Remark]]] | None = None
    # Matches texts that cleaning leaves as they are and in which nothing is damaged. Most texts are such, and asking
    # once for all is quicker than asking each pattern of cleaning and of damage. None: cleaning is as quick.
    plain: str | None = None
    warn_of_values: Callable[[pl.Series, pl.Series, str], list[Remark]] | None = None


CLEANERS: dict[Kind, KindCleaner] = {
    Kind.PHONE: KindCleaner(
        clean_rows=lambda rows, texts, context: clean_phone(
            texts, context.options.region, context.countries, context.calling_codes, rows, context.field
        ),
        plain=PLAIN_E164,
    ),
    Kind.NAME: KindCleaner(lambda texts, _: drop_quotes(texts), plain=PLAIN_NAME),
    Kind.ZIP: KindCleaner(lambda texts, _: clean_zip(texts), plain=PLAIN_ZIP),
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
            context.field.limits.pattern,
            since_1904=context.options.since_1904,
        )
    ),
    Kind.COUNTRY: KindCleaner(lambda texts, _: clean_country(texts), warn_of_values=country_remarks),
}
CHOICE = KindCleaner(lambda texts, context: clean_choice(texts, context.field.limits.enum or ()))
OTHER_TEXT = KindCleaner(plain=PLAIN_TEXT)
NOT_TEXT = KindCleaner()  # lists and JSON: only ``text.py`` cleans them
NUMBER = KindCleaner(lambda texts, _: clean_number(texts))
CLEANERS_BY_TYPE = {
    "boolean": KindCleaner(lambda texts, _: clean_boolean(texts)),
    "integer": NUMBER,
    "number": NUMBER,
}


def find_cleaner(field: Field) -> KindCleaner:
    """Return the cleaner of a field: by its kind, or as a choice where the contract has a fixed list."""
    if field.type != "string":
        return CLEANERS_BY_TYPE.get(field.type, NOT_TEXT)
    return CLEANERS.get(field.kind) or (CHOICE if field.limits.enum else OTHER_TEXT)
