"""Fixed lists: ``Qualified`` → ``QUALIFIED``, without regard to case."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def clean_choice(values: pl.Series, allowed: Sequence[str]) -> pl.Series:
    """The listed spelling of each value that is on the list but for its case; others as they were."""
    listed = {option.casefold(): option for option in allowed}
    changed = {
        value: listed[value.strip().casefold()]
        for value in values.drop_nulls().unique()
        if value not in allowed and value.strip().casefold() in listed
    }
    return values.replace(list(changed), list(changed.values())) if changed else values
