"""Marks for texts that the web app translates. The texts themselves are used as they are wherever English is spoken."""

from __future__ import annotations


def N_(text: str) -> str:  # noqa: N802 - what gettext's tools look for
    """Mark a text for the catalogue."""
    return text


def numbered(text: str) -> str:
    """Mark a text that is the same for one and for many in English, and differs in other languages."""
    return text
