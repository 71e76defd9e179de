"""The countries of phone numbers without a country code, and whether a whole column lacks them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from importer.cleaning.blank_words import is_blank_word
from importer.cleaning.country import country_code
from importer.cleaning.phone_number import PhoneProblem
from importer.cleaning.warnings import Remark
from schemas.column_stats import distinct
from schemas.contract import Kind

UNREADABLE = "ZZ"
"""Stands for a country that is filled in and cannot be read: the number has a country, and it is not the region's."""
MOST_EXAMPLES = 3
MOST_COMPLETE = 50
_CALLING_CODE = re.compile(r"^(?:\+|00)?\s*([1-9]\d{0,2})(?:\.0)?$")


def read_countries(texts: pl.Series, blank: Sequence[str] = ()) -> pl.Series:
    """Return two-letter codes of countries' names, codes and calling codes, null where the cell is blank."""
    names = distinct(texts).drop_nulls().unique()
    bare = names.str.strip_chars()
    names = names.filter((bare != "") & ~is_blank_word(bare, Kind.COUNTRY, blank))
    codes = pl.Series([_region(name.strip()) or UNREADABLE for name in names], dtype=pl.String)
    if names.len() == 1 and bool((texts == names[0]).all()) and not texts.null_count():
        return codes.new_from_index(0, texts.len())
    return texts.replace_strict(names, codes, default=None, return_dtype=pl.String)


def _region(text: str) -> str | None:
    found = _CALLING_CODE.match(text)
    if not found:
        return country_code(text)
    import phonenumbers  # its tables take time to load

    region = str(phonenumbers.region_code_for_country_code(int(found[1])))
    return region if region in phonenumbers.SUPPORTED_REGIONS else None


@dataclass(slots=True)
class PhoneCountryEvidence:
    """The phone numbers of a column, and those of them whose country nothing says."""

    numbers: int = 0
    unknown: int = 0
    examples: list[tuple[str, int]] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)  # some of the numbers that have a country code

    def add(self, rows: pl.Series, texts: pl.Series, remarks: Sequence[Remark]) -> None:
        """Add a batch of the column with what cleaning found in it."""
        self.numbers += int(((texts != "") & texts.is_not_null()).sum())
        if len(self.complete) < MOST_COMPLETE:
            self.complete.extend(texts.filter(texts.str.starts_with("+").fill_null(value=False)).head(MOST_COMPLETE))
        unknown = [remark.row for remark in remarks if remark.code == PhoneProblem.COUNTRY_UNKNOWN]
        self.unknown += len(unknown)
        first = pl.Series(unknown[: MOST_EXAMPLES - len(self.examples)], dtype=rows.dtype)
        here = rows.is_in(first.implode())
        self.examples.extend(zip(texts.filter(here), rows.filter(here), strict=True))

    @property
    def is_unknown(self) -> bool:
        """True if most of the column's numbers lack a country: one question for the column, not one for each row."""
        return self.unknown * 2 > self.numbers

    def likely_country(self) -> str:
        """Return the country that all complete numbers of the column are of; blank without one."""
        import phonenumbers  # its tables take time to load

        numbers = []
        for text in self.complete:
            with contextlib.suppress(phonenumbers.NumberParseException):
                numbers.append(phonenumbers.parse(text, None))
        regions = {phonenumbers.region_code_for_number(number) for number in numbers}
        return str(regions.pop()) if len(regions) == 1 and None not in regions else ""

    def failure(self, column: str) -> dict[str, Any]:
        """Return the parameters of the problem ``phone_countries_unknown``."""
        more = self.unknown - len(self.examples)
        params = {"column": repr(column), "examples": self.examples}
        return params | ({"more": f"{more:,}"} if more > 0 else {})
