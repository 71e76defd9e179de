r"""Words that databases and spreadsheets write for nothing: ``NULL``, ``\N``, ``N/A``, ``(blank)``, ``nan``, and ``-``.

``Null``, ``Nan``, ``None`` and ``Na`` with an ordinary capital are people and towns, and stay in every text; ``NA`` is
Namibia where a country is meant. Values that are no text (phones, dates, numbers) are nothing however they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import polars as pl

from schemas.column_stats import is_constant
from schemas.kind import Kind

WORDS = (
    "null",
    "none",
    "nan",
    "undefined",
    "n/a",
    "#n/a",
    "n.a.",
    "(blank)",
    "(null)",
    "(none)",
    "(empty)",
    "<null>",
    "[null]",
)
SIGNS = (r"\N", "-", "--", "---", "–", "—", "&nbsp;")
"""``\\N`` is what MySQL and PostgreSQL write for NULL."""
ALSO_NO_VALUE = ("na", "nil", "?")
"""Nothing where the field holds no text: a phone, an address, a date."""
LONGEST = max(map(len, (*WORDS, *SIGNS)))

_ORDINARY_WORDS = {"null", "none", "nan"}
_IN_TEXT = frozenset(
    {
        *SIGNS,
        *WORDS,
        *(word.upper() for word in WORDS),
        *(word.title() for word in WORDS if word not in _ORDINARY_WORDS),
    }
    | {"NaN", "N/a", "N.a.", "#N/a", "<NA>", "NaT", "(not set)", "[blank]", "(vide)", "(leer)", "(vacío)", "(vazio)"}
    | {"k.A.", "k. A.", "keine Angabe", "néant", "Néant"}
)
_NO_TEXT = _IN_TEXT | {
    form(word) for word in (*WORDS, *ALSO_NO_VALUE) for form in (str.lower, str.upper, str.capitalize, str.title)
}
_NOWHERE = pl.Series([], dtype=pl.Boolean).arg_true()
_TEXT_KINDS = {Kind.TEXT, Kind.NAME, Kind.ID, Kind.ZIP, Kind.CODE, Kind.CHOICE}


def may_be_blank_word(texts: pl.Series, also: Sequence[str] = ()) -> pl.Series:
    """Return the positions of texts that may be words for nothing; most columns have none."""
    words, known = _words_and_more(tuple(also))
    first = texts.head(1) if is_constant(texts) else texts
    if not (first.str.len_bytes() <= _most_bytes(words)).any():
        return _NOWHERE
    if first is not texts and not first.str.strip_chars().is_in(known).any():
        return _NOWHERE
    exact = texts.is_in(known).fill_null(value=False)
    # To strip all texts would take six times as long. A text with a space in front sorts before "!".
    padded = ((texts < "!") | texts.str.ends_with(" ")).fill_null(value=False).arg_true()
    if padded.len():
        exact = exact.scatter(padded, exact[padded] | texts[padded].str.strip_chars().is_in(known))
    return exact.arg_true()


@lru_cache(maxsize=8)
def _words_and_more(also: tuple[str, ...]) -> tuple[list[str], pl.Series]:
    """Return all words for nothing, also as a series to look texts up in."""
    words = sorted({*_NO_TEXT, *(word.strip() for word in also)})
    return words, pl.Series(words).implode()


def is_blank_word(texts: pl.Series, kind: Kind, also: Sequence[str] = ()) -> pl.Series:
    """Return where the texts, blanks around them aside, are words for nothing in a field of this kind.

    ``also`` are further words, compared exactly.
    """
    words = _IN_TEXT if kind in _TEXT_KINDS else _NO_TEXT
    if kind is Kind.COUNTRY:  # NA is Namibia, and "Na" may be
        words = _IN_TEXT
    known = [*words, *also]
    short = texts.str.len_bytes() <= _most_bytes(known)
    return (short & texts.str.strip_chars().is_in(known)).fill_null(value=False)


def _most_bytes(words: Iterable[str]) -> int:
    """Return the length of the longest word, in bytes, with room for some blanks around it."""
    return max(LONGEST + 4, *(len(word.encode()) for word in words))
