"""The names of countries in the reader's language."""

from __future__ import annotations

import functools
import unicodedata
from typing import Any

import pycountry


@functools.cache
def list_regions(language: str) -> list[tuple[str, str]]:
    """Return every country's code and name, sorted by name."""
    import gettext

    names = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, [language], fallback=True)
    countries: list[Any] = list(pycountry.countries)
    named = [(str(entry.alpha_2), names.gettext(getattr(entry, "common_name", entry.name))) for entry in countries]
    return sorted(named, key=lambda entry: _without_accents(entry[1]))


def _without_accents(text: str) -> str:
    """Return a sort key for which É stands with E."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
