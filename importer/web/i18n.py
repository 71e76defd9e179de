"""The web app's texts in the reader's language. Every text is in the catalogue below ``locale/``."""

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
COOKIE = "language"
# What a language writes in another way, as an example: how it separates thousands and decimals, and writes a moment.
LANGUAGE_NAME, NUMBER, MOMENT = N_("English"), N_("1,234.5"), N_("YYYY-MM-DD HH:MM")
_MOMENT_PARTS = {"YYYY": "%Y", "DD": "%d", "HH": "%H", "-MM-": "-%m-", "/MM/": "/%m/", ".MM.": ".%m.", ":MM": ":%M"}


class PageError(SettingsError):
    """An error that a person can correct, as a text of the catalogue with its values."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values if values else text)
        self.template = text
        self.values = values


@dataclass(frozen=True, slots=True)
class Words:
    """One language: its texts, and its formats of numbers and times."""

    language: str
    translations: gettext.NullTranslations

    def say(self, text: str, **values: object) -> str:
        """Return a text of the catalogue, with values inserted by name."""
        translated = self.translations.gettext(text)
        return translated % values if values else translated

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the text for this number; ``%(n)s`` in it is the number."""
        return self.translations.ngettext(one, many, number) % {"n": self.number(number), **values}

    def number(self, number: float) -> str:
        """Return a number with its thousands separated."""
        return f"{number:,.0f}".replace(",", self.say(NUMBER)[1])

    def rate(self, number: float) -> str:
        """Return a rate, with one decimal place where it is small."""
        return f"{number:.1f}".replace(".", self.say(NUMBER)[-2]) if number < 10 else self.number(number)

    def lasting(self, seconds: float) -> str:
        """Return a duration of so many seconds as text."""
        whole = round(seconds)
        if whole < 60:
            return self.count("%(n)s second", "%(n)s seconds", max(whole, 1))
        if whole < 3600:
            return self.count("%(n)s minute", "%(n)s minutes", round(whole / 60))
        hours, minutes = divmod(round(whole / 60), 60)
        text = self.count("%(n)s hour", "%(n)s hours", hours)
        return f"{text} {self.count('%(n)s minute', '%(n)s minutes', minutes)}" if minutes else text

    def moment(self, seconds: float) -> str:
        """Return a Unix time in this machine's zone."""
        then = datetime.fromtimestamp(seconds).astimezone()
        form = self.say(MOMENT)
        for part, code in _MOMENT_PARTS.items():
            form = form.replace(part, code)
        return then.strftime(form)


@functools.cache
def words_of(language: str) -> Words:
    """Return the texts of a language."""
    return Words(language, gettext.translation(DOMAIN, FOLDER, [language], fallback=True))


# A language is its catalogue: each folder of ``locale/`` is one, under the name that its catalogue gives it.
LANGUAGES = {
    "en": LANGUAGE_NAME,
    **{path.name: words_of(path.name).say(LANGUAGE_NAME) for path in sorted(FOLDER.glob("*/")) if path.is_dir()},
}


def language_of(cookie: str | None, accepted: str) -> str:
    """Return the chosen language, else the first that the browser accepts and the catalogue has, else English."""
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
