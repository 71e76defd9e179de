"""A template is filled in and imported without another word."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from importer import Settings, check_file
from importer.model.status import Status
from importer.pipeline import make_template
from schemas.registry import load_vendor

OPERATIONS = [
    ("iclosed", "create"),
    ("cleartalk", "create"),
    ("cleartalk", "update"),
    ("clemta", "create"),
    ("gomobile", "create"),
]


@pytest.mark.parametrize(("vendor", "operation"), OPERATIONS)
def test_a_filled_template_maps_every_field_and_its_examples_are_valid(
    tmp_path: Path, vendor: str, operation: str
) -> None:
    make_template(Settings(vendor, operation=operation), tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    for row in book["Examples"].iter_rows(min_row=2, values_only=True):
        book["Contacts"].append(row)
    book.save(tmp_path / "filled.xlsx")

    summary = check_file(tmp_path / "filled.xlsx", Settings(vendor, operation=operation, output=tmp_path / "out"))

    fields = [field.path for field in load_vendor(vendor).operations[operation].fields if not field.open]
    assert list(summary.mapping) == fields
    assert all(column.removesuffix(" *").replace(" ", "").lower() for column in summary.mapping.values())
    assert summary.counts[Status.VALID] == summary.rows == 2


def test_what_a_spreadsheet_would_damage_is_text_and_fixed_lists_are_chosen_from(tmp_path: Path) -> None:
    make_template(Settings("iclosed"), tmp_path / "t.xlsx")

    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Contacts"]
    columns = {cell.value: cell for cell in sheet[1]}
    assert sheet.column_dimensions[columns["Phone number"].column_letter].number_format == "@"
    assert sheet.column_dimensions[columns["First name"].column_letter].number_format == "General"
    (down,) = sheet.data_validations.dataValidation
    assert (down.formula1, str(down.sqref)) == ('"POTENTIAL,QUALIFIED,DISQUALIFIED"', "E2:E10000")
    assert "at most 25 characters" in columns["First name"].comment.text
    assert sheet.freeze_panes == "A2"


def test_required_columns_have_a_star_in_csv_too(tmp_path: Path) -> None:
    make_template(Settings("clemta"), tmp_path / "t.csv")

    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.reader(file))[:6] == [
            "Type *",
            "Full name *",
            "Email *",
            "Company id *",
            "Status",
            "Description",
        ]


def test_the_command_never_writes_over_a_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "importer", "template", "gomobile", "-o", "t.xlsx"]

    codes = [subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode for _ in range(2)]
    other = subprocess.run([*command[:-1], "t.doc"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert codes == [0, 2]
    assert (other.returncode, "is an .xlsx or a .csv" in other.stderr) == (2, True)
