"""What a column of texts tells quickly, before anything is done with each of them."""

from __future__ import annotations

import polars as pl

SAMPLE = 1000
"""The first values of a column, which show whether they repeat."""


def distinct(values: pl.Series) -> pl.Series:
    """Each value once where many repeat; else the column as it is, because finding them out would cost more.

    What holds for a text holds wherever it stands.
    """
    sample = values.head(SAMPLE)
    if values.dtype != pl.String or sample.n_unique() * 2 > sample.len():
        return values
    return values.unique()


def has_blanks(values: pl.Series) -> bool:
    """Whether some texts have white space only, or nothing; null is no text."""
    first, last = values.min(), values.max()
    if first is None:
        return False
    if str(first) >= "!" and str(last) < "\x7f":  # in their order, so that each begins with a visible ASCII character
        return False
    return bool((distinct(values).str.strip_chars() == "").any())
