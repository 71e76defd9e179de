"""The countries of phone numbers without a country code, and whether a whole column lacks them."""

from __future__ import annotations

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
from schemas.kind import Kind

UNREADABLE = "ZZ"
"""Stands for a country that is filled in and cannot be read: the number has a country, and it is not the region's."""
MOST_EXAMPLES = 3
MOST_COMPLETE = 50
FEWEST_INTERNATIONAL_DIGITS = 11
"""A shorter number could be a national one that happens to begin with another country's code."""
_NORTH_AMERICAN = re.compile(r"^\s*(?:1[ .-]?)?\([2-9]\d{2}\)\s?[2-9]\d{2}[ .-]\d{4}\s*$")
"""``(202) 555-0101``, as only North America writes numbers."""
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
    national: list[str] = field(default_factory=list)  # some of those that have none

    def add(self, rows: pl.Series, texts: pl.Series, remarks: Sequence[Remark]) -> None:
        """Add a batch of the column with what cleaning found in it."""
        self.numbers += int(((texts != "") & texts.is_not_null()).sum())
        if len(self.complete) < MOST_COMPLETE:
            self.complete.extend(texts.filter(texts.str.starts_with("+").fill_null(value=False)).head(MOST_COMPLETE))
        unknown = [remark.row for remark in remarks if remark.code == PhoneProblem.COUNTRY_UNKNOWN]
        self.unknown += len(unknown)
        first = pl.Series(unknown[: MOST_EXAMPLES - len(self.examples)], dtype=rows.dtype)
        here = rows.is_in(first.implode())
        some = pl.Series(unknown[: MOST_COMPLETE - len(self.national)], dtype=rows.dtype)
        self.national.extend(texts.filter(rows.is_in(some.implode())))
        self.examples.extend(zip(texts.filter(here), rows.filter(here), strict=True))

    @property
    def is_unknown(self) -> bool:
        """True if most of the column's numbers lack a country: one question for the column, not one for each row."""
        return self.unknown * 2 > self.numbers

    def likely_country(self) -> tuple[str, str]:
        """Return the country that the column's numbers are likely of, and what says so; blanks without one."""
        if country := _only_country(self.complete):
            return country, "the other numbers of the column are of this country"
        digits = [re.sub(r"\D", "", text) for text in self.national]
        if all(len(number) >= FEWEST_INTERNATIONAL_DIGITS for number in digits) and (
            country := _only_country([f"+{number}" for number in digits])
        ):
            return country, "the numbers begin with this country's code"
        if self.national and all(map(_NORTH_AMERICAN.match, self.national)):
            return "US", "the numbers are written as in North America"
        return "", ""

    def failure(self, column: str) -> dict[str, Any]:
        """Return the parameters of the problem ``phone_countries_unknown``."""
        more = self.unknown - len(self.examples)
        params = {"column": repr(column), "examples": self.examples}
        return params | ({"more": f"{more:,}"} if more > 0 else {})


def _only_country(texts: Sequence[str]) -> str:
    """Return the country of which all international numbers are valid ones; blank without one."""
    import phonenumbers  # its tables take time to load

    regions = set()
    for text in texts:
        try:
            regions.add(phonenumbers.region_code_for_number(phonenumbers.parse(text, None)))
        except phonenumbers.NumberParseException:
            return ""
    return str(regions.pop()) if len(regions) == 1 and None not in regions else ""
