"""The parts of a person's full name: ``firstName = { column = "Name", part = "first" }``.

``nameparser`` knows particles (``van der Berg``), suffixes and ``Last, First``. It cannot know whose the word in the
middle is: ``Ana Maria Lopez`` has two given names, ``Maria Garcia Lopez`` two family names. A mapping file says which.
"""

from __future__ import annotations

import functools
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

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


class MiddlePart(StrEnum):
    """The part that the words between the first and the last belong to, as a mapping file names it."""

    FIRST = "first"  # "Ana Maria | Lopez"
    LAST = "last"  # "Maria | Garcia Lopez"


# Of nameparser's 800 titles those that are nobody's name: "King", "Bishop" and "Prince" are names, too.
HONORIFICS = (
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "rev", "reverend", "hon", "doctor", "lt",
    "capt", "sgt", "mme", "mlle", "monsieur", "madame", "mademoiselle", "herr", "frau", "hr", "fr", "sr", "sra", "srta",
    "don", "doña", "señor", "señora", "sig", "signor", "signora", "dott", "dottssa", "ing", "dhr", "mevr", "mevrouw",
)  # fmt: skip
_PARTICLES = ("de", "da", "do", "dos", "del", "della", "di", "du", "la", "le", "el", "al", "bin", "ben", "von", "van")
_SUFFIXES = ("jr", "junior", "senior", "ii", "iii", "iv", "md", "phd", "esq", "cpa", "mba", "dds", "rn")
MOST_FAMILY_WORDS = 2  # in the middle, where family names have two words: "Juan Carlos Garcia Lopez"
# Two words, which need no parser; a parser takes a millisecond a name.
# Chinese, Japanese and Korean names in their own scripts begin with the family name.
_FAMILY_FIRST = r"^\s*([\p{Han}\p{Hangul}々]{1,4})\s+([\p{Han}\p{Hangul}\p{Hiragana}々]{1,4})\s*$"
# "DUPONT Jean", as French writes a family name that comes first.
_FAMILY_IN_CAPITALS = r"^\s*(\p{Lu}[\p{Lu}'’\-]*\p{Lu}{2})\s+(\p{Lu}\p{Ll}[\p{L}\p{M}'’\-]*)\s*$"
_IN_BRACKETS = r"\([^)]*\)|\[[^\]]*\]|\"[^\"]*\""
_NOT_ONE_PERSON = (
    r"[@&/;|+]|\d{4}|(?i:\s(?:and|und)\s)|\s(?:et|ou|or|en)\s+\S|\p{Lu}\S*\s+(?:y|e)\s+\p{Lu}"
    r"|(?i:\s(?:ltd|inc|llc|llp|plc|corp|gmbh|sarl|s\.a\.r\.l|pty)\.?\s*$)"
    r"|^\s*[\p{Han}\p{Hangul}\p{Hiragana}\p{Katakana}々ー]{2,}\s*$|\p{Katakana}\S*\s+\S"
)
_TWO_WORDS = r"^\s*(\p{L}[\p{L}\p{M}'’\-]+)\s+(\p{L}[\p{L}\p{M}'’\-]+)\s*$"
_THREE_WORDS = r"\S\s+\S+\s+\S"
_SPECIAL = rf"(?i)\b(?:{'|'.join((*HONORIFICS, *_PARTICLES, *_SUFFIXES))})\b"


def is_one_person(names: pl.Series) -> pl.Series:
    """Return false for texts that are no full name of one person: couples, companies, addresses, unspaced names."""
    found = names.str.replace_all(_IN_BRACKETS, "").str.contains(_NOT_ONE_PERSON)
    return (~found).fill_null(value=True)


def find_middle(text: str) -> str:
    """Return the words of which nothing tells whether they are given or family names; blank where there are none.

    An initial (``John F. Smith``) is a given name, and a comma tells the family name from the others.
    """
    words = [] if "," in text else [word for word in _parse(text).middle.split() if len(word.strip(".")) > 1]
    return " ".join(words)


def find_unclear_names(names: pl.Series, middle: MiddlePart | None = None) -> list[str]:
    """Return the distinct names with words in the middle of which ``middle`` does not say what they are."""
    if middle is MiddlePart.FIRST:
        return []
    known = MOST_FAMILY_WORDS if middle else 0
    longer = names.drop_nulls().unique(maintain_order=True)
    longer = longer.filter(longer.str.contains(_THREE_WORDS))
    return [name for name in longer if len(find_middle(name).split()) > known]


def put_family_last(names: pl.Series) -> pl.Series:
    """Return names of a column whose header says that the family name comes first as ``Dupont, Jean``.

    A particle belongs to the word after it: ``de la Cruz Ana`` becomes ``de la Cruz, Ana``.
    """
    family = rf"^\s*((?:(?i:{'|'.join(_PARTICLES)})\s+)*[^\s,]+)\s+([^,]+)$"
    return names.str.replace(family, "${1}, ${2}")


def take_part(names: pl.Series, part: NamePart, middle: MiddlePart | None = None) -> pl.Series:
    """Return one part of full names; null where a name does not have it."""
    distinct = names.drop_nulls().unique()
    is_shouted = distinct.str.contains(_FAMILY_IN_CAPITALS)
    is_reversed = distinct.str.contains(_FAMILY_FIRST) | is_shouted
    is_plain = distinct.str.contains(_TWO_WORDS) & ~distinct.str.contains(_SPECIAL) & ~is_reversed
    plain, turned, other = (distinct.filter(mask) for mask in (is_plain, is_reversed, ~(is_plain | is_reversed)))
    first, last = NamePart.FIRST, NamePart.LAST
    parts = [
        _extract(plain, _TWO_WORDS, {first: 1, last: 2}.get(part)),
        _extract(turned, r"^\s*(\S+)\s+(\S+)\s*$", {last: 1, first: 2}.get(part)),
        pl.Series([split_name(name, middle)[part] or None for name in other], dtype=pl.String),
    ]
    known = pl.concat([plain, turned, other])
    return names.replace_strict(known, pl.concat(parts), default=None, return_dtype=pl.String)


def _extract(names: pl.Series, pattern: str, group: int | None) -> pl.Series:
    return names.str.extract(pattern, group) if group else pl.Series([None] * names.len(), dtype=pl.String)


def split_name(text: str, middle: MiddlePart | None = None) -> dict[NamePart, str]:
    """Return the parts of a full name; a part that it does not have is an empty text.

    A single word is a first name. Words in the middle are given names, unless ``middle`` says something else of those
    that could be family names: then the last of them is one (``Juan Carlos | Garcia Lopez``).
    """
    name = _parse(text)
    families = find_middle(text).split()[-1:] if middle is MiddlePart.LAST else []
    given = [word for word in name.middle.split() if word not in families]
    first = " ".join(part for part in (name.first, *given) if part)
    last = " ".join([*families, name.last]).strip()
    if not first and (not last or " " not in text.strip()):
        first, last = last or text.strip(), ""
    return {
        NamePart.FIRST: first,
        NamePart.LAST: last,
        NamePart.TITLE: name.title,
        NamePart.SUFFIX: name.suffix,
        NamePart.NICKNAME: name.nickname,
    }


class _Parsed(NamedTuple):
    first: str
    middle: str
    last: str
    title: str
    suffix: str
    nickname: str


@functools.lru_cache(maxsize=1 << 16)
def _parse(text: str) -> _Parsed:
    from nameparser import HumanName  # loaded only where a mapping asks for it

    name = HumanName(text, constants=_make_constants())
    return _Parsed(*(str(getattr(name, part)) for part in _Parsed._fields))


@functools.cache
def _make_constants() -> Constants:
    from nameparser.config import Constants

    constants = Constants()
    constants.titles.remove(*(title for title in set(constants.titles) if title not in HONORIFICS))
    constants.titles.add(*HONORIFICS)
    return constants
