"""What is said of cells, in the reader's language."""

from __future__ import annotations

from importer.web.words import Words


def problem_in(words: Words, text: str) -> str:
    """A problem's message or hint in these words."""
    return words.say(text) if text else text
