"""Rows that are no records end as skipped, with a reason, in every report; rows that identify nobody are held."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.table import Table

from importer.cli.summary_text import summary_text
from importer.errors import MappingError
from importer.model.status import Status
from importer.model.summary import Summary
from importer.model.table import Batch
from importer.pipeline import check_file, resume_run, review_check, run_import
from importer.runs.review import CheckReview, ProblemQuery
from importer.runs.row_filters import FEWEST_ROWS, join_short_batches
from importer.settings import Settings

Contacts = Callable[[str], list[dict[str, Any]]]
REPORT = (
    "First Name,Last Name,Email,Phone,Country\n"
    "Ana,Ax,ana@example.com,+12025550101,US\n"
    "First Name,Last Name,Email,Phone,Country\n"
    "Bo,Berg,bo@example.com,+12025550102,US\n"
    ",,,,\n"
    "Grand Totals (2 records),,,,\n"
    "Confidential,,,,\n"
)


def settings(tmp_path: Path, sandbox: str, **other: Any) -> Settings:
    where = {"base_url": f"{sandbox}/iclosed", "api_key": "iclosed-k", "state_dir": tmp_path / "state"}
    return Settings("iclosed", output=tmp_path / "out", rate=1000.0, **where, **other)


def counted(summary: Summary) -> dict[str, int]:
    return {str(status): count for status, count in summary.counts.items() if count}


def results(tmp_path: Path) -> dict[int, tuple[str, str, str]]:
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        return {
            int(row["import_row"]): (row["import_status"], row["import_code"], row["import_message"])
            for row in csv.DictReader(file)
        }


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_skipped_rows_are_counted_and_never_sent(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    summary = run_import(write(tmp_path, REPORT), settings(tmp_path, sandbox))

    assert counted(summary) == {"created": 2, "skipped": 3}
    assert sum(summary.counts.values()) == summary.rows == 5
    assert summary.exit_code == 0
    assert summary.problems == summary.warnings == {}
    assert [contact["email"] for contact in contacts("iclosed")] == ["ana@example.com", "bo@example.com"]


def test_every_report_says_which_rows_and_why(tmp_path: Path, sandbox: str) -> None:
    summary = run_import(write(tmp_path, REPORT), settings(tmp_path, sandbox))

    assert results(tmp_path)[3] == ("skipped", "repeated_header", "repeats the names of the columns")
    assert results(tmp_path)[6] == ("skipped", "totals_row", "contains totals, not a contact")
    assert results(tmp_path)[7][:2] == ("skipped", "report_footer")
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["counts"]["skipped"] == 3
    assert "repeated_header" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "1 × repeated_header      row 3" in summary_text(summary)
    assert (tmp_path / "out" / "errors.csv").read_text(encoding="utf-8-sig").count("\n") == 1
    assert not (tmp_path / "out" / "errors.xlsx").exists()


def test_a_run_with_skipped_rows_is_resumed_and_its_result_imported_again(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    said = settings(tmp_path, sandbox)
    first = run_import(write(tmp_path, REPORT), said)
    (tmp_path / "out" / "result.csv").rename(tmp_path / "again.csv")

    assert counted(resume_run(first.run, said)) == counted(first)
    assert counted(run_import(tmp_path / "again.csv", said)) == {"already_done": 2, "skipped": 3}
    assert len(contacts("iclosed")) == 2


def test_what_a_skipped_row_holds_is_not_cleaned_and_proves_nothing(tmp_path: Path, sandbox: str) -> None:
    text = (
        "Email,Phone,Joined Time\nana@example.com,+1 202 555 0101,31/01/2026 10:00\n"
        "Email,Phone,Joined Time\nbo@example.com,+12025550102,05/02/2026 10:00\n"
    )
    summary = check_file(write(tmp_path, text), settings(tmp_path, sandbox, timezone="UTC"))

    assert counted(summary) == {"valid": 2, "skipped": 1}
    assert summary.changes["phone"] == 1


def test_a_totals_row_of_a_table_is_skipped_whatever_is_in_it(tmp_path: Path, sandbox: str) -> None:
    book = openpyxl.Workbook()
    for row in (("Name", "Email", "Phone"), ("Ana", "a@example.com", "+12025550101"), ("All", None, "12025550101")):
        book.active.append(row)
    book.active.add_table(Table(displayName="Leads", ref="A1:C3", totalsRowCount=1))
    book.save(tmp_path / "leads.xlsx")

    check_file(tmp_path / "leads.xlsx", settings(tmp_path, sandbox, columns=(("Name", "firstName"),)))

    assert results(tmp_path)[3][:2] == ("skipped", "totals_row")


def test_a_doubtful_row_is_held_until_somebody_decides(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    said = settings(tmp_path, sandbox)
    summary = run_import(write(tmp_path, REPORT + "Example Corp,,,,\n"), said)
    workbook = summary.outputs["workbook"].rename(tmp_path / "errors.xlsx")
    again = run_import(workbook, said)
    book = openpyxl.load_workbook(workbook)
    book.worksheets[0]["D2"] = "corp@example.com"
    book.save(workbook)
    corrected = run_import(workbook, said)

    assert summary.problems == {"may_be_no_record": 1}
    assert counted(again) == {"invalid": 1}
    assert counted(corrected) == {"created": 1}
    assert contacts("iclosed")[-1]["email"] == "corp@example.com"


def test_a_constant_alone_makes_no_contact(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    text = "First Name,Email,Country,Question\nAna,ana@example.com,,How much?\n,,,When?\n,,US,\n"

    summary = run_import(write(tmp_path, text), settings(tmp_path, sandbox, constants=(("tag", "spring"),)))

    assert counted(summary) == {"created": 1, "invalid": 2}
    assert summary.problems == {"only_constants": 1, "unidentified": 1}
    assert len(contacts("iclosed")) == 1


def test_people_of_whom_only_the_country_is_known_are_no_duplicates(tmp_path: Path, sandbox: str) -> None:
    summary = check_file(
        write(tmp_path, "Phone,Country\n+12025550101,US\n" + ",US\n" * 29), settings(tmp_path, sandbox)
    )

    assert counted(summary) == {"valid": 1, "invalid": 29}


def test_a_file_of_which_no_column_maps_stops_whatever_is_constant(tmp_path: Path, sandbox: str) -> None:
    path = write(tmp_path, "SKU,Price,Stock\nA-100,9.90,4\n")

    with pytest.raises(MappingError, match=r"'SKU', 'Price', 'Stock'.*--map"):
        run_import(path, settings(tmp_path, sandbox, constants=(("tag", "spring"),)))


def test_a_kept_check_shows_no_skipped_row_among_the_problems(tmp_path: Path, sandbox: str) -> None:
    said = settings(tmp_path, sandbox)
    review_check(write(tmp_path, REPORT), said, tmp_path / "kept")

    page = CheckReview(tmp_path / "kept", said).problems(ProblemQuery())

    assert (page.rows, page.invalid, page.skipped, page.cells) == (5, 0, 3, ())


def test_the_lines_at_the_end_are_seen_together() -> None:
    frames = [
        pl.DataFrame({"row": [number] * height}) for number, height in ((1, FEWEST_ROWS), (2, FEWEST_ROWS), (3, 2))
    ]

    joined = [(batch.frame.height, is_end) for batch, is_end in join_short_batches(map(Batch, frames))]

    assert joined == [(FEWEST_ROWS, False), (FEWEST_ROWS + 2, True)]
    assert list(join_short_batches([])) == []


def test_skipping_ends_with_code_0() -> None:
    assert Status.SKIPPED.info.exit_code == 0


def test_names_of_several_people_and_calling_codes_for_countries_are_held(tmp_path: Path, sandbox: str) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text(
        'firstName = { column = "Name", part = "first" }\nlastName = { column = "Name", part = "last" }\n'
        'country = "Country"\n'
    )
    path = write(tmp_path, "Name,Country\nAna & Bo Ax,US\nCy Dahl,+1\nDi Ek,US\n")

    summary = check_file(path, settings(tmp_path, sandbox, mapping=mapping))

    assert (summary.counts[Status.INVALID], summary.counts[Status.VALID]) == (2, 1)
    assert {"name_not_split", "calling_code_as_country"} <= set(summary.problems)
