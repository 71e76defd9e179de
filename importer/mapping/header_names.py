"""A header taken apart: the name in it, apart from the numbers and neutral words around it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from importer.model.normalized_name import normalize_name

# Words that exports put around a column's name without changing what the column holds ("Contact e-mail 1 - Value").
NEUTRAL_WORDS = {
    "person", "contact", "contacts", "customer", "client", "lead", "subscriber", "member", "primary", "main", "your",
    "value", "field", "column", "text", "principal", "principale", "kunde", "kontakt", "cliente", "cliënt",
    "invitee", "attendee", "registrant", "participant", "respondent", "applicant",
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+|\d+")
_PARENTHESES = re.compile(r"\([^()]*\)")
_CAMEL_CASE_BOUNDARY = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class HeaderName:
    """The parts of a header: ``E-mail 2 - Value`` has the key ``email2value``, the core ``email`` and number 2."""

    key: str
    core: str
    number: int | None
    words: tuple[str, ...]
    all_words: tuple[str, ...]  # with those in parentheses


@cache
def parse_header(header: str) -> HeaderName:
    """Take a header apart. The core leaves out numbers, neutral words and what stands in parentheses."""
    text = _PARENTHESES.sub("", header) or header
    words = _split_words(text)
    numbers = [word for word in words if word.isdecimal()]
    core = [word for word in words if not word.isdecimal() and word not in NEUTRAL_WORDS]
    key = normalize_name(header)
    return HeaderName(
        key, "".join(core) or key, int(numbers[0]) if numbers and core else None, words, _split_words(header)
    )


def _split_words(text: str) -> tuple[str, ...]:
    return tuple(normalize_name(word) for word in _WORD.findall(_CAMEL_CASE_BOUNDARY.sub(" ", text)))


def names_utc(header: str) -> bool:
    """Return whether a header says that its times are in UTC: ``Created (UTC)``, ``Created At (UTC+0)``."""
    words = parse_header(header).all_words
    return "utc" in words and all(not word.isdecimal() or int(word) == 0 for word in words[words.index("utc") :])


def nearest_names(name: str, known: Iterable[str]) -> list[str]:
    """Return up to three of the known names that resemble this one, the nearest first."""
    by_key = {normalize_name(entry): entry for entry in known}
    return [by_key[match] for match in difflib.get_close_matches(normalize_name(name), by_key, n=3, cutoff=0.5)]
