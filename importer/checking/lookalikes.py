"""Look-alike characters in e-mail addresses: ``аna@example.com`` with a Cyrillic а reaches somebody else, or nobody.

An address that is written in one script throughout is none, however foreign; it is for the contract to judge. The
characters that look alike are those of Unicode's confusables (UTS #39).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

import polars as pl

IDEOGRAPHIC_STOPS = "\u3002"
_PARTS = re.compile(r"[@.]")


class LookAlike(NamedTuple):
    """A character that is not what it seems: its place, from 1, and what it looks like (blank: nothing)."""

    place: int
    character: str
    like: str

    @property
    def name(self) -> str:
        """Its number and name in Unicode."""
        return f"U+{ord(self.character):04X} {unicodedata.name(self.character, '')}".strip()


def has_no_look_alikes(texts: pl.Series) -> pl.Series:
    """Return where a text has no look-alike character; null where there is no text."""
    foreign = texts.str.contains(r"[^\x00-\x7f]").fill_null(value=False)
    wrong = [text for text in texts.filter(foreign).unique() if find_look_alike(text)]
    return ~texts.is_in(wrong)


def find_look_alike(address: str) -> LookAlike | None:
    """Return the first character that only seems to be a letter or sign of ASCII, or that nobody sees."""
    start = 0
    for part in _PARTS.split(address):
        in_one_script = _is_of_one_script(part, address)
        for index, character in enumerate(part):
            if character.isascii():
                continue
            like = ascii_like(character)
            if unicodedata.category(character) == "Cf" or (like and not (in_one_script and character.isalpha())):
                return LookAlike(start + index + 1, character, like)
        start += len(part) + 1
    return None


def _is_of_one_script(part: str, address: str) -> bool:
    """Return whether a part of an address is no ASCII word that some characters only seem to complete.

    A part that looks like ASCII throughout is such a word if the rest of the address is ASCII.
    """
    letters = [character for character in part if character.isalpha()]
    foreign = [character for character in letters if not character.isascii()]
    if len(foreign) < len(letters) and {_script(character) for character in letters} != {"LATIN"}:
        return False
    return not all(map(ascii_like, foreign)) or not address.replace(part, "").isascii()


def _script(character: str) -> str:
    """Return the script of a letter, by the first word of its name."""
    return unicodedata.name(character, "").partition(" ")[0]


@cache
def ascii_like(character: str) -> str:
    """Return the ASCII character that this one looks like, or a blank text."""
    folded = unicodedata.normalize("NFKC", character)
    if folded in IDEOGRAPHIC_STOPS:
        return "."
    if len(folded) == 1 and folded.isascii():
        return folded
    from confusable_homoglyphs.confusables import is_confusable  # its table takes 0.1 s to load

    for found in is_confusable(character, greedy=True) or ():
        for other in found["homoglyphs"]:
            if len(other["c"]) == 1 and other["c"].isascii():
                return str(other["c"])
    return ""
