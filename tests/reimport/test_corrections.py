"""The workbook of errors: corrected as a person would, given back, and every contact is made, none twice."""

from __future__ import annotations

import csv
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from importer import Settings, check_file, run_import
from importer.model.summary import Summary

Contacts = Callable[[str], list[dict[str, Any]]]
FILES: dict[tuple[str, str], tuple[str, dict[str, str], dict[str, Any]]] = {
    ("iclosed", "create"): (
        (
            "Prénom;Courriel;Téléphone;Status;Inscrit\n"
            "Ana;ana@example.com;+15550100001;Qualified;31/01/2026 10:00\n"
            "Bo;bo@;+15550100002;Potential;05/02/2026 10:00\n"
            "Cy;cy@example.com;1,55512E+10;Hot;06/02/2026 10:00\n"
        ),
        {"Courriel": "bo@example.com", "Téléphone": "+15550100003", "Status": "POTENTIAL"},
        {"timezone": "Africa/Casablanca", "columns": (("Inscrit", "joinedTime"),)},
    ),
    ("cleartalk", "create"): (
        (
            "First Name,Last Name,Email,Phone,Birthday,Source,Notes\n"
            "Ana,Lee,ana@example.com,+15550100001,31/01/1990,web,x\n"
            "Bo,,bo@example.com,+15550100002,05/04/1990,web,x\n"
        ),
        {"Last Name": "Li"},
        {"constants": (("listName", "l"), ("tag", "t"))},
    ),
    ("cleartalk", "update"): ("id,Email,Phone\n1,ana@example.com,\n2,,1.55512E+10\n", {"Phone": "+15550100002"}, {}),
    ("clemta", "create"): (
        "First Name,Last Name,Email,Type\nAna,Lee,ana@example.com,customer\nBo,Li,bo@,Client\n",
        {"Email": "bo@example.com", "Type": "vendor"},
        {"constants": (("company_id", "64b8f1a2e4b0c8d9f0123456"),)},
    ),
    ("gomobile", "create"): (
        "Nom complet,Mobile\nAna Lee,0612345678\nBo Li,2.12613E+11\n", {"Mobile": "0612345679"}, {"region": "MA"},
    ),
}  # fmt: skip


def settings(tmp_path: Path, sandbox: str, vendor: str, operation: str, **other: Any) -> Settings:
    where = {"base_url": f"{sandbox}/{vendor}", "api_key": "iclosed-k", "rate": 1000.0}
    return Settings(vendor, operation=operation, output=tmp_path / "out", **where, **other)


def counted(summary: Summary) -> dict[str, int]:
    return {str(status): count for status, count in summary.counts.items() if count}


def correct(path: Path, cells: dict[str, str], to: Path) -> Path:
    """What a person does: enter something better in the red cells."""
    book = openpyxl.load_workbook(path)
    sheet = book["Rows to fix"]
    names = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        for name, cell in zip(names, row, strict=True):
            if cell.fill.fgColor.rgb == "FFFFC7CE":
                cell.value = cells[name]
    book.save(to)
    return to


@pytest.mark.parametrize("first", ["run", "check"])
@pytest.mark.parametrize(("vendor", "operation"), FILES)
def test_what_is_corrected_is_made_and_nothing_twice(
    tmp_path: Path, sandbox: str, contacts: Contacts, vendor: str, operation: str, first: str
) -> None:
    text, cells, said = FILES[vendor, operation]
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    before = settings(tmp_path, sandbox, vendor, operation, **said)
    (check_file if first == "check" else run_import)(tmp_path / "people.csv", before)

    back = correct(tmp_path / "out" / "errors.xlsx", cells, tmp_path / "corrected.xlsx")
    summary = run_import(back, settings(tmp_path, sandbox, vendor, operation))
    again = run_import(back, settings(tmp_path, sandbox, vendor, operation))

    rows = text.count("\n") - 1
    good = {"run": 1, "check": 0}[first]
    done = "updated" if operation == "update" else "created"
    assert counted(summary) == {done: rows - 1}
    assert counted(again) == {"already_done": rows - 1}
    if operation == "create":
        assert len(contacts(vendor)) == rows - 1 + good


def test_rows_keep_their_first_numbers_however_the_sheet_is_sorted(tmp_path: Path, sandbox: str) -> None:
    lines = "".join(f"p{number}@example.com,nobody\n" for number in range(2, 12))
    (tmp_path / "people.csv").write_text("Email,Status\n" + lines, encoding="utf-8")
    run_import(tmp_path / "people.csv", settings(tmp_path, sandbox, "iclosed", "create"))
    book = openpyxl.load_workbook(tmp_path / "out" / "errors.xlsx")
    sheet = book["Rows to fix"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    random.Random(1).shuffle(rows)
    for line, row in enumerate([*rows[:8], [None, "new@example.com", "nobody", None, None]], start=2):
        for column, value in enumerate(row, start=1):
            sheet.cell(line, column).value = value
    sheet.delete_rows(11, 5)
    book.save(tmp_path / "sorted.xlsx")

    run_import(tmp_path / "sorted.xlsx", settings(tmp_path, sandbox, "iclosed", "create"))

    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        found = {int(row["import_row"]): row["Email"] for row in csv.DictReader(file)}
    kept = {row[0]: row[1] for row in rows[:8]}
    assert found == {**kept, max(kept) + 1: "new@example.com"}
    assert list(found) == sorted(found)
    assert all(email == f"p{row}@example.com" for row, email in kept.items())


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_the_workbook_is_known_again_when_another_program_has_saved_it(
    tmp_path: Path, sandbox: str, suffix: str
) -> None:
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    text, cells, said = FILES["iclosed", "create"]
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    check_file(tmp_path / "people.csv", settings(tmp_path, sandbox, "iclosed", "create", **said))
    correct(tmp_path / "out" / "errors.xlsx", cells, tmp_path / "corrected.xlsx")
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/home", "--headless", "--convert-to", suffix]
    subprocess.run(
        [*command, "--outdir", tmp_path / "saved", tmp_path / "corrected.xlsx"],
        check=True,
        capture_output=True,
        timeout=110,
    )

    summary = run_import(tmp_path / "saved" / f"corrected.{suffix}", settings(tmp_path, sandbox, "iclosed", "create"))

    assert counted(summary) == {"created": 2}


def test_the_whole_corrected_file_makes_only_what_is_missing(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Email\nana@example.com\nbo@\n", encoding="utf-8")
    run_import(people, settings(tmp_path, sandbox, "iclosed", "create"))
    people.write_text("Email\nana@example.com\nbo@example.com\n", encoding="utf-8")

    summary = run_import(people, settings(tmp_path, sandbox, "iclosed", "create"))

    assert counted(summary) == {"already_done": 1, "created": 1}
    assert [contact["email"] for contact in contacts("iclosed")] == ["ana@example.com", "bo@example.com"]


def test_a_result_that_is_given_back_sends_what_is_corrected_in_it(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "people.csv").write_text("Who,Status\nana@example.com,Hot\nbo@example.com,\n", encoding="utf-8")
    chosen = settings(tmp_path, sandbox, "iclosed", "create", columns=(("Who", "email"),))
    run_import(tmp_path / "people.csv", chosen)
    result = tmp_path / "out" / "result.csv"
    result.write_text(result.read_text(encoding="utf-8").replace(",Hot", ",QUALIFIED"), encoding="utf-8")

    summary = run_import(result, settings(tmp_path / "more", sandbox, "iclosed", "create"))

    assert counted(summary) == {"created": 1, "already_done": 1}


def test_a_contact_with_other_values_is_held_back_with_its_id_and_what_differs(tmp_path: Path, sandbox: str) -> None:
    people = tmp_path / "people.csv"
    people.write_text("Email,Tag,First name\nana@example.com,a,Ana\nbo@example.com,a,Bo\n", encoding="utf-8")
    first = run_import(people, settings(tmp_path, sandbox, "iclosed", "create"))
    people.write_text("Email,Tag,First name\nana@example.com,b,Anna\nbo@example.com,a,Bo\n", encoding="utf-8")

    summary = run_import(people, settings(tmp_path, sandbox, "iclosed", "create"))

    assert counted(summary) == {"changed": 1, "already_done": 1}
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        row = next(csv.DictReader(file))
    assert row["import_id"]
    assert f"as row 2 of run {first.run} and has the id {row['import_id']}" in row["import_message"]
    assert row["import_message"].endswith("firstName, tag differ")


def test_what_the_workbook_had_to_cut_off_is_never_sent(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    people, long = tmp_path / "people.csv", "x" * 40_000
    people.write_text(f"Full name,Email,Type,Notes\nBo Li,bo@example.com,supplier,{long}\n", encoding="utf-8")
    said = (("company_id", "64b8f1a2e4b0c8d9f0123456"),)
    run_import(people, settings(tmp_path, sandbox, "clemta", "create", constants=said))
    back = correct(tmp_path / "out" / "errors.xlsx", {"Type": "vendor"}, tmp_path / "corrected.xlsx")

    summary = run_import(back, settings(tmp_path, sandbox, "clemta", "create"))

    assert (counted(summary), summary.problems) == ({"invalid": 1}, {"cut_cell": 1})
    assert contacts("clemta") == []
