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
_TWO_WORDS = r"^\s*(\p{L}[\p{L}\p{M}'’\-]+)\s+(\p{L}[\p{L}\p{M}'’\-]+)\s*$"
_SPECIAL = rf"(?i)\b(?:{'|'.join((*HONORIFICS, *_PARTICLES, *_SUFFIXES))})\b"


def take_part(names: pl.Series, part: NamePart) -> pl.Series:
    """Return one part of full names; null where a name does not have it."""
    distinct = names.drop_nulls().unique()
    is_plain = distinct.str.contains(_TWO_WORDS) & ~distinct.str.contains(_SPECIAL)
    plain, other = distinct.filter(is_plain), distinct.filter(~is_plain)
    group = {NamePart.FIRST: 1, NamePart.LAST: 2}.get(part)
    of_plain = plain.str.extract(_TWO_WORDS, group) if group else pl.Series([None] * plain.len(), dtype=pl.String)
    of_other = pl.Series([split_name(name)[part] or None for name in other], dtype=pl.String)
    known = pl.concat([plain, other])
    return names.replace_strict(known, pl.concat([of_plain, of_other]), default=None, return_dtype=pl.String)


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
