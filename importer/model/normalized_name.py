"""The one comparison key for names: headers, fields, choices, countries, months and words of a mapping file.

And what a person's name looks like in which there is nothing to look for.
"""

from __future__ import annotations

import unicodedata
from functools import cache

# A person's name in which there is nothing to clean and nothing damaged; most are such.
PLAIN_NAME = r"^[A-Za-z][A-Za-z0-9'.\-]*(?: [A-Za-z0-9'.\-]+)*$"


@cache
def normalize_name(text: str) -> str:
    """Return the key under which two spellings of a name are equal.

    Case, accents, spaces and punctuation do not count: ``First Name``, ``first_name`` and ``Fïrst-name`` are all
    ``firstname``; ``Côte d’Ivoire`` is ``cotedivoire``. Letters and digits of any script count.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if char.isalnum()).casefold()
