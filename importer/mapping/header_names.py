"""Headers taken apart: what they name, whatever numbers and words stand around it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from importer.normalize import normalize_name

# What exports put around the name of a column without changing what is in it.
HARMLESS = {
    "person", "contact", "contacts", "customer", "client", "lead", "subscriber", "member", "primary", "main", "your",
    "value", "field", "column", "text", "principal", "principale", "kunde", "kontakt", "cliente", "cliënt",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+|\d+")
_ASIDE = re.compile(r"\([^()]*\)")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Name:
    """A header taken apart: ``E-mail 2 - Value`` is whole ``email2value``, core ``email`` and number 2."""

    whole: str
    core: str
    number: int | None
    words: tuple[str, ...]


@cache
def parse_name(header: str) -> Name:
    """Take a header apart. The core has neither its number nor words that change nothing."""
    words = tuple(normalize_name(word) for word in _WORD.findall(_CAMEL.sub(" ", _ASIDE.sub("", header) or header)))
    numbers = [word for word in words if word.isdecimal()]
    telling = [word for word in words if not word.isdecimal() and word not in HARMLESS]
    whole = normalize_name(header)
    return Name(whole, "".join(telling) or whole, int(numbers[0]) if numbers and telling else None, words)


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known names that look most like this one, the nearest first."""
    by_plain = {normalize_name(entry): entry for entry in known}
    return [by_plain[match] for match in difflib.get_close_matches(normalize_name(name), by_plain, n=3, cutoff=0.5)]
