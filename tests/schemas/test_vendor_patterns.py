"""The documented patterns, on values that are nearly right: polars' verdict is the ECMAScript engine's."""

from __future__ import annotations

import polars as pl
import pytest
import regress
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.ecma_regex import matches, translate, utf16_length
from schemas.registry import load_vendor

NEARLY = {
    "email": ["jane.doe@example.com", ".a@b.co", "a..b@b.co", "a.@b.co", "o'x+y-z_1@a-b.c-d.info", "a@-b.co", "a@b.c", "a@b.c1"],
    "phoneNumber": ["+15551234567", "15551234567", "+", "++1", "1 5", "+१२३", "１２３"],
    "joinedTime": [
        "2024-01-15T10:00:00.000Z", "2024-02-29T10:00Z", "2023-02-29T10:00Z", "2000-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
        "2024-04-31T10:00:00Z", "2024-01-15T24:00:00Z", "2024-01-15T10:00:00.Z", "2024-01-15T10:00:00+00:00", "٢٠٢٤-01-15T10:00Z",
    ],
}  # fmt: skip
UNTRANSLATABLE = [
    r"(?<=a)b",
    r"(?<!a)b",
    r"(.)\1",
    r"(?<x>a)\k<x>",
    r"^\p{L}+$",
    r"\p{Script=Greek}",
    r"a(?=b)",
    r"a(?!b)",
    r"[^]",
    r"\cJ",
]
EDITS = st.tuples(st.integers(0, 30), st.sampled_from("a1+.@-_' TZ:\n\r\u2028é१😀"), st.booleans())


def found(pattern: str, texts: list[str]) -> list[bool]:
    return pl.DataFrame({"x": texts}).select(matches(pattern)(pl.col("x"))).to_series().to_list()


def edited(text: str, edit: tuple[int, str, bool]) -> str:
    place, char, replaces = edit
    place = min(place, len(text))
    return text[:place] + char + text[place + replaces :]


@pytest.mark.parametrize("path", NEARLY)
def test_one_edit_from_right_gets_the_verdict_of_an_ecmascript_engine(path: str) -> None:
    field = load_vendor("iclosed").operations["create"].field(path)
    assert field is not None
    pattern = field.limits.pattern
    assert pattern is not None
    engine = regress.Regex(pattern, "u")

    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.tuples(st.sampled_from(NEARLY[path]), EDITS), min_size=1, max_size=20))
    def law(pairs: list[tuple[str, tuple[int, str, bool]]]) -> None:
        texts = [edited(*pair) for pair in pairs] + NEARLY[path]

        assert found(pattern, texts) == [engine.find(text) is not None for text in texts]

    law()


@pytest.mark.parametrize("pattern", UNTRANSLATABLE)
def test_what_polars_cannot_run_goes_through_the_ecmascript_engine(pattern: str) -> None:
    texts = ["ab", "cb", "aa", "b", "é", "α", "", "\n", "a"]

    assert translate(pattern) is None
    assert found(pattern, texts) == [regress.Regex(pattern, "u").find(text) is not None for text in texts]


def test_a_column_without_values_has_no_verdict_from_either_engine() -> None:
    frame = pl.DataFrame({"x": [None, None]}, schema={"x": pl.String})

    for pattern in (r"^\d+$", r"(?<=a)b", r"^(?!a)b"):
        assert frame.select(matches(pattern)(pl.col("x"))).to_series().to_list() == [None, None]


@pytest.mark.parametrize(("text", "length"), [("", 0), ("é", 1), ("e\u0301", 2), ("😀", 2), ("👨\u200d👩", 5), ("\uffff", 1), ("\U00010000", 2)])  # fmt: skip
def test_one_emoji_counts_two(text: str, length: int) -> None:
    assert pl.DataFrame({"x": [text]}).select(utf16_length(pl.col("x"))).item() == length
