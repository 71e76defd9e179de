"""Text keeps what a person sees and loses what nobody does."""

from __future__ import annotations

import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.cleaning.text import clean_text

SEAMS = st.text(alphabet=" \t\n\u00a0\u200b\u200d\u2060\ufeff\u00ad\u0301\u0308eaoé가ᄀ\u1161\u3000😀", max_size=8)


def cleaned(text: str) -> str | None:
    found: str | None = clean_text(pl.Series([text], dtype=pl.String)).item()
    return found


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("\t a \r\n", "a"),
        ("a\u00a0\u00a0b", "a b"),
        ("\u3000東京\u3000", "東京"),
        ("a\u200bb\u2060c\u00add\ufeff", "abcd"),
        ("e\u0301", "é"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("a\nb", "a\nb"),
        ("ﬁ Ａ ①", "ﬁ Ａ ①"),
        ("a  b", "a b"),
    ],
)
def test_text_is_trimmed_composed_and_freed_of_invisible_characters(text: str, result: str) -> None:
    assert cleaned(text) == result


@pytest.mark.parametrize("text", ["\u200b", "\u00a0", " ", "\ufeff \u200b"])
def test_a_cell_of_nothing_visible_is_blank(text: str) -> None:
    assert cleaned(text) is None


@given(SEAMS)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = cleaned(text)

    assert once is None or cleaned(once) == once


@given(st.text(max_size=10))
def test_what_is_left_is_composed_and_has_no_blank_at_its_ends(text: str) -> None:
    result = cleaned(text)

    assert result is None or (result == result.strip(" \t\n\u00a0") and result == unicodedata.normalize("NFC", result))


@given(st.lists(SEAMS, min_size=1, max_size=12))
def test_a_text_does_not_depend_on_its_neighbours(texts: list[str]) -> None:
    assert clean_text(pl.Series(texts, dtype=pl.String)).to_list() == [cleaned(text) for text in texts]
