"""Names without regard to case, accents, spaces and punctuation, as people write countries and choices."""

from __future__ import annotations

import unicodedata
from functools import cache


@cache
def plain(text: str) -> str:
    """``Côte d’Ivoire`` and ``COTE D'IVOIRE`` are both ``cotedivoire``."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if char.isalnum()).casefold()
