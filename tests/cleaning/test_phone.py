"""A column of phones: quick where nothing is to be said, and never anything but what the rules give."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.cleaning.phone import clean_phone
from importer.cleaning.phone_number import parse_phone
from importer.model.problem import message_of
from schemas.contract import Field
from schemas.kind import Kind

FIELD = Field("p", ("p",), kind=Kind.PHONE)


def cleaned(number: str | None, region: str | None = None) -> str | None:
    found: str | None = clean_phone(pl.Series([number], dtype=pl.String), region)[0].item()
    return found


def remarked(number: str, region: str | None = None) -> list[tuple[str, str]]:
    _, remarks = clean_phone(pl.Series([number]), region, rows=pl.Series([2]), field=FIELD)
    return [(remark.code, message_of(remark.code, remark.params)) for remark in remarks]


@pytest.mark.parametrize("number", ["+1 555-010-0001", "+1 (555) 010.0001", "+1\u2011555\u20110100001", "tel:+15550100001", "0015550100001", "+1\u00a05550100001", "(+1) 555 010 0001"])  # fmt: skip
def test_punctuation_goes(number: str) -> None:
    assert cleaned(number) == "+15550100001"
    assert remarked(number) == []


@pytest.mark.parametrize(
    "number", ["1.55512E+10", "1,55512E+10", "15551234.5", "call me", "++1555", "+", "=1+2", "2024-01-15", "12/05/1990"]
)
@pytest.mark.parametrize("region", [None, "MA"])
def test_what_is_no_number_stays_and_is_a_problem(number: str, region: str | None) -> None:
    assert cleaned(number, region) == number
    assert remarked(number, region) == [("not_a_phone", "is not a phone number")]


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_blank_or_cleared_is_left_alone(nothing: str | None) -> None:
    found, remarks = clean_phone(pl.Series([nothing], dtype=pl.String), None, rows=pl.Series([2]), field=FIELD)

    assert (found.to_list(), remarks) == ([nothing], [])


@pytest.mark.parametrize(
    ("number", "region", "result"),
    [
        ("0600000001", "MA", "+212600000001"),
        ("0600000001", "ma", "+212600000001"),
        ("212600000001", "MA", "+212600000001"),
        ("2025550101", "US", "+12025550101"),
        ("12025550101.0", "US", "+12025550101"),
        ("+330199001234", "US", "+33199001234"),
        ("+390669820001", None, "+390669820001"),
        ("+2250701020304", None, "+2250701020304"),
    ],
)
def test_numbers_become_international(number: str, region: str | None, result: str) -> None:
    assert cleaned(number, region) == result


@pytest.mark.parametrize(
    ("number", "region", "code"),
    [
        ("123", "MA", "phone_not_valid"),
        ("5550100001", "US", "phone_not_valid"),
        ("0612345678", "US", "phone_not_valid"),
        ("+10199001234", None, "phone_not_valid"),
        ("0600000001", None, "phone_country_unknown"),
        ("000", "US", "not_a_phone"),
    ],
)
def test_no_number_is_made_up(number: str, region: str | None, code: str) -> None:
    assert cleaned(number, region) == number
    assert [said for said, _ in remarked(number, region)] == [code]


def test_what_is_left_out_is_said() -> None:
    assert remarked("0600000001 / 0600000002", "MA") == [
        ("several_numbers", "contains several phone numbers; the first is sent: +212600000001")
    ]
    assert remarked("+1 555 010 0001 ext. 12") == [
        ("extension", "has an extension, 12, which is not sent; +15550100001 is sent")
    ]
    assert remarked("+1 555 010 0001 (WhatsApp)") == [
        ("phone_note", "has a note, «WhatsApp», which is not sent; +15550100001 is sent")
    ]


def test_the_country_of_the_row_wins_over_the_region_and_one_that_cannot_be_read_is_no_region() -> None:
    numbers = pl.Series(["01 99 00 12 34", "0600000001", "0600000002", "0600000003"])

    found, _ = clean_phone(numbers, "MA", lambda: pl.Series(["FR", None, "MA", "ZZ"], dtype=pl.String))

    assert found.to_list() == ["+33199001234", "+212600000001", "+212600000002", "0600000003"]


@given(st.text(alphabet="0123456789+-. ()/\u00a0\ntel:.E", max_size=18), st.sampled_from([None, "MA", "US"]))
def test_the_quick_way_gives_what_the_rules_give(number: str, region: str | None) -> None:
    once = cleaned(number, region)

    assert once == (parse_phone(number, region).number or number)
    assert cleaned(once, region) == once


@given(st.lists(st.text(alphabet="0123456789+- ", max_size=14), min_size=1, max_size=12))
def test_a_number_does_not_depend_on_its_neighbours(numbers: list[str]) -> None:
    together = clean_phone(pl.Series(numbers, dtype=pl.String), "MA")[0].to_list()

    assert together == [cleaned(number, "MA") for number in numbers]
