"""The country that is proposed for a column of phone numbers without one."""

from __future__ import annotations

import polars as pl
import pytest

from importer.cleaning import PhoneCountryEvidence
from importer.cleaning.phone_number import PhoneProblem
from importer.cleaning.warnings import Remark


@pytest.mark.parametrize(
    ("numbers", "country"),
    [
        (["12025550101", "12025550102"], "US"),
        (["33612345678", "+33612345679"], "FR"),  # one number says it for all
        (["33612345678", "33612345679"], "FR"),
        (["33612345678", "447911123456"], ""),  # of two countries
        (["12025550101", "11111111111"], ""),  # not every one would be valid
        (["(202) 555-0101", "(312) 555-0102"], "US"),
        (["(202) 555-0101", "2025550102"], ""),
        (["0612345678", "0612345679"], ""),
        (["2025550101", "2025550102"], ""),  # Egypt's code, but too short to be sure
    ],
)
def test_a_country_is_proposed_where_every_number_says_it(numbers: list[str], country: str) -> None:
    rows = pl.Series("row", range(2, 2 + len(numbers)), dtype=pl.UInt32)
    unknown = [
        Remark(row, "phone", PhoneProblem.COUNTRY_UNKNOWN, {})
        for row, text in zip(rows, numbers, strict=True)
        if text[0] != "+"
    ]
    evidence = PhoneCountryEvidence()
    evidence.add(rows, pl.Series(numbers), unknown)

    proposed, reason = evidence.likely_country()

    assert proposed == country
    assert bool(reason) == bool(country)
