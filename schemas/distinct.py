"""A column's texts, each once where they repeat: what holds for a text holds wherever it stands."""

from __future__ import annotations

import polars as pl

SAMPLE = 1000
"""The first values of a column, which show whether they repeat."""


def distinct(values: pl.Series) -> pl.Series:
    """Each value once where many repeat; else the column as it is, because finding them out would cost more."""
    sample = values.head(SAMPLE)
    if values.dtype != pl.String or sample.n_unique() * 2 > sample.len():
        return values
    return values.unique()
