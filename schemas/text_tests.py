"""Tests of text columns that call costly code only for the texts that need it."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

# From a column to true, false or, for a null, no verdict.
Test = Callable[[pl.Expr], pl.Expr]


def check_distinct(text: pl.Expr, test: Callable[[str], bool]) -> pl.Expr:
    """Return an expression that calls the test once for each distinct text."""

    def apply(values: pl.Series) -> pl.Series:
        distinct = values.drop_nulls().unique()
        verdict = pl.Series([test(value) for value in distinct], dtype=pl.Boolean)
        return values.replace_strict(distinct, verdict, default=None, return_dtype=pl.Boolean)

    return text.map_batches(apply, return_dtype=pl.Boolean)


def check_distinct_together(text: pl.Expr, test: Callable[[list[str]], list[bool]]) -> pl.Expr:
    """Return an expression that calls the test once, with all distinct texts."""

    def apply(values: pl.Series) -> pl.Series:
        distinct = values.drop_nulls().unique()
        if not distinct.len():
            return pl.Series(values.name, [None], dtype=pl.Boolean).new_from_index(0, values.len())
        verdict = pl.Series(test(distinct.to_list()), dtype=pl.Boolean)
        return values.replace_strict(distinct, verdict, default=None, return_dtype=pl.Boolean)

    return text.map_batches(apply, return_dtype=pl.Boolean)


def check_suspects(
    text: pl.Expr, find_suspects: Callable[[pl.Series], pl.Series], test: Callable[[pl.Series], pl.Series]
) -> pl.Expr:
    """Return an expression that is true for all texts but the suspects for which the costly test fails."""

    def apply(values: pl.Series) -> pl.Series:
        suspect = find_suspects(values).fill_null(value=False)
        verdict = pl.Series(values.name, [True], dtype=pl.Boolean).new_from_index(0, values.len())
        return verdict.scatter(suspect.arg_true(), test(values.filter(suspect))) if suspect.any() else verdict

    return text.map_batches(apply, return_dtype=pl.Boolean)
