"""The parts of a person's full name: ``firstName = { column = "Name", part = "first" }``.

``nameparser`` knows particles (``van der Berg``), suffixes and ``Last, First``. Several given names all stay in the
first one, because a vendor with two fields for names has no other place for them.
"""

from __future__ import annotations

import functools
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from nameparser.config import Constants


class NamePart(StrEnum):
    """A part of a full name, as a mapping file names it."""

    FIRST = "first"  # all given names: "Ana Maria"
    LAST = "last"  # with its particles: "van der Berg"
    TITLE = "title"  # "Dr."
    SUFFIX = "suffix"  # "Jr."
    NICKNAME = "nickname"  # in quotes or brackets


# Of nameparser's 800 titles those that are nobody's name: "King", "Bishop" and "Prince" are names, too.
HONORIFICS = (
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "rev", "reverend", "hon", "doctor", "lt",
    "capt", "sgt", "mme", "mlle", "monsieur", "madame", "mademoiselle", "herr", "frau", "hr", "fr", "sr", "sra", "srta",
    "don", "doña", "señor", "señora", "sig", "signor", "signora", "dott", "dottssa", "ing", "dhr", "mevr", "mevrouw",
)  # fmt: skip
_PARTICLES = ("de", "da", "do", "dos", "del", "della", "di", "du", "la", "le", "el", "al", "bin", "ben", "von", "van")
_SUFFIXES = ("jr", "junior", "senior", "ii", "iii", "iv", "md", "phd", "esq", "cpa", "mba", "dds", "rn")
# Two words, which need no parser; a parser takes a millisecond a name.
# Chinese, Japanese and Korean names in their own scripts begin with the family name.
_FAMILY_FIRST = r"^\s*([\p{Han}\p{Hangul}々]{1,4})\s+([\p{Han}\p{Hangul}\p{Hiragana}々]{1,4})\s*$"
_IN_BRACKETS = r"\([^)]*\)|\[[^\]]*\]|\"[^\"]*\""
_NOT_ONE_PERSON = (
    r"[@&/;|+]|\d{4}|(?i:\s(?:and|und)\s)|\s(?:et|ou|or|en)\s+\S|\p{Lu}\S*\s+(?:y|e)\s+\p{Lu}"
    r"|(?i:\s(?:ltd|inc|llc|llp|plc|corp|gmbh|sarl|s\.a\.r\.l|pty)\.?\s*$)"
    r"|^\s*[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}々ー]{2,}\s*$|\p{Katakana}\S*\s+\S"
)
_TWO_WORDS = r"^\s*(\p{L}[\p{L}\p{M}'’\-]+)\s+(\p{L}[\p{L}\p{M}'’\-]+)\s*$"
_SPECIAL = rf"(?i)\b(?:{'|'.join((*HONORIFICS, *_PARTICLES, *_SUFFIXES))})\b"


def is_one_person(names: pl.Series) -> pl.Series:
    """Return false for texts that are no full name of one person: couples, companies, addresses, unspaced names."""
    found = names.str.replace_all(_IN_BRACKETS, "").str.contains(_NOT_ONE_PERSON)
    return (~found).fill_null(value=True)


def take_part(names: pl.Series, part: NamePart) -> pl.Series:
    """Return one part of full names; null where a name does not have it."""
    distinct = names.drop_nulls().unique()
    is_reversed = distinct.str.contains(_FAMILY_FIRST)
    is_plain = distinct.str.contains(_TWO_WORDS) & ~distinct.str.contains(_SPECIAL) & ~is_reversed
    plain, turned, other = (distinct.filter(mask) for mask in (is_plain, is_reversed, ~(is_plain | is_reversed)))
    first, last = NamePart.FIRST, NamePart.LAST
    parts = [
        _extract(plain, _TWO_WORDS, {first: 1, last: 2}.get(part)),
        _extract(turned, _FAMILY_FIRST, {last: 1, first: 2}.get(part)),
        pl.Series([split_name(name)[part] or None for name in other], dtype=pl.String),
    ]
    known = pl.concat([plain, turned, other])
    return names.replace_strict(known, pl.concat(parts), default=None, return_dtype=pl.String)


def _extract(names: pl.Series, pattern: str, group: int | None) -> pl.Series:
    return names.str.extract(pattern, group) if group else pl.Series([None] * names.len(), dtype=pl.String)


@functools.lru_cache(maxsize=1 << 16)
def split_name(text: str) -> dict[NamePart, str]:
    """Return the parts of a full name; a part that it does not have is an empty text.

    A single word is a first name.
    """
    from nameparser import HumanName  # loaded only where a mapping asks for it

    name = HumanName(text, constants=_make_constants())
    first = " ".join(part for part in (name.first, name.middle) if part)
    last = str(name.last)
    if not first and (not last or " " not in text.strip()):
        first, last = last or text.strip(), ""
    return {
        NamePart.FIRST: first,
        NamePart.LAST: last,
        NamePart.TITLE: str(name.title),
        NamePart.SUFFIX: str(name.suffix),
        NamePart.NICKNAME: str(name.nickname),
    }


@functools.cache
def _make_constants() -> Constants:
    from nameparser.config import Constants

    constants = Constants()
    constants.titles.remove(*(title for title in set(constants.titles) if title not in HONORIFICS))
    constants.titles.add(*HONORIFICS)
    return constants
