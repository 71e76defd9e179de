"""When two names are the same: without regard to case, spaces, punctuation and accents."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable


def plain(name: str) -> str:
    """``First Name``, ``first_name``, ``firstName`` and ``Fïrst-name`` are all ``firstname``."""
    decomposed = unicodedata.normalize("NFKD", name.strip())
    return "".join(char for char in decomposed if char.isalnum()).casefold()


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """The known names that look most like this one, the nearest first."""
    by_plain = {plain(entry): entry for entry in known}
    return [by_plain[match] for match in difflib.get_close_matches(plain(name), by_plain, n=3, cutoff=0.5)]
