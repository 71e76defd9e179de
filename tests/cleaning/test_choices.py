"""Choices, countries and lists take the contract's form, and only where nothing has to be guessed."""

from __future__ import annotations

import polars as pl
import pytest

from importer.cleaning import Change, CleaningOptions, clean
from importer.cleaning.choices import clean_choice
from importer.cleaning.country import clean_country
from importer.cleaning.lists import split_list
from importer.cleaning.moments import clean_moment
from schemas.registry import load_vendor


@pytest.mark.parametrize(("text", "result"), [("qualified", "QUALIFIED"), ("Potential", "POTENTIAL"), ("QUALIFIED", "QUALIFIED"), ("qualifie", "qualifie"), ("", ""), (None, None)])  # fmt: skip
def test_a_choice_is_known_without_its_case(text: str | None, result: str | None) -> None:
    assert clean_choice(pl.Series([text], dtype=pl.String), ("POTENTIAL", "QUALIFIED")).to_list() == [result]


def test_a_choice_in_two_cases_is_two_choices() -> None:
    assert clean_choice(pl.Series(["a", "A"]), ("a", "A")).to_list() == ["a", "A"]


@pytest.mark.parametrize(("text", "result"), [("fr", "FR"), ("Fr", "FR"), ("France", "FR"), ("ß", "ß"), ("éé", "éé"), ("f", "f"), (None, None)])  # fmt: skip
def test_a_country_code_is_two_capitals(text: str | None, result: str | None) -> None:
    assert clean_country(pl.Series([text], dtype=pl.String)).to_list() == [result]


@pytest.mark.parametrize(
    ("cell", "entries"),
    [
        ("a@x.co", ["a@x.co"]),
        ("a@x.co;b@x.co", ["a@x.co", "b@x.co"]),
        (" a@x.co ,\r\n b@x.co ;", ["a@x.co", "b@x.co"]),
        ("a;a;A", ["a", "A"]),
        (";,\n", None),
        ("", None),
        (None, None),
    ],
)
def test_a_list_is_split_without_blank_and_repeated_entries(cell: str | None, entries: list[str] | None) -> None:
    assert split_list(pl.Series("x", [cell], dtype=pl.String)).to_list() == [entries]


@pytest.mark.parametrize("text", ["2024-07-01T10:00:60+02:00", "2024-02-30T10:00:00+02:00", "2024-07-01T25:00:00+02:00", "15-01-2024", "soon+02:00"])  # fmt: skip
def test_a_moment_that_does_not_exist_stays(text: str) -> None:
    assert clean_moment(pl.Series([text]), "Europe/Paris").to_list() == [text]


def test_every_change_is_counted_by_what_was_done() -> None:
    operation = load_vendor("iclosed").operations["create"]
    fields = [field for path in ("firstName", "phoneNumber") if (field := operation.field(path))]
    frame = pl.DataFrame(
        {
            "row": [2, 3, 4],
            "firstName": [" Ana", "B\u00a0o", None],
            "phoneNumber": ["+1 555 010 0001", " +1 556 010 0002 ", "+15570100003"],
        }
    )

    cleaned = clean(frame, fields, {})

    assert cleaned.changes == {"text": 2, "invisible": 1, "phone": 2}
    assert cleaned.examples["phone"] == Change(2, "phoneNumber", "+1 555 010 0001", "+15550100001")


def test_a_clean_frame_is_left_as_it_is() -> None:
    operation = load_vendor("iclosed").operations["create"]
    fields = [field for path in ("firstName", "phoneNumber") if (field := operation.field(path))]
    frame = pl.DataFrame({"row": [2, 3], "firstName": ["Ana", None], "phoneNumber": ["+1555", None]})

    cleaned = clean(frame, fields, {field.path: CleaningOptions("MA", "dmy", "Europe/Paris") for field in fields})

    assert (cleaned.frame.equals(frame), cleaned.changes) == (True, {})
