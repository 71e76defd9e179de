"""Texts that repeat are found once, and a column in which few do is left alone."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from schemas.column_stats import distinct, find_repeated, is_constant


@given(st.lists(st.one_of(st.none(), st.sampled_from("abc")), max_size=30))
def test_repeated_texts_are_each_text_once(values: list[str | None]) -> None:
    found = find_repeated(pl.Series(values, dtype=pl.String))

    assert found is None or sorted(found, key=str) == sorted(set(values), key=str)


def test_a_column_of_different_texts_has_no_repeated_ones() -> None:
    assert find_repeated(pl.Series(["a", "b", "c"])) is None
    assert find_repeated(pl.Series([], dtype=pl.String)) is None
    assert distinct(pl.Series(["a", "b", "c"])).to_list() == ["a", "b", "c"]


def test_repetition_is_seen_beyond_the_first_values() -> None:
    different = [f"{number:05}" for number in range(2_000)]

    assert find_repeated(pl.Series(different + ["x"] * 98_000)) is not None
    assert find_repeated(pl.Series([f"{number:05}" for number in range(100_000)])) is None


def test_a_constant_has_a_value_and_no_other() -> None:
    assert is_constant(pl.Series(["a"] * 20))
    assert is_constant(pl.Series([None] * 20, dtype=pl.String))
    assert not is_constant(pl.Series(["a"] * 20 + [None]))
    assert not is_constant(pl.Series([], dtype=pl.String))
