"""What a spreadsheet program made of a text, told from what a person entered."""

from __future__ import annotations

import pytest

from importer.reimport.spreadsheet_rewrites import is_spreadsheet_rewrite


@pytest.mark.parametrize(
    ("first", "now"),
    [
        ("+15550100001", "15550100001"),
        ("+15550100001", "1.55501E+10"),
        ("+15550100001", "1,55501E+10"),
        ("+212 6 12 34 56 78", "212612345678"),
        ("02134", "2134"),
        ("12E5", "1200000"),
        ("12345678901234567", "12345678901234500"),
        ("1.55512E+10", "15551200000"),
        ("1990-02-28", "28/02/1990"),
        ("1990-02-28", "2/28/1990"),
        ("1990-02-28", "28.02.90"),
        ("03/04/2026", "3/4/2026"),
        ("3/4/26", "03/04/2026"),
        ("2026-01-31T10:00:00Z", "31/01/2026 10:00"),
        ("true", "TRUE"),
        ("false", "FAUX"),
        ("5/3/45", "05/03/1945"),
        ("5/3/12", "05/03/2012"),
        ("Łukasz", "?ukasz"),
        ("one\r\ntwo", "one\ntwo"),
    ],
)  # fmt: skip
def test_the_same_value_in_a_spreadsheets_form_says_nothing_new(first: str, now: str) -> None:
    assert is_spreadsheet_rewrite(first, now)


@pytest.mark.parametrize(
    ("first", "now"),
    [
        ("+15550100001", "15550100002"),
        ("+15550100001", "1.55502E+10"),
        ("2134", "02134"),
        ("612345678", "+612345678"),
        ("1.55512E+10", "+15551234567"),
        ("03/04/2026", "04/03/2026"),
        ("1990-02-28", "1990-02-27"),
        ("2005-03-12", "2012-03-05"),
        ("2010-02-03", "2003-02-10"),
        ("13/04/25", "13/04/1925"),
        ("13/04/68", "68/04/13"),
        ("vrai", "true"),
        ("1990-02-28", "28/02/1991"),
        ("José", "Jos?"),
        ("Ana", "Anna"),
        ("", "x"),
        ("x", ""),
        ("5", "5.5"),
    ],
)
def test_another_value_is_a_correction(first: str, now: str) -> None:
    assert not is_spreadsheet_rewrite(first, now)
