"""Which language a reader gets, and how it writes numbers and times."""

from __future__ import annotations

import pytest

from importer.web.i18n import PageError, language_of, words_of


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        (None, "ar-MA,fr;q=0.7,en;q=0.9", "en"),
        (None, "ar-MA,fr;q=0.9,en;q=0.7", "fr"),
        (None, "de", "en"),
        (None, "fr;q=x,;;,", "en"),
        ("en", "fr", "en"),
        ("fr", "en", "fr"),
        ("xx", "fr", "fr"),
    ],
)
def test_the_choice_counts_then_what_the_browser_accepts(cookie: str | None, accepted: str, language: str) -> None:
    assert language_of(cookie, accepted) == language


def test_numbers_are_written_as_the_language_does() -> None:
    assert words_of("en").number(1234567) == "1,234,567"
    assert words_of("fr").number(1234567) == "1\u202f234\u202f567"
    assert (words_of("en").rate(1.25), words_of("fr").rate(1.25)) == ("1.2", "1,2")
    assert words_of("fr").rate(1500.4) == "1\u202f500"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.2, "1 second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "1 minute"),
        (3599, "60 minutes"),
        (3600, "1 hour"),
        (9000, "2 hours 30 minutes"),
    ],
)
def test_times_are_said_as_a_person_would(seconds: float, said: str) -> None:
    assert words_of("en").lasting(seconds) == said


def test_what_a_person_can_mend_has_its_values() -> None:
    error = PageError("There is no %(name)s here.", name="50% off")

    assert str(error) == "There is no 50% off here."
    assert words_of("en").say(error.template, **error.values) == str(error)
