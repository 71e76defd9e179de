"""The page's words in the reader's language. Every one of them stands in the catalogue below ``locale/``."""

from __future__ import annotations

import functools
import gettext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from importer.errors import SettingsError
from importer.model.catalogue import N_, numbered

__all__ = ["N_", "PageError", "Words", "language_of", "numbered", "words_of"]
FOLDER = Path(__file__).parent / "locale"
DOMAIN = "web"
LANGUAGES = {"en": "English", "fr": "Français"}
COOKIE = "language"
_SEPARATORS = {"en": ",", "fr": "\u202f"}


class PageError(SettingsError):
    """Something that a person can mend, in a text of the catalogue with its values."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values


@dataclass(frozen=True, slots=True)
class Words:
    """One language: its texts, and how it writes numbers and times."""

    language: str
    translations: gettext.NullTranslations

    def say(self, text: str, **values: object) -> str:
        """A text of the catalogue, with values put in by name."""
        told = self.translations.gettext(text)
        return told % values if values else told

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """A text for so many; ``%(n)s`` in it is the number."""
        return self.translations.ngettext(one, many, number) % {"n": self.number(number), **values}

    def number(self, number: float) -> str:
        """A number with its thousands apart."""
        return f"{number:,.0f}".replace(",", _SEPARATORS[self.language])

    def rate(self, number: float) -> str:
        """A rate, to one place where it is small."""
        text = f"{number:.1f}" if number < 10 else self.number(number)
        return text.replace(".", "," if self.language == "fr" else ".")

    def lasting(self, seconds: float) -> str:
        """A time that something takes, as a person says it."""
        whole = round(seconds)
        if whole < 60:
            return self.count("%(n)s second", "%(n)s seconds", max(whole, 1))
        if whole < 3600:
            return self.count("%(n)s minute", "%(n)s minutes", round(whole / 60))
        hours, minutes = divmod(round(whole / 60), 60)
        told = self.count("%(n)s hour", "%(n)s hours", hours)
        return f"{told} {self.count('%(n)s minute', '%(n)s minutes', minutes)}" if minutes else told

    def moment(self, seconds: float) -> str:
        """A moment (Unix seconds) in this machine's zone."""
        then = datetime.fromtimestamp(seconds).astimezone()
        return f"{then:%d/%m/%Y %H:%M}" if self.language == "fr" else f"{then:%Y-%m-%d %H:%M}"


@functools.cache
def words_of(language: str) -> Words:
    """The words of a language."""
    return Words(language, gettext.translation(DOMAIN, FOLDER, [language], fallback=True))


def language_of(cookie: str | None, accepted: str) -> str:
    """The language that was chosen, else the first that the browser accepts and we have."""
    if cookie in LANGUAGES:
        return cookie
    wanted = []
    for place, entry in enumerate(accepted.split(",")):
        name, _, quality = entry.strip().partition(";q=")
        try:
            wanted.append((-float(quality or 1), place, name.lower().split("-")[0]))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(wanted) if name in LANGUAGES), "en")
