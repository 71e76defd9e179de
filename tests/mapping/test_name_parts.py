"""A full name is split as people mean it."""

from __future__ import annotations

import pytest

from importer.mapping.name_parts import NamePart, split_name

NAMES = [
    ("Ana Ax", "Ana", "Ax"),
    ("Ax, Ana", "Ana", "Ax"),
    ("Ana", "Ana", ""),
    ("Dr. Ana Maria Ax", "Ana Maria", "Ax"),
    ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
    ("van der Berg, Jan", "Jan", "van der Berg"),
    ("Juan de la Cruz", "Juan", "de la Cruz"),
    ("Mary-Jane O'Neil", "Mary-Jane", "O'Neil"),
    ("Ana Ax Jr.", "Ana", "Ax"),
    ("Null", "Null", ""),
]


@pytest.mark.parametrize(("text", "first", "last"), NAMES)
def test_first_and_last_name(text: str, first: str, last: str) -> None:
    parts = split_name(text)

    assert (parts[NamePart.FIRST], parts[NamePart.LAST]) == (first, last)


def test_titles_and_suffixes_are_parts_of_their_own() -> None:
    parts = split_name("Dr. Ana Ax Jr.")

    assert (parts[NamePart.TITLE], parts[NamePart.SUFFIX]) == ("Dr.", "Jr.")
