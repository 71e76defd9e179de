"""The parts of a person's full name: ``firstName = { column = "Name", part = "first" }``.

``nameparser`` knows titles, particles (``van der Berg``), suffixes and ``Last, First``. Several given names
all stay in the first one, because a vendor with two fields for names has no other place for them.
"""

from __future__ import annotations

import functools
from enum import StrEnum


class NamePart(StrEnum):
    """A part of a full name, as a mapping file names it."""

    FIRST = "first"  # all given names: "Ana Maria"
    LAST = "last"  # with its particles: "van der Berg"
    TITLE = "title"  # "Dr."
    SUFFIX = "suffix"  # "Jr."
    NICKNAME = "nickname"  # in quotes or brackets


@functools.lru_cache(maxsize=1 << 16)
def split_name(text: str) -> dict[NamePart, str]:
    """Return the parts of a full name; a part that it does not have is an empty text.

    A single word is a first name.
    """
    from nameparser import HumanName  # loaded only where a mapping asks for it

    name = HumanName(text)
    first = " ".join(part for part in (name.first, name.middle) if part)
    last = str(name.last)
    if not first and last and " " not in text.strip():
        first, last = last, ""
    return {
        NamePart.FIRST: first,
        NamePart.LAST: last,
        NamePart.TITLE: str(name.title),
        NamePart.SUFFIX: str(name.suffix),
        NamePart.NICKNAME: str(name.nickname),
    }
