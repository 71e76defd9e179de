"""When two names are the same: without regard to case, accents, spaces and punctuation."""

from __future__ import annotations

import unicodedata
from functools import cache


@cache
def normalize_name(text: str) -> str:
    """``First Name``, ``first_name`` and ``Fïrst-name`` are all ``firstname``; ``Côte d’Ivoire`` is ``cotedivoire``."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if char.isalnum()).casefold()
