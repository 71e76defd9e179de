"""Choices: a value of a contract's fixed list in another spelling (``Qualified`` → ``QUALIFIED``).

Case, accents, spaces and punctuation do not count (``normalize_name``).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from importer.model.normalized_name import normalize_name


def clean_choice(values: pl.Series, allowed: Sequence[str]) -> pl.Series:
    """Return the values in the spelling of the list; those that are not on it stay."""
    spellings: dict[str, str] = {}
    for spelling in allowed:  # of two choices that differ in nothing that counts, neither is guessed
        spellings[normalize_name(spelling)] = "" if normalize_name(spelling) in spellings else spelling
    changed: dict[str, str] = {
        value: choice
        for value in values.drop_nulls().unique()
        if value not in allowed and (choice := spellings.get(normalize_name(value)))
    }
    return values.replace(list(changed), list(changed.values())) if changed else values
