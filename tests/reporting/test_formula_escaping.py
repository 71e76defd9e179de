"""Formulas in CSV files: no cell is one, and every text comes back."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.reporting.formula_escaping import escape_formulas, unescape_formulas

LIKE_FORMULAS = st.text(alphabet="'=+-@\t\r＝0123456789 ().,/ax\n;\"|", max_size=8)


FORMULA_START = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
INNER = re.compile(r"""([;,|\t\r\n][ "]*)('*(?:[=@＝＠]|[+\-＋－](?:[^\W\d_]|[(@=])))""")
SIGNED_NUMBER = re.compile(r"'*(?:[+-]+|[+-]\d[\d.,]*|[+-]\(?\d[\d.\-/()]* [\d .\-/()]*)")


def escape_plainly(text: str | None) -> str | None:
    """The same, text by text."""
    is_formula = text is not None and FORMULA_START.match(text) and not SIGNED_NUMBER.fullmatch(text)
    start = 1 if text and text[0] in "\t\r\n" else 0
    inner = None if text is None else text[:start] + INNER.sub(r"\1'\2", text[start:])
    return f"'{inner}" if is_formula else inner


def frame(*texts: str | None) -> pl.DataFrame:
    return pl.DataFrame({"cell": texts}, schema={"cell": pl.String})


@given(st.lists(st.none() | LIKE_FORMULAS | st.text(max_size=12)))
def test_every_text_comes_back(texts: list[str | None]) -> None:
    assert unescape_formulas(escape_formulas(frame(*texts)))["cell"].to_list() == texts


@given(st.lists(st.none() | LIKE_FORMULAS | st.text(max_size=12) | st.text(alphabet="Az", max_size=3)))
def test_a_column_is_escaped_as_its_texts_are_one_by_one(texts: list[str | None]) -> None:
    assert escape_formulas(frame(*texts))["cell"].to_list() == [escape_plainly(text) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://example.com")',
        "@SUM(A1)",
        "+1+cmd|' /C calc'!A0",
        "-2+3",
        "+1-555-010-0199",
        "\t=1",
        "\n=1",
        "\r=1",
        "＝1+1",
        "-A1",
    ],
)
def test_what_a_spreadsheet_computes_gets_an_apostrophe(text: str) -> None:
    assert escape_formulas(frame(text))["cell"].to_list() == [f"'{text}"]


@pytest.mark.parametrize(
    "text",
    [
        "+15550100001",
        "+1 555 010 0001",
        "+212 (6) 12-34-56",
        "-5",
        "-5.20",
        "-",
        "--",
        "Ana",
        "'",
        "'t Hooft",
        "a=b",
        "",
        "1-2",
    ],
)
def test_what_it_shows_stays_as_it_is(text: str) -> None:
    assert escape_formulas(frame(text))["cell"].to_list() == [text]


def test_numbers_are_left_alone() -> None:
    numbers = pl.DataFrame({"row": [1, 2], "cell": ["=a", None]})

    assert escape_formulas(numbers).rows() == [(1, "'=a"), (2, None)]


@pytest.mark.parametrize("text", ["x;=1+1;y", "x; =1", 'x;"=1"', "a\n@SUM(A1)", "a\t+cmd|x", "a,-SUM(A1)", "a;'=1"])
def test_no_part_of_a_text_is_a_formula_for_a_program_with_another_delimiter(text: str) -> None:
    escaped = escape_formulas(frame(text))["cell"][0]

    assert not any(re.match(r"""[ "]*'*$|[ "]*[=@+\-]""", part) for part in re.split(r"[;,\t\n]", escaped))
    assert unescape_formulas(frame(escaped))["cell"][0] == text


@pytest.mark.parametrize("text", ["+44 20 7946 0001; +33 1 99 00 00 01", "a, -5", "x;y@example.com", "Rue 1, 2"])
def test_lists_of_phones_and_numbers_stay_as_they_are(text: str) -> None:
    assert escape_formulas(frame(text))["cell"][0].removeprefix("'") == text
