"""One column of full names where a contract has two fields: the run stops, and a mapping file can split."""

from __future__ import annotations

import csv
import json
import tomllib
from pathlib import Path

import polars as pl
import pytest

from importer import check_file
from importer.errors import MappingError
from importer.mapping import ColumnProfile, Mapping, match_columns
from importer.mapping.name_parts import NamePart
from importer.pipeline import preview_file, propose_mapping
from importer.settings import Settings
from schemas.registry import load_vendor

FULL, FIRST, LAST = ["Ana Ax", "Bo van Berg", "Cy Dahl"], ["Ana", "Bo", "Cy"], ["Ax", "van Berg", "Dahl"]
MAIL = [f"{name.lower()}@example.com" for name in FIRST]
SPLIT = 'firstName = { column = "Name", part = "first" }\nlastName = { column = "Name", part = "last" }\n'


def match(cells: dict[str, list[str] | list[None]], vendor: str = "iclosed") -> Mapping:
    profile = ColumnProfile(
        pl.DataFrame({f"c{at}": pl.Series(texts, dtype=pl.String) for at, texts in enumerate(cells.values())})
    )
    return match_columns(list(cells), load_vendor(vendor).operations["create"], Settings(vendor), profile)


def write(folder: Path, cells: dict[str, list[str]]) -> Path:
    with (folder / "leads.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(cells), *zip(*cells.values(), strict=True)])
    return folder / "leads.csv"


def settings(folder: Path, vendor: str = "iclosed", mapping: str = "") -> Settings:
    if mapping:
        (folder / "m.toml").write_text(mapping, encoding="utf-8")
    return Settings(
        vendor,
        output=folder / "out",
        state_dir=folder / "state",
        region="US",
        mapping=folder / "m.toml" if mapping else None,
    )


@pytest.mark.parametrize(
    "header",
    [
        "Name", "Full Name", "full_name", "Contact Name", "Client Name", "Invitee Name", "Your name", "Display name",
        "First and last name", "Nom complet", "Nom et prénom", "Prénom Nom", "Nombre completo", "Nombre y apellidos",
        "Vollständiger Name", "Vor- und Nachname", "Nachname, Vorname", "Nome completo", "Nome e cognome",
        "Volledige naam", "Customer", "Contact", "Kunde", "Teilnehmer", "Nom", "Nombre", "Nome", "Naam",
    ],
)  # fmt: skip
@pytest.mark.parametrize("vendor", ["iclosed", "cleartalk"])
def test_a_column_of_full_names_stops_with_the_lines_to_paste(header: str, vendor: str) -> None:
    with pytest.raises(MappingError) as caught:
        match({header: FULL, "E-mail": MAIL}, vendor)

    pasted = "\n".join(line for line in str(caught.value).splitlines() if line.startswith("  "))
    assert tomllib.loads(pasted) == {
        "firstName": {"column": header, "part": "first"},
        "lastName": {"column": header, "part": "last"},
    }


def test_blank_columns_for_first_and_last_name_do_not_hide_the_question() -> None:
    with pytest.raises(MappingError, match='column = "Name", part = "first"'):
        match({"First Name": [None] * 3, "Last Name": [None] * 3, "Name": FULL, "Email": MAIL})


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        ({"Vorname": FIRST, "Name": ["Ax", "Berg", "Dahl"]}, '--map "Name=lastName"'),
        ({"Voornaam": FIRST, "Naam": ["Ax", "Berg", "Dahl"]}, '--map "Naam=lastName"'),
        ({"First Name": FIRST, "Name": FULL}, 'lastName = { column = "Name", part = "last" }'),
    ],
)
def test_half_a_name_asks_for_the_other_half(cells: dict[str, list[str]], asked: str) -> None:
    with pytest.raises(MappingError) as caught:
        match({**cells, "E-Mail": MAIL})

    assert asked in str(caught.value)


@pytest.mark.parametrize(
    "cells",
    [
        {"Name": FULL, "First Name": FIRST, "Last Name": LAST},
        {"Nom": ["Ax", "Berg", "Dahl"]},
        {"Company Name": FULL},
        {"Manager Name": FULL},
        {"Event Name": FULL},
    ],
)
def test_what_is_no_full_name_or_has_its_halves_asks_nothing(cells: dict[str, list[str]]) -> None:
    mapped = match({**cells, "Email": MAIL})

    mapped_fields = {each.field.path for each in mapped.field_mappings}
    assert "email" in mapped_fields
    assert ("firstName" in mapped_fields) == ("First Name" in cells)


@pytest.mark.parametrize("header", ["Nombre", "Nom", "Nome", "Customer"])
def test_a_contract_with_a_field_for_full_names_is_offered_it(header: str) -> None:
    with pytest.raises(MappingError, match=f'--map "{header}=fullName"'):
        match({header: FULL, "Phone": ["+12025550101", "+12025550102", "+12025550103"]}, "gomobile")


def test_the_split_is_sent_counted_and_shown(tmp_path: Path) -> None:
    file = write(tmp_path, {"Name": FULL, "Email": MAIL})

    summary = check_file(file, settings(tmp_path, mapping=SPLIT))

    assert [json.loads(body)["lastName"] for _, _, body in summary.bodies] == LAST
    assert [json.loads(body)["firstName"] for _, _, body in summary.bodies] == FIRST
    assert summary.changes["name split"] == 6
    assert any('name split, such as row 2, Name: "Ana Ax" → "Ana"' in line for line in summary.changed)


def test_a_part_goes_with_values_default_and_the_mapping_that_is_written(tmp_path: Path) -> None:
    mapping = (
        'firstName = { column = "Name", part = "first" }\n'
        'lastName = { column = "Name", part = "last", default = "unknown" }\n'
        'tag = { column = "Name", part = "title", values = { "Dr." = "doctor" }, default = "person" }\n'
    )
    file = write(tmp_path, {"Name": ["Dr. Ana Ax", "Bo"], "Email": MAIL[:2]})

    summary = check_file(file, settings(tmp_path, mapping=mapping))

    bodies = [json.loads(body) for _, _, body in summary.bodies]
    assert [(body["firstName"], body["lastName"], body["tag"]) for body in bodies] == [
        ("Ana", "Ax", "doctor"),
        ("Bo", "unknown", "person"),
    ]


def test_the_mapping_file_that_is_written_splits(tmp_path: Path) -> None:
    file = write(tmp_path, {"Name": FULL, "Email": MAIL})

    text = propose_mapping(file, settings(tmp_path))

    assert tomllib.loads(text) == {
        "firstName": {"column": "Name", "part": "first"},
        "lastName": {"column": "Name", "part": "last"},
        "email": "Email",
    }


def test_the_columns_page_proposes_the_split_and_keeps_it(tmp_path: Path) -> None:
    file = write(tmp_path, {"Name": FULL, "Email": MAIL, "Text Reminder": ["+12025550101"] * 3})

    preview = preview_file(file, settings(tmp_path))
    text = preview.mapping_file({column.index: column.field for column in preview.columns}, {})

    assert {column.name: column.field for column in preview.columns} == {
        "Name": "firstName",
        "Email": "email",
        "Text Reminder": "phoneNumber",
    }
    assert tomllib.loads(text) == tomllib.loads(SPLIT) | {"email": "Email", "phoneNumber": "Text Reminder"}


def test_a_corrected_row_of_errors_xlsx_is_split_again(tmp_path: Path) -> None:
    file = write(tmp_path, {"Name": ["Ana Ax", "Bo Berg"], "Email": ["ana@example.com", "bo at example"]})
    check_file(file, settings(tmp_path, mapping=SPLIT))
    report = (tmp_path / "out" / "errors.xlsx").rename(tmp_path / "errors.xlsx")

    again = check_file(report, Settings("iclosed", output=tmp_path / "again", state_dir=tmp_path / "state"))

    assert again.mapping["firstName"] == again.mapping["lastName"] == "Name"
    assert again.changes["name split"] == 2


@pytest.mark.parametrize(
    "entry",
    [
        '{ column = "Name", part = "middle" }',
        '{ value = "Ana", part = "first" }',
        '{ template = "{Name}", part = "first" }',
        '{ column = "Name", part = 1 }',
    ],
)
def test_a_wrong_part_says_which_there_are(tmp_path: Path, entry: str) -> None:
    file = write(tmp_path, {"Name": FULL, "Email": MAIL})

    with pytest.raises(MappingError) as caught:
        check_file(file, settings(tmp_path, mapping=f"firstName = {entry}\n"))

    assert all(part in str(caught.value) for part in NamePart) or "must be text" in str(caught.value)
