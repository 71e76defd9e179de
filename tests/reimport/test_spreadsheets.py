"""result.csv and errors.csv that a spreadsheet program has opened and saved, and come back."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importer import Settings, check_file, run_import
from importer.errors import FileError
from importer.model.summary import Summary

Contacts = Callable[[str], list[dict[str, Any]]]
PEOPLE = (
    "First Name,Email,Phone,Status,Joined,Tag\n"
    "Łucja,ana@example.com,+15550100001,QUALIFIED,2026-01-05T10:00:00Z,=1+1\n"
    "Bo,bo@,+15550100002,POTENTIAL,2026-02-28T10:00:00Z,02134\n"
    "Cy,cy@example.com,+15550100003,Hot,2026-01-07T10:00:00Z,-a\n"
)


def settings(tmp_path: Path, sandbox: str, output: str = "out", **other: Any) -> Settings:
    given = {"base_url": f"{sandbox}/iclosed", "api_key": "iclosed-k", "rate": 1000.0, **other}
    return Settings("iclosed", output=tmp_path / output, **given)


def counted(summary: Summary) -> dict[str, int]:
    return {str(status): count for status, count in summary.counts.items() if count}


def imported(tmp_path: Path, sandbox: str, text: str = PEOPLE) -> Path:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    run_import(tmp_path / "people.csv", settings(tmp_path, sandbox))
    return tmp_path / "out"


def lines(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def rewrite(path: Path, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """What a person, and a spreadsheet program on the way, make of a CSV file."""
    rows = [change(row) for row in lines(path)]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def as_excel_saves_it(row: dict[str, str]) -> dict[str, str]:
    """A phone number loses its plus, a number its zero, a date its form; letters that cp1252 lacks are lost."""
    saved = {name: value.encode("cp1252", "replace").decode("cp1252") for name, value in row.items()}
    if saved.get("Phone"):
        saved["Phone"] = {"2": "1.55501E+10", "3": "15550100002", "4": "15550100003"}[row["import_row"]]
    saved["Tag"] = "2134" if row["Tag"] == "02134" else row["Tag"]
    return saved


def test_a_result_that_excel_has_saved_sends_what_is_corrected_and_nothing_else(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    out = imported(tmp_path, sandbox)

    def corrected(row: dict[str, str]) -> dict[str, str]:
        return as_excel_saves_it(row) | {"3": {"Email": "bo@example.com"}, "4": {"Status": "POTENTIAL"}}.get(
            row["import_row"], {}
        )

    rewrite(out / "result.csv", corrected)
    summary = run_import(out / "result.csv", settings(tmp_path, sandbox, "again"))

    assert counted(summary) == {"already_done": 1, "created": 2}
    made = {contact["email"]: contact for contact in contacts("iclosed")}
    assert made["bo@example.com"]["phoneNumber"] == "+15550100002"
    assert made["bo@example.com"]["tag"] == "02134"
    assert made["cy@example.com"]["tag"] == "-a"
    assert len(contacts("iclosed")) == 3


def test_no_cell_of_a_result_is_a_formula_and_all_are_whole_again(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    out = imported(tmp_path, sandbox)

    tags = [row["Tag"] for row in lines(out / "result.csv")]
    run_import(out / "result.csv", settings(tmp_path, sandbox, "again"))

    assert tags == ["'=1+1", "02134", "'-a"]
    assert [contact["tag"] for contact in contacts("iclosed")] == ["=1+1"]


def test_a_result_of_a_check_is_whole_again_too(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    check_file(tmp_path / "people.csv", settings(tmp_path, sandbox))

    summary = run_import(tmp_path / "out" / "result.csv", settings(tmp_path, sandbox, "again"))

    assert counted(summary) == {"created": 1, "invalid": 2}
    assert [contact["tag"] for contact in contacts("iclosed")] == ["=1+1"]


def test_values_corrected_in_the_list_of_problems_are_sent_in_their_rows(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    out = imported(tmp_path, sandbox)
    right = {"Email": "bo@example.com", "Status": "POTENTIAL"}
    rewrite(out / "errors.csv", lambda line: line | {"value": right[line["column"]]})

    summary = run_import(out / "errors.csv", settings(tmp_path, sandbox, "again"))

    assert counted(summary) == {"created": 2}
    assert [row["import_row"] for row in lines(tmp_path / "again" / "result.csv", ";")] == ["3", "4"]
    assert sorted(contact["email"] for contact in contacts("iclosed")) == [
        "ana@example.com",
        "bo@example.com",
        "cy@example.com",
    ]


def test_a_list_of_problems_in_which_nothing_is_corrected_sends_nothing(tmp_path: Path, sandbox: str) -> None:
    out = imported(tmp_path, sandbox)

    summary = run_import(out / "errors.csv", settings(tmp_path, sandbox, "again"))

    assert counted(summary) == {"invalid": 2}


def test_two_corrections_of_one_cell_stop_before_anything_is_sent(tmp_path: Path, sandbox: str) -> None:
    out = imported(tmp_path, sandbox, "Email,Phone\nbo@,1.55512E+10\n")
    with (out / "errors.csv").open("a", encoding="utf-8") as file:
        file.write(
            "2,Email,email,a@example.com,error,pattern,,,check\n2,Email,email,b@example.com,error,pattern,,,check\n"
        )

    with pytest.raises(FileError, match="row 2, Email: two different values"):
        run_import(out / "errors.csv", settings(tmp_path, sandbox, "again"))


def test_a_list_of_problems_whose_rows_are_not_kept_says_what_to_correct_instead(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "people.csv").write_text("Email\nbo@\n", encoding="utf-8")
    check_file(tmp_path / "people.csv", settings(tmp_path, sandbox))

    with pytest.raises(FileError, match=r"correct errors\.xlsx"):
        run_import(tmp_path / "out" / "errors.csv", settings(tmp_path, sandbox))


@pytest.mark.parametrize(
    ("first", "report"),
    [(run_import, "errors.xlsx"), (run_import, "errors.csv"), (run_import, "result.csv"), (check_file, "errors.xlsx")],
)
def test_cells_beyond_the_header_stay_a_problem_until_somebody_has_looked(
    tmp_path: Path, sandbox: str, contacts: Contacts, report: str, first: Callable[..., Summary]
) -> None:
    (tmp_path / "people.csv").write_text("Email,First Name\nana@example.com,Ana,Lee\n", encoding="utf-8")
    first(tmp_path / "people.csv", settings(tmp_path, sandbox))

    summary = run_import(tmp_path / "out" / report, settings(tmp_path, sandbox, "again"))

    assert (counted(summary), summary.problems) == ({"invalid": 1}, {"too_many_cells": 1})
    assert contacts("iclosed") == []


@pytest.mark.parametrize("report", ["result.csv", "errors.csv"])
def test_libreoffice_may_have_saved_it(tmp_path: Path, sandbox: str, contacts: Contacts, report: str) -> None:
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    out = imported(tmp_path, sandbox)
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/home", "--headless", "--convert-to", "csv"]
    saved = tmp_path / "saved"
    subprocess.run([*command, "--outdir", saved, out / report], check=True, capture_output=True, timeout=110)
    shutil.copy(out / "summary.json", saved)
    text = (saved / report).read_text(encoding="utf-8")
    assert "15550100001" in text or report == "errors.csv"
    (saved / report).write_text(
        text.replace("bo@,", "bo@example.com,").replace(",Hot,", ",POTENTIAL,"), encoding="utf-8"
    )

    summary = run_import(saved / report, settings(tmp_path, sandbox, "again"))

    assert counted(summary) == {"created": 2} | ({"already_done": 1} if report == "result.csv" else {})
    assert {contact["phoneNumber"] for contact in contacts("iclosed")} == {
        "+15550100001",
        "+15550100002",
        "+15550100003",
    }
