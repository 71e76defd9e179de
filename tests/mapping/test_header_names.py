"""When two names are the same, and which known name is meant by a slip."""

from __future__ import annotations

import pytest

from importer.mapping.column_lookup import find_column, label_columns
from importer.mapping.header_names import nearest_names
from importer.model.normalized_name import normalize_name


@pytest.mark.parametrize(
    "name",
    [
        "firstName",
        "First Name",
        "first_name",
        "FIRST-NAME",
        " first  name ",
        "Fïrst.Näme",
        "First\u00a0Name",
        "first\nname",
        "Ｆｉｒｓｔ Ｎａｍｅ",
        "\ufefffirst name",
    ],
)
def test_case_spaces_punctuation_and_accents_do_not_count(name: str) -> None:
    assert normalize_name(name) == "firstname"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("Prénom", "Pre\u0301nom"), ("Adresse 2", "adresse_2"), ("電話", " 電話 ")],
)
def test_composed_and_folded_letters_are_the_same(one: str, other: str) -> None:
    assert normalize_name(one) == normalize_name(other) != ""


@pytest.mark.parametrize(("one", "other"), [("Address 1", "Address 2"), ("Nom", "Nome"), ("電話", "住所")])
def test_digits_and_letters_count(one: str, other: str) -> None:
    assert normalize_name(one) != normalize_name(other)


def test_the_nearest_name_comes_first_and_far_ones_not_at_all() -> None:
    known = ["email", "emails", "phoneNumber", "firstName"]

    assert nearest_names("Emial", known)[0] == "email"
    assert nearest_names("first nmae", known) == ["firstName"]
    assert nearest_names("zzz", known) == []


@pytest.mark.parametrize(
    "headers",
    [
        ["Email", "email", "Name"],
        ["", " ", "x"],
        ["+++", "", "***"],
        ["+++", ""],
        ["電話", "電話"],
    ],
)
def test_every_columns_label_finds_that_column(headers: list[str]) -> None:
    labels = label_columns(headers)

    assert [find_column(label, "--map", headers) for label in labels] == list(range(len(headers)))
