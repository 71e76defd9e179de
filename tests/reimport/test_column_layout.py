"""What a person does to a report besides correcting cells: nothing is sent that was not meant."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from importer import Settings, check_file, resolve_run, run_import
from importer.errors import FileError, SettingsError
from importer.model.summary import Summary
from importer.runs.resolve import ManualVerdict, ResolveOptions
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running

Contacts = Callable[[str], list[dict[str, Any]]]
PEOPLE = "Given,Contact 1,Contact 2,Mail A,Mail B\nAna,x,+12025550141,homea@example.com,ana@example.com\nBob,x,+12025550142,homeb@example.com,bob\n"
SAID = {"columns": (("Mail B", "email"), ("Contact 2", "phoneNumber")), "constants": (("tag", "T1"),)}


def settings(tmp_path: Path, address: str, output: str = "again", vendor: str = "iclosed", **other: Any) -> Settings:
    where: dict[str, Any] = {"base_url": f"{address}/{vendor}", "api_key": "iclosed-k", "rate": 1000.0}
    return Settings(vendor, output=tmp_path / output, **where, **other)


def counted(summary: Summary) -> dict[str, int]:
    return {str(status): count for status, count in summary.counts.items() if count}


def corrected(
    tmp_path: Path, address: str, change: Callable[[Worksheet], None], text: str = PEOPLE, **said: Any
) -> Path:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    run_import(tmp_path / "people.csv", settings(tmp_path, address, "out", **(said or SAID)))
    book = openpyxl.load_workbook(tmp_path / "out" / "errors.xlsx")
    change(book["Rows to fix"])
    book.save(tmp_path / "corrected.xlsx")
    return tmp_path / "corrected.xlsx"


def put(sheet: Worksheet, header: str, value: str) -> None:
    for cell in sheet[1]:
        if cell.value == header:
            sheet.cell(2, cell.column).value = value


def insert_a_column(sheet: Worksheet) -> None:
    put(sheet, "Mail B", "bob@example.com")
    sheet.insert_cols(3)
    sheet.cell(1, 3).value = "My note"


def delete_an_unused_column(sheet: Worksheet) -> None:
    put(sheet, "Mail B", "bob@example.com")
    sheet.delete_cols(3)


def swap_two_columns(sheet: Worksheet) -> None:
    put(sheet, "Mail B", "bob@example.com")
    for row in (1, 2):
        one, other = sheet.cell(row, 5), sheet.cell(row, 6)
        one.value, other.value = other.value, one.value


@pytest.mark.parametrize("change", [insert_a_column, delete_an_unused_column, swap_two_columns])
def test_columns_that_were_moved_feed_what_they_fed(
    tmp_path: Path, sandbox: str, contacts: Contacts, change: Callable[[Worksheet], None]
) -> None:
    summary = run_import(corrected(tmp_path, sandbox, change), settings(tmp_path, sandbox))

    assert counted(summary) == {"created": 1}
    bob = contacts("iclosed")[1]
    assert (bob["email"], bob["phoneNumber"], bob["tag"]) == ("bob@example.com", "+12025550142", "T1")


@pytest.mark.parametrize("gone", ["rename", "delete"])
def test_a_column_that_is_gone_stops_the_import_where_it_was_needed(
    tmp_path: Path, sandbox: str, contacts: Contacts, gone: str
) -> None:
    def change(sheet: Worksheet) -> None:
        if gone == "rename":
            sheet["F1"].value = "Mail"
        else:
            sheet.delete_cols(6)

    back = corrected(tmp_path, sandbox, change)

    with pytest.raises(FileError, match="the column 'Mail B', which maps to email, is not there"):
        run_import(back, settings(tmp_path, sandbox))
    assert len(contacts("iclosed")) == 1


def test_what_is_said_now_counts_and_what_was_said_then_counts_besides(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    back = corrected(tmp_path, sandbox, lambda sheet: put(sheet, "Mail A", "a2@example.com"))

    run_import(back, settings(tmp_path, sandbox, columns=(("Mail A", "email"),)))

    bob = contacts("iclosed")[1]
    assert (bob["email"], bob["phoneNumber"], bob["tag"]) == ("a2@example.com", "+12025550142", "T1")


def test_a_header_that_stands_twice_keeps_its_letter(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    said = {"columns": (("Email [C]", "email"),)}
    text = "First Name,Email,Email,Phone\nAna,ana@old.example.com,ana@new.example.com,+12025550191\nBob,bob@old.example.com,bob,+12025550192\n"
    back = corrected(tmp_path, sandbox, lambda sheet: None, text, **said)
    sheet = openpyxl.load_workbook(back)["Rows to fix"]
    red = [cell.coordinate for cell in sheet[2] if cell.fill.fgColor.rgb == "FFFFC7CE"]
    with (tmp_path / "out" / "errors.csv").open(encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file)

    text = (tmp_path / "out" / "errors.csv").read_text(encoding="utf-8-sig").replace(",bob,", ",bob@new.example.com,")
    (tmp_path / "out" / "errors.csv").write_text(text, encoding="utf-8")
    run_import(tmp_path / "out" / "errors.csv", settings(tmp_path, sandbox, **said))

    assert (red, line["column"]) == (["D2"], "Email [C]")
    assert [contact["email"] for contact in contacts("iclosed")] == ["ana@new.example.com", "bob@new.example.com"]


def test_columns_of_the_users_own_that_begin_as_ours_do_come_back(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    said = {"columns": (("import_batch", "tag"),)}
    text = "First Name,Email,import_batch\nAna,ana@example.com,B1\nBob,bob,B2\n"
    back = corrected(tmp_path, sandbox, lambda sheet: put(sheet, "Email", "bob@example.com"), text, **said)

    run_import(back, settings(tmp_path, sandbox))

    assert [contact["tag"] for contact in contacts("iclosed")] == ["B1", "B2"]
    assert "import_batch" in (tmp_path / "out" / "result.csv").read_text(encoding="utf-8")


def test_an_update_by_our_own_id_column_can_be_corrected_and_comes_back_as_an_update(
    tmp_path: Path, sandbox: str
) -> None:
    (tmp_path / "people.csv").write_text("import_id,First Name\n1,Ana\n,Bo\n", encoding="utf-8")
    chosen = settings(tmp_path, sandbox, "out", "cleartalk", operation="update")
    check_file(tmp_path / "people.csv", chosen)
    book = openpyxl.load_workbook(tmp_path / "out" / "errors.xlsx")
    put(book["Rows to fix"], "import_id", "2")
    book.save(tmp_path / "corrected.xlsx")

    summary = check_file(tmp_path / "corrected.xlsx", settings(tmp_path, sandbox, vendor="cleartalk"))

    assert (summary.operation, counted(summary)) == ("update", {"valid": 1})
    with pytest.raises(SettingsError, match="a run to another vendor"):
        check_file(tmp_path / "corrected.xlsx", settings(tmp_path, sandbox, vendor="gomobile"))


def test_a_result_can_be_used_for_an_update(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    text = "First Name,Email,Last name,Phone,Date of birth,Source,Notes\nAna,ana@example.com,Lee,+12025550191,1990-02-28,web,n\n"
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    said = {"constants": (("listName", "l"), ("tag", "t"))}
    run_import(tmp_path / "people.csv", settings(tmp_path, sandbox, "out", "cleartalk", **said))
    result = tmp_path / "out" / "result.csv"
    result.write_text(result.read_text(encoding="utf-8").replace(",Lee,", ",Li,"), encoding="utf-8")

    few = tmp_path / "out" / "few.csv"
    few.write_text(
        f"import_row,import_status,import_id,Notes\n2,created,{contacts('cleartalk')[0]['id']},new\n", encoding="utf-8"
    )

    summary = run_import(result, settings(tmp_path, sandbox, vendor="cleartalk", operation="update"))
    part = run_import(few, settings(tmp_path, sandbox, vendor="cleartalk", operation="update"))

    assert (counted(summary), counted(part)) == ({"updated": 1}, {"updated": 1})
    assert [(contact["lastName"], contact["clearTalkNotes"]) for contact in contacts("cleartalk")] == [("Li", "new")]


def test_correcting_another_cell_does_not_excuse_cells_beyond_the_header(tmp_path: Path, sandbox: str) -> None:
    text = "First Name,Notes,Email\nCid,Hello, world,cid@example.com\n"
    back = corrected(
        tmp_path, sandbox, lambda sheet: put(sheet, "Email", "cid@example.com"), text, constants=(("eventName", "x"),)
    )

    summary = run_import(back, settings(tmp_path, sandbox))

    assert (counted(summary), summary.problems) == ({"invalid": 1}, {"too_many_cells": 1})


@pytest.mark.parametrize("how", ["another cell", "the last words"])
def test_a_row_that_somebody_has_looked_at_is_sent(tmp_path: Path, sandbox: str, how: str) -> None:
    def change(sheet: Worksheet) -> None:
        put(sheet, "Email", "cid@example.com")
        put(sheet, *(("Notes", "Hello, world") if how == "another cell" else ("import_problems", "")))

    text = "First Name,Notes,Email\nCid,Hello, world,cid@example.com\n"
    back = corrected(tmp_path, sandbox, change, text, constants=(("eventName", "x"),))

    assert counted(run_import(back, settings(tmp_path, sandbox))) == {"created": 1}


def test_control_characters_stay_a_problem(tmp_path: Path, sandbox: str) -> None:
    back = corrected(
        tmp_path, sandbox, lambda sheet: None, "Email,First Name\nana@example.com,A\x01B\n", constants=(("tag", "x"),)
    )

    assert run_import(back, settings(tmp_path, sandbox)).problems == {"lost_character": 1}


def test_how_the_first_file_was_read_does_not_hold_for_its_report(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "people.csv").write_bytes("x\nEmail;First Name\nana@example.com;Zoé\nbo@;Bo\n".encode("cp1252"))
    chosen: dict[str, Any] = {"delimiter": ";", "encoding": "cp1252", "header_row": 2}
    run_import(tmp_path / "people.csv", settings(tmp_path, sandbox, "out", **chosen))

    again = run_import(tmp_path / "out" / "result.csv", settings(tmp_path, sandbox, **chosen))
    back = run_import(tmp_path / "out" / "errors.xlsx", settings(tmp_path, sandbox, sheet="Leads", **chosen))

    assert counted(again) == {"already_done": 1, "invalid": 1}
    assert counted(back) == {"invalid": 1}


def test_what_strict_kept_back_stays_back(tmp_path: Path, sandbox: str) -> None:
    back = corrected(tmp_path, sandbox, lambda sheet: None, "Email\nana@gmial.com\n", strict=True)

    assert counted(run_import(back, settings(tmp_path, sandbox))) == {"invalid": 1}


def test_an_apostrophe_of_the_users_own_survives_a_workbook_saved_as_csv(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    text = "First Name,Email,Event Name\nL,x,'=cmd\n"
    back = corrected(
        tmp_path, sandbox, lambda sheet: put(sheet, "Email", "l@example.com"), text, constants=(("tag", "t"),)
    )
    sheet = openpyxl.load_workbook(back)["Rows to fix"]
    with (tmp_path / "corrected.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[cell.value for cell in row] for row in sheet])

    run_import(tmp_path / "corrected.csv", settings(tmp_path, sandbox))

    assert [contact["eventName"] for contact in contacts("iclosed")] == ["'=cmd"]


def test_a_row_that_a_person_adds_has_a_number_that_no_row_had(tmp_path: Path, sandbox: str) -> None:
    def change(sheet: Worksheet) -> None:
        put(sheet, "Email", "bo@example.com")
        sheet.cell(3, 2).value = "new@example.com"

    back = corrected(
        tmp_path, sandbox, change, "Email\nbo@\ncy@example.com\ndi@example.com\n", constants=(("tag", "t"),)
    )
    run_import(back, settings(tmp_path, sandbox))

    with (tmp_path / "again" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["import_row"] for row in csv.DictReader(file)] == ["2", "5"]


def later(path: Path) -> None:
    """As if it had been saved by a person a while after it was written."""
    moment = time.time() + 60
    os.utime(path, (moment, moment))


def test_what_a_person_has_changed_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Email\nana@example.com\nbo@\n", encoding="utf-8")
    with running(build_app(faults=[Fault("apply-close")])) as address:
        run = run_import(tmp_path / "people.csv", settings(tmp_path, address, "out")).run
        errors = tmp_path / "out" / "errors.csv"
        errors.write_text("corrected", encoding="utf-8")
        later(errors)
        resolve_run(
            run, Settings("iclosed", api_key="iclosed-k"), ResolveOptions(verdicts=(ManualVerdict(2, "absent"),))
        )

    assert (tmp_path / "out" / "errors-changed-1.csv").read_text(encoding="utf-8") == "corrected"
    assert (tmp_path / "out" / "errors.csv").read_text(encoding="utf-8-sig").startswith("row,column")


def test_a_file_of_the_users_own_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "result.csv").write_text("Email\nana@example.com\n", encoding="utf-8")

    check_file(tmp_path / "result.csv", Settings("iclosed", output=tmp_path))

    assert (tmp_path / "result-changed-1.csv").read_text(encoding="utf-8") == "Email\nana@example.com\n"


def test_reports_of_another_format_do_not_stay_behind(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Email\nbo@\n", encoding="utf-8")
    check_file(tmp_path / "people.csv", Settings("iclosed", output=tmp_path / "out", report_formats=("parquet",)))
    check_file(tmp_path / "people.csv", Settings("iclosed", output=tmp_path / "out"))

    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["errors.csv", "errors.xlsx", "report.html", "result.csv", "summary.json"]
