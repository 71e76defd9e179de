"""A phone number changes its form and never its digits; what is not one number stays."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.cleaning.phone import clean_phone, phone_remarks
from importer.model.problem import message_of


def cleaned(number: str | None, region: str | None = None) -> str | None:
    found: str | None = clean_phone(pl.Series([number], dtype=pl.String), region).item()
    return found


def remarked(number: str) -> list[tuple[str, str]]:
    before = pl.Series([number])
    return [
        (remark.code, message_of(remark.code, remark.params))
        for remark in phone_remarks(pl.Series([2]), before, clean_phone(before, None), "p")
    ]


@pytest.mark.parametrize("number", ["+1 555-010-0001", "+1 (555) 010.0001", "+1\u2011555\u20110100001", "+1/555/0100001", "tel:+15550100001", "0015550100001", "+1\u00a05550100001"])  # fmt: skip
def test_punctuation_goes(number: str) -> None:
    assert cleaned(number) == "+15550100001"


@pytest.mark.parametrize(
    "number",
    ["1.55512E+10", "1,55512E+10", "15551234.5", "call me", "++1555", "+", "", "'+1555", "=1+2", "n/a", "-"],
)  # fmt: skip
@pytest.mark.parametrize("region", [None, "MA"])
def test_what_is_no_number_stays_for_checking_to_name(number: str, region: str | None) -> None:
    assert cleaned(number, region) == number


@pytest.mark.parametrize(
    ("number", "region", "result"),
    [
        ("0600000001", "MA", "+212600000001"),
        ("0600000001", "ma", "+212600000001"),
        ("212600000001", "MA", "+212600000001"),
        ("5550100001", "US", "+15550100001"),
        ("15551234567.0", "US", "+15551234567"),
        ("123", "MA", "123"),
        ("0600000001", None, "0600000001"),
    ],
)
def test_national_numbers_become_international_where_that_is_possible(
    number: str, region: str | None, result: str
) -> None:
    assert cleaned(number, region) == result


@pytest.mark.parametrize("number", ["0600000001/0600000002", "0600000001 / 0600000002", "0600000001\n0600000002", "0600000001 ou 0600000002", "0600000001; 0600000002"])  # fmt: skip
def test_of_several_numbers_in_one_cell_the_first_is_sent_and_the_rest_is_said(number: str) -> None:
    assert cleaned(number) == "0600000001"
    assert remarked(number) == [("several_numbers", "holds several phone numbers; the first is sent, 0600000001")]


@pytest.mark.parametrize("number", ["+1 555 010 0001 ext. 12", "+1-555-010-0001 x12", "+15550100001 poste 12", "+1 555 0100001, Durchwahl 12", "+1 (555) 010 0001 #12"])  # fmt: skip
def test_an_extension_is_left_out_and_said(number: str) -> None:
    assert cleaned(number) == "+15550100001"
    assert remarked(number) == [("extension", "has an extension, 12, which is left out; +15550100001 is sent")]


@pytest.mark.parametrize("number", ["٠٦٠٠٠٠٠٠٠١", "０６０００００００１", "۰۶۰۰۰۰۰۰۰۱"])  # fmt: skip
def test_digits_of_other_scripts_are_digits(number: str) -> None:
    assert cleaned(number) == "0600000001"
    assert cleaned(number, "MA") == "+212600000001"


def test_the_country_of_the_row_wins_over_the_region() -> None:
    numbers = pl.Series(["06 39 98 00 01", "0600000001", "0600000002"])

    found = clean_phone(numbers, "MA", pl.Series(["FR", None, "MA"], dtype=pl.String))

    assert found.to_list() == ["+33639980001", "+212600000001", "+212600000002"]


@pytest.mark.parametrize(
    "number", ["0600000001 - 0600000002", "0600000001 call me or 0600000002", "+1 555 0100001 / new in May"]
)
def test_what_is_not_plainly_several_numbers_stays(number: str) -> None:
    assert cleaned(number) == number
    assert remarked(number) == []


@pytest.mark.parametrize("number", ["+44 (0)20 7946 0018", "0044 (0) 20 7946 0018", "+49 (0) 30 123456"])
def test_a_trunk_zero_in_brackets_is_not_made_part_of_the_number(number: str) -> None:
    assert cleaned(number) in {number, number.replace("(0)", "").replace(" ", "").replace("0044", "+44")}


@pytest.mark.parametrize("number", ["555-0100/0101", "5550100 / 01"])
def test_two_short_numbers_in_one_cell_are_never_made_into_one(number: str) -> None:
    assert cleaned(number) == number


def test_the_zero_of_an_italian_number_is_dialled_from_abroad_and_stays() -> None:
    assert cleaned("+39 (0)6 6982 0001") in {"+39 (0)6 6982 0001", "+390669820001"}


@pytest.mark.parametrize("day", ["2024-01-15", "12/05/1990"])
def test_a_date_does_not_become_a_number(day: str) -> None:
    assert cleaned(day) == day


@given(st.text(alphabet="0123456789+-. ()/\u00a0\ntel:.E", max_size=18), st.sampled_from([None, "MA", "US"]))
def test_cleaning_twice_is_cleaning_once(number: str, region: str | None) -> None:
    once = cleaned(number, region)

    assert cleaned(once, region) == once


@given(st.lists(st.text(alphabet="0123456789+- ", max_size=14), min_size=1, max_size=12))
def test_a_number_does_not_depend_on_its_neighbours(numbers: list[str]) -> None:
    together = clean_phone(pl.Series(numbers, dtype=pl.String), "MA").to_list()

    assert together == [cleaned(number, "MA") for number in numbers]
