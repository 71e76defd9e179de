"""A full name is split as people mean it."""

from __future__ import annotations

import polars as pl
import pytest

from importer.mapping.name_parts import NamePart, split_name, take_part

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
    ("Prince", "Prince", ""),
    ("King Kong", "King", "Kong"),
    ("Bo Bishop", "Bo", "Bishop"),
    ("Prince Kofi Mensah", "Prince Kofi", "Mensah"),
    ("Judge Judy", "Judge", "Judy"),
    ("Van Morrison", "Van", "Morrison"),
    ("Mr Bo", "", "Bo"),
    ("Frau Dr. Ana Ax", "Ana", "Ax"),
    ("García López, María José", "María José", "García López"),
    ("Ana Ax II", "Ana", "Ax"),
    ("Dr.", "Dr.", ""),
    ("王小明", "王小明", ""),
    ("  Ana   Ax ", "Ana", "Ax"),
]


@pytest.mark.parametrize(("text", "first", "last"), NAMES)
def test_first_and_last_name(text: str, first: str, last: str) -> None:
    parts = split_name(text)
    column = pl.Series([text, None], dtype=pl.String)

    assert (parts[NamePart.FIRST], parts[NamePart.LAST]) == (first, last)
    assert take_part(column, NamePart.FIRST).to_list() == [first or None, None]
    assert take_part(column, NamePart.LAST).to_list() == [last or None, None]


def test_titles_and_suffixes_are_parts_of_their_own() -> None:
    parts = split_name("Dr. Ana Ax Jr.")

    assert (parts[NamePart.TITLE], parts[NamePart.SUFFIX]) == ("Dr.", "Jr.")


def test_names_of_two_plain_words_are_split_as_the_parser_splits_them() -> None:
    names = [
        f"{first} {last}" for first in ("Ana", "BO", "zoë", "Jean-Luc", "D’Arcy") for last in ("Ax", "O'Neil", "é-ü")
    ]

    for part in NamePart:
        assert take_part(pl.Series(names), part).to_list() == [split_name(name)[part] or None for name in names]
