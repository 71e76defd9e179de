"""Quick facts about a column of texts, so that work on each text can be spared."""

from __future__ import annotations

import polars as pl

# This many values, from the beginning and from all over a column, show whether its values repeat.
SAMPLED_VALUES = 1000
VALUES_TO_DENY_CONSTANT = 10


def distinct(values: pl.Series) -> pl.Series:
    """Return each value once where many repeat, else the column as it is; the order is not kept.

    For work that only asks what texts there are.
    """
    repeated = find_repeated(values)
    return values if repeated is None else repeated


def find_repeated(values: pl.Series) -> pl.Series | None:
    """Return each value once, or None where so few repeat that finding them costs more than it saves."""
    if values.dtype != pl.String or not values.len():
        return None
    if is_constant(values):
        return values.head(1)
    if not _repeat(values.head(SAMPLED_VALUES)):
        every_nth = -(-values.len() // SAMPLED_VALUES)
        if not _repeat(values.gather_every(every_nth)):
            return None
    return values.unique()


def _repeat(sample: pl.Series) -> bool:
    return sample.n_unique() * 2 <= sample.len()


def is_constant(values: pl.Series) -> bool:
    """Return whether the column has one value, and no other."""
    if len(set(values.head(VALUES_TO_DENY_CONSTANT).to_list())) != 1:
        return False
    return values.len() <= VALUES_TO_DENY_CONSTANT or bool(values.eq_missing(values.head(1)).all())


def has_blanks(values: pl.Series) -> bool:
    """Return whether some texts are empty or white space only; null is no text."""
    # Texts that sort between these two begin with a visible ASCII character. Most columns have no others, and
    # comparing is quicker than stripping.
    if ((values >= "!") & (values < "\x7f")).all():
        return False
    return bool((distinct(values).str.strip_chars() == "").any())
