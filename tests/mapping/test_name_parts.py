"""A full name is split as people mean it."""

from __future__ import annotations

import polars as pl
import pytest

from importer.mapping.name_parts import (
    MiddlePart,
    NamePart,
    find_middle,
    find_unclear_names,
    is_one_person,
    split_name,
    take_part,
)

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


@pytest.mark.parametrize(
    ("text", "middle", "first", "last"),
    [
        ("Maria Garcia Lopez", "Garcia", "Maria", "Garcia Lopez"),
        ("Juan Carlos Garcia Lopez", "Carlos Garcia", "Juan Carlos", "Garcia Lopez"),
        ("Dr. Ana Maria van der Berg", "Maria", "Ana", "Maria van der Berg"),
        ("John F. Kennedy", "", "John F.", "Kennedy"),
        ("Juan de la Cruz", "", "Juan", "de la Cruz"),
        ("García López, María José", "", "María José", "García López"),
        ("Ana Ax Jr.", "", "Ana", "Ax"),
    ],
)
def test_words_in_the_middle_are_family_names_where_that_is_said(text: str, middle: str, first: str, last: str) -> None:
    names, said = pl.Series([text]), MiddlePart.LAST

    assert find_middle(text) == middle
    assert find_unclear_names(names) == ([text] if middle else [])
    assert find_unclear_names(names, said) == find_unclear_names(names, MiddlePart.FIRST) == []
    assert take_part(names, NamePart.FIRST, said).to_list() == [first]
    assert take_part(names, NamePart.LAST, said).to_list() == [last]


def test_three_words_in_the_middle_stay_unclear() -> None:
    assert find_unclear_names(pl.Series(["Ana Bea Cal Dot Ax"]), MiddlePart.LAST) == ["Ana Bea Cal Dot Ax"]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("山田 太郎", "太郎", "山田"), ("田中　さくら", "さくら", "田中"), ("김 민준", "민준", "김")],
)
def test_names_in_east_asian_scripts_begin_with_the_family_name(text: str, first: str, last: str) -> None:
    names = pl.Series([text])

    assert take_part(names, NamePart.FIRST).to_list() == [first]
    assert take_part(names, NamePart.LAST).to_list() == [last]
    assert take_part(names, NamePart.TITLE).to_list() == [None]


@pytest.mark.parametrize(
    "text",
    [
        "Ana & Bo Ax", "Ana Ax / Bo Berg", "Ana and Bo Ax", "Ana et Bo Ax", "Ana und Bo Ax", "Ana y Bo Ax", "Ana e Bo Ax",
        "Ana en Bo Ax", "Ana Ax; Bo Berg", "ana@example.com", "+12025550101", "Example Ltd.", "Example GmbH", "山田太郎",
        "ジョン スミス",
    ],
)  # fmt: skip
def test_what_is_no_one_persons_full_name_is_known(text: str) -> None:
    assert is_one_person(pl.Series([text])).to_list() == [False]


@pytest.mark.parametrize(
    "text",
    [name for name, _, _ in NAMES if name != "王小明"]
    + [
        "Li En",
        "Jean E Smith",
        "Anderson Brand",
        "Ana Ax (she/her)",
        'Ana "Annie & Co" Ax',
        "Bo Berg 3",
        "Etienne Orr",
    ],
)
def test_names_of_one_person_are_split(text: str) -> None:
    assert is_one_person(pl.Series([text, None])).to_list() == [True, True]


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("DUPONT Jean", "Jean", "DUPONT"),
        ("O'NEIL Ana", "Ana", "O'NEIL"),
        ("JJ Smith", "JJ", "Smith"),
        ("JEAN DUPONT", "JEAN", "DUPONT"),
    ],
)
def test_a_family_name_in_capitals_comes_first(name: str, first: str, last: str) -> None:
    names = pl.Series([name])

    assert (take_part(names, NamePart.FIRST)[0], take_part(names, NamePart.LAST)[0]) == (first, last)
