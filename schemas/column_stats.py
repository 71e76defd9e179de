"""What a column of texts tells quickly, before anything is done with each of them."""

from __future__ import annotations

import polars as pl

FEW = 10
SAMPLE = 1000
"""So many values, from the beginning and from all over a column, show whether they repeat."""


def distinct(values: pl.Series) -> pl.Series:
    """Each value once where many repeat; else the column as it is, because finding them out would cost more.

    What holds for a text holds wherever it stands.
    """
    if values.dtype != pl.String or not values.len():
        return values
    if is_constant(values):
        return values.head(1)
    kinds = values.head(SAMPLE).n_unique()
    if kinds * 2 > min(SAMPLE, values.len()):
        spread = values.gather_every(-(-values.len() // SAMPLE))
        if spread.n_unique() * 2 > spread.len():
            return values
    return values.unique()


def is_constant(values: pl.Series) -> bool:
    """Whether there is a value, and no other."""
    return values.head(FEW).n_unique() == 1 and bool(values.eq_missing(values.head(1)).all())


def has_blanks(values: pl.Series) -> bool:
    """Whether some texts have white space only, or nothing; null is no text."""
    # In the order of texts these begin with a visible ASCII character; that is most columns, and told at once.
    if ((values >= "!") & (values < "\x7f")).all():
        return False
    return bool((distinct(values).str.strip_chars() == "").any())
