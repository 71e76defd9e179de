"""Choices: a value of a contract's fixed list in another spelling (``Qualified`` → ``QUALIFIED``).

Case, accents, spaces and punctuation do not count (``normalize_name``), other signs do: ``A+`` is not ``A-``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import polars as pl

from importer.model.normalized_name import normalize_name

# Between words these only separate, and at the ends of a text these only punctuate.
_SEPARATORS = re.compile(r"(?<=\w)\s*[-_.'’]+\s*(?=\w)")
_NO_SIGNS = re.compile(r"[\w\s.,;:'\"’()\[\]]")


def clean_choice(values: pl.Series, allowed: Sequence[str]) -> pl.Series:
    """Return the values in the spelling of the list; those that are not on it stay."""
    spellings: dict[tuple[str, str], str] = {}
    for spelling in allowed:  # of two choices that differ in nothing that counts, neither is guessed
        spellings[_key(spelling)] = "" if _key(spelling) in spellings else spelling
    changed: dict[str, str] = {
        value: choice
        for value in values.drop_nulls().unique()
        if value not in allowed and (choice := spellings.get(_key(value)))
    }
    return values.replace(list(changed), list(changed.values())) if changed else values


def _key(text: str) -> tuple[str, str]:
    """Return the letters and digits, and the signs, by which two spellings of a choice are compared."""
    return normalize_name(text), _NO_SIGNS.sub("", _SEPARATORS.sub("", text))
