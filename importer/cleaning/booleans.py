"""Booleans, to ``true`` and ``false``: the words and signs for yes and no in the languages of the headers.

What is neither stays, for checking to report: nothing counts as false because it is not true.
"""

from __future__ import annotations

import polars as pl

# Not "o" (French oui, but also a circle or a zero) and not "-" (a sign for nothing).
TRUE_WORDS = (
    "true", "t", "yes", "y", "1", "on", "x", "✓", "✔", "☑", "✅",
    "oui", "vrai", "ja", "j", "wahr", "sí", "si", "s", "verdadero", "sim", "verdadeiro", "sì", "vero", "waar",
)  # fmt: skip
FALSE_WORDS = (
    "false", "f", "no", "n", "0", "off", "✗", "✘", "☐", "❌",
    "non", "faux", "nein", "falsch", "falso", "não", "nao", "nee", "onwaar",
)  # fmt: skip
_MEANINGS = dict.fromkeys(TRUE_WORDS, "true") | dict.fromkeys(FALSE_WORDS, "false")


def clean_boolean(values: pl.Series) -> pl.Series:
    """Return ``true`` or ``false`` for words that mean it, in any case."""
    words = values.drop_nulls().unique()
    meanings = {word: _MEANINGS.get(word.strip().strip("\ufe0f").lower(), word) for word in words}
    changed = {word: meaning for word, meaning in meanings.items() if word != meaning and word.lower() != meaning}
    return values.replace(list(changed), list(changed.values())) if changed else values
