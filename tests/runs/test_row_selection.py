"""Rows that a condition, their number or their place leaves out end as skipped, with the reason."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from importer.errors import MappingError
from importer.model.summary import Summary
from importer.pipeline import check_file, preview_file, propose_mapping, run_import
from importer.settings import Settings

Contacts = Callable[[str], list[dict[str, Any]]]
LEADS = (
    "Email,First Name,Status,Age\n"
    "test@example.com,Test,Active,1\n"
    "ana@example.com,Ana,Active,30\n"
    "bo@,Bo,Closed,40\n"
    "cy@example.com,Cy,,50\n"
    "di@example.com,Di,Active,?\n"
    "Total,,,121\n"
)


def settings(tmp_path: Path, toml: str = "", **chosen: Any) -> Settings:
    (tmp_path / "m.toml").write_text(toml + '\nignore = ["Age", "Status"]\n', encoding="utf-8")
    where = {"output": tmp_path / "out", "state_dir": tmp_path / "state", "mapping": tmp_path / "m.toml"}
    return Settings("iclosed", **{**where, **chosen})


def leads(tmp_path: Path, text: str = LEADS) -> Path:
    (tmp_path / "leads.csv").write_text(text, encoding="utf-8")
    return tmp_path / "leads.csv"


def counted(summary: Summary) -> dict[str, int]:
    return {str(status): count for status, count in summary.counts.items() if count}


def reasons(tmp_path: Path) -> dict[int, tuple[str, str]]:
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        return {int(row["import_row"]): (row["import_code"], row["import_message"]) for row in csv.DictReader(file)}


def test_rows_that_do_not_match_are_skipped_with_the_reason(tmp_path: Path) -> None:
    summary = check_file(leads(tmp_path), settings(tmp_path, where="Status = 'Active'"))

    found = reasons(tmp_path)
    assert counted(summary) == {"valid": 3, "skipped": 3}
    assert found[4] == ("not_selected", "does not match the condition: Status = 'Active'")
    assert found[5] == ("not_selected", "does not match the condition, because a cell is blank: Status = 'Active'")
    assert found[7][0] == "totals_row"
    assert summary.skipped == {"not_selected": 2, "totals_row": 1}
    stored = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert stored["skipped"] == summary.skipped
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert 'data-severity="skipped" data-code="not_selected" data-count="2"' in page
    assert int(summary.exit_code) == 0  # the damaged address of row 4 concerns nobody


def test_a_condition_is_not_asked_of_a_total(tmp_path: Path) -> None:
    text = LEADS.replace("?", "9").replace("121", '"1,121"')

    summary = check_file(leads(tmp_path, text), settings(tmp_path, "where = 'CAST(Age AS INT) > 20'"))

    assert counted(summary) == {"valid": 2, "invalid": 1, "skipped": 3}


def test_a_cell_that_the_condition_cannot_convert_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"^where: .*TRY_CAST"):
        check_file(leads(tmp_path), settings(tmp_path, where="CAST(Age AS INT) > 20"))


def test_the_command_lines_condition_wins(tmp_path: Path) -> None:
    chosen = settings(tmp_path, "where = \"Status = 'Closed'\"", where="Status IS NULL")

    assert counted(check_file(leads(tmp_path), chosen)) == {"valid": 1, "skipped": 5}


def test_rows_and_the_last_ones_are_left_out(tmp_path: Path) -> None:
    summary = check_file(leads(tmp_path), settings(tmp_path, 'rows = "3, 5-"\nskip_last = 2'))

    found = reasons(tmp_path)
    assert counted(summary) == {"valid": 2, "skipped": 4}
    assert found[2] == ("outside_rows", "is not one of the rows 3, 5-")
    assert found[6] == ("skipped_at_end", "is one of the last 2 rows, which are skipped")


def test_what_is_left_out_proves_nothing_about_dates(tmp_path: Path) -> None:
    text = "Email,Country,Joined\n" + "a@example.com,US,12/31/2025 10:00\n" + "b@example.com,FR,03/04/2025 10:00\n"
    chosen = settings(tmp_path, where="Country = 'FR'", timezone="UTC", columns=(("Joined", "joinedTime"),))
    chosen.mapping.write_text("", encoding="utf-8")  # type: ignore[union-attr]

    with pytest.raises(MappingError, match="--date-order"):
        check_file(leads(tmp_path, text), chosen)


def test_a_file_of_which_every_row_is_left_out(tmp_path: Path) -> None:
    summary = check_file(leads(tmp_path), settings(tmp_path, where="Status = 'Lost'"))

    assert counted(summary) == {"skipped": 6}


def test_the_last_rows_of_a_long_file_are_left_out(tmp_path: Path) -> None:
    text = "Email\n" + "".join(f"user{number}@example.com\n" for number in range(250_001))

    summary = check_file(leads(tmp_path, text), Settings("iclosed", mapping=_only(tmp_path), output=tmp_path / "out"))

    assert counted(summary) == {"valid": 249_901, "skipped": 100}


def _only(tmp_path: Path) -> Path:
    (tmp_path / "only.toml").write_text("skip_last = 100", encoding="utf-8")
    return tmp_path / "only.toml"


def test_a_workbook_of_errors_comes_back_under_the_same_rules(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    keys = {"base_url": f"{sandbox}/iclosed", "api_key": "iclosed-k", "rate": 1000.0}
    toml = (
        'where = "Status <> \'Closed\'"\nskip_last = 1\nrows = "2-6"\n'
        'tag = { column = "Status", case = "upper", replace = { IVE = "" }, split = { by = "c" } }\n'
        'eventName = { value = "x", when = "Status = \'Active\'" }\n'
    )
    file = leads(
        tmp_path, LEADS.replace("ana@example.com", "ana@").replace("Total,,,121\n", "end@example.com,E,Active,\n")
    )
    first = run_import(file, settings(tmp_path, toml, **keys))
    assert counted(first) == {"created": 2, "invalid": 1, "skipped": 3}
    shutil.copy(tmp_path / "out" / "errors.xlsx", tmp_path / "errors.xlsx")
    import openpyxl

    book = openpyxl.load_workbook(tmp_path / "errors.xlsx")
    sheet = book.worksheets[0]
    cell = next(cell for row in sheet.iter_rows() for cell in row if cell.value == "ana@")
    cell.value = "ana@example.com"
    book.save(tmp_path / "errors.xlsx")

    again = replace(settings(tmp_path, **keys), mapping=None, output=tmp_path / "second")
    second = run_import(tmp_path / "errors.xlsx", again)

    assert counted(second) == {"created": 1}
    ana = next(contact for contact in contacts("iclosed") if contact["email"] == "ana@example.com")
    assert (ana["tag"], ana["eventName"]) == ("A", "x")
    third = check_file(tmp_path / "out" / "result.csv", replace(again, output=tmp_path / "third"))
    assert third.counts["skipped"] == 3


def test_a_preview_and_a_written_mapping_keep_the_keys(tmp_path: Path) -> None:
    toml = 'where = "Status = \'Active\'"\nskip_last = 1\nregion = "MA"'
    chosen = settings(tmp_path, toml)

    written = propose_mapping(leads(tmp_path), chosen)
    preview = preview_file(leads(tmp_path), chosen)

    assert all(line in written for line in toml.splitlines())
    assert all(line in preview.mapping_file({}, {}) for line in toml.splitlines())
