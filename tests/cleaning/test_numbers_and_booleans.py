"""Booleans and numbers as people write them: read where there is no doubt, else left for checking to report."""

from __future__ import annotations

import polars as pl
import pytest

from importer.cleaning.booleans import clean_boolean
from importer.cleaning.choices import clean_choice
from importer.cleaning.date_order import DateOrderEvidence
from importer.cleaning.moments import clean_moment
from importer.cleaning.numbers import clean_number
from schemas.registry import load_vendor


def test_words_for_yes_and_no_are_booleans_and_others_stay() -> None:
    words = ["Yes", "no", "oui", "ja", "sí", "1", "0", "x", "✔️", "TRUE", "VRAI", "FALSCH", "maybe", "2", "o", None]

    assert clean_boolean(pl.Series(words)).to_list() == [
        "true", "false", "true", "true", "true", "true", "false", "true", "true", "TRUE", "true", "false", "maybe", "2", "o", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("texts", "cleaned"),
    [
        (["1,234"], ["1,234"]),
        (["1,234", "1.5"], ["1234", "1.5"]),
        (["1,234", "2,5", "1.234"], ["1.234", "2.5", "1234"]),
        (["1,234", "2,5", "1.5"], ["1,234", "2.5", "1.5"]),
        (["1.234,5", "1,234.5", "1 234", "1'234"], ["1234.5", "1234.5", "1234", "1234"]),
        (["1,234,567", "1.234.567", "12,34,567"], ["1234567", "1234567", "12,34,567"]),
        (["0,125", "1 2 3", "abc", "-3,5", None], ["0.125", "1 2 3", "abc", "-3.5", None]),
        (["1.234", "5"], ["1.234", "5"]),
        (["$1,234.50", "€ 5", "-$5", "1.234,5 €", "$$5"], ["1234.50", "5", "-5", "1234.5", "$$5"]),
    ],
)
def test_a_number_is_read_where_its_writing_is_beyond_doubt(texts: list[str], cleaned: list[str]) -> None:
    assert clean_number(pl.Series(texts)).to_list() == cleaned


def test_signs_of_a_choice_count() -> None:
    choices = ("A+", "B", "✓", "In-Progress", "QUALIFIED", "N/A")

    assert clean_choice(pl.Series(["A-", "a+", "✗", "in progress", "Qualified.", "NA", "n/a"]), choices).to_list() == [
        "A-", "A+", "✗", "In-Progress", "QUALIFIED", "NA", "N/A",
    ]  # fmt: skip


def order_of(*texts: str) -> str | None:
    proof = DateOrderEvidence()
    proof.add(pl.Series(range(2, len(texts) + 2)), pl.Series(texts))
    order = proof.order()
    if order is None:
        assert proof.failure("Date")[0].startswith("date_order_")
    return order


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (("90/02/28", "05/02/14"), "ymd"),
        (("90/02/28", "02/28/1990"), None),
        (("90/02/28", "28/02/1990"), None),
        (("31/02/1990", "12/31/1990", "01/02/1990"), "mdy"),
        (("00/05/1990", "28/02/1990"), "dmy"),
        (("28/02/1990 00:00:00 UTC", "01/02/1990"), "dmy"),
    ],
)
def test_only_days_that_exist_prove_an_order(texts: tuple[str, ...], order: str | None) -> None:
    assert order_of(*texts) == order


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("2024-01-15T10:00Z", "2024-01-15T10:00Z"),
        ("2024-01-15T10:00+01:00", "2024-01-15T09:00:00.000Z"),
        ("2024-01-15T10:00:00.123456+01:00", "2024-01-15T09:00:00.123456Z"),
        ("2024-01-15 10:00:00 UTC", "2024-01-15T10:00:00.000Z"),
        ("2024-01-15 10:00:00+00", "2024-01-15T10:00:00.000Z"),
        ("2024-01-15 10:00:00 -0500", "2024-01-15T15:00:00.000Z"),
        ("15/01/2024 10:00 GMT+1", "2024-01-15T09:00:00.000Z"),
        ("Mon Jan 15 2024 10:00:00 GMT+0100 (CET)", "2024-01-15T09:00:00.000Z"),
        ("20240115T100000Z", "2024-01-15T10:00:00.000Z"),
        ("2024-01-15 10:00-11:00", "2024-01-15 10:00-11:00"),
        ("2024-01-15T10:00:00+19:00", "2024-01-15T10:00:00+19:00"),
        ("2024-01-15 10:00", "2024-01-15 10:00"),
    ],
)
def test_a_moment_with_an_offset_keeps_its_precision(text: str, cleaned: str) -> None:
    field = load_vendor("iclosed").operations["create"].field("joinedTime")
    assert field is not None

    assert clean_moment(pl.Series([text]), None, "dmy", None, field.limits.pattern).to_list() == [cleaned]


def test_digits_that_the_pattern_refuses_are_left_out() -> None:
    pattern = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"

    assert clean_moment(pl.Series(["2024-01-15T10:00:00.123456+01:00"]), None, None, None, pattern).to_list() == [
        "2024-01-15T09:00:00.123Z"
    ]
