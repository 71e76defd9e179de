"""Fixed lists: ``Qualified`` → ``QUALIFIED``, without regard to case, accents, spaces and punctuation."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from importer.normalize import normalize_name


def clean_choice(values: pl.Series, allowed: Sequence[str]) -> pl.Series:
    """The listed spelling of each value that is on the list but for its spelling; others as they were."""
    listed: dict[str, str] = {}
    for choice in allowed:  # two choices that differ in nothing else are told apart by nobody
        listed[normalize_name(choice)] = "" if normalize_name(choice) in listed else choice
    changed: dict[str, str] = {
        value: option
        for value in values.drop_nulls().unique()
        if value not in allowed and (option := listed.get(normalize_name(value)))
    }
    return values.replace(list(changed), list(changed.values())) if changed else values
