"""Workbooks, read as a person sees them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from importer.errors import FileError
from importer.model.table import Table
from importer.reading import prefetched_source, read_table
from importer.settings import Settings


def rows(table: Table) -> list[tuple[object, ...]]:
    return [row for batch in table.batches() for row in batch.frame.rows()]


@pytest.fixture
def book(tmp_path: Path) -> Path:
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "People"
    sheet["B3"], sheet["C3"], sheet["D3"], sheet["E3"] = "Name", "Phone", "Born", "Flag"
    sheet.append([None, "Zoé", 15551234567, dt.date(1990, 2, 28), True])
    sheet.append([])
    sheet.append([None, " y ", "0123", dt.datetime(1990, 2, 28, 10, 5), 1.5])  # noqa: DTZ001 - a cell has no zone
    sheet["C7"] = "#N/A"
    sheet["C7"].data_type = "e"
    sheet["B7"] = "Bo"
    made.create_sheet("More").append(["a", "b"])
    made["More"].append(["1", "2"])
    made.save(tmp_path / "f.xlsx")
    return tmp_path / "f.xlsx"


def test_row_numbers_are_the_sheets_own(book: Path) -> None:
    table = read_table(book, Settings("iclosed"))

    assert table.columns == ("Name", "Phone", "Born", "Flag")
    assert table.header_row == 3
    assert [row[0] for row in rows(table)] == [4, 6, 7]


def test_numbers_and_dates_are_texts_as_shown(book: Path) -> None:
    first, second, _ = rows(read_table(book, Settings("iclosed")))

    assert first[1:] == ("Zoé", "15551234567", "1990-02-28", "TRUE")
    assert second[1:] == (" y ", "0123", "1990-02-28 10:05:00", "1.5")


def test_an_error_value_is_marked_not_lost(book: Path) -> None:
    marks = [mark for batch in read_table(book, Settings("iclosed")).batches() for mark in batch.findings]

    assert [(mark.row, mark.column, mark.code) for mark in marks] == [(7, 1, "cell_error")]


@pytest.mark.parametrize("sheet", ["More", "2"])
def test_a_sheet_is_chosen_by_name_or_number(book: Path, sheet: str) -> None:
    assert rows(read_table(book, Settings("iclosed", sheet=sheet))) == [(2, "1", "2")]


def test_the_first_sheet_with_data_is_taken_and_the_others_named(book: Path) -> None:
    facts = read_table(book, Settings("iclosed")).facts

    assert facts.sheet == "People"
    assert "'More' (1 row) also has data" in facts.notes[0]


def test_a_sheet_that_is_not_there_is_named_with_those_that_are(book: Path) -> None:
    with pytest.raises(FileError, match="'People', 'More'"):
        read_table(book, Settings("iclosed", sheet="Other"))


def test_another_writers_workbook_reads_the_same(tmp_path: Path) -> None:
    made = xlsxwriter.Workbook(str(tmp_path / "f.xlsx"))
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, ["name", "n"])
    sheet.write_row(2, 0, ["Ana", 7])
    made.close()

    assert rows(read_table(tmp_path / "f.xlsx", Settings("iclosed"))) == [(3, "Ana", "7")]


def test_an_empty_workbook_says_so(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "f.xlsx")

    with pytest.raises(FileError, match="empty"):
        read_table(tmp_path / "f.xlsx", Settings("iclosed"))


def test_a_workbook_named_csv_is_recognised(book: Path) -> None:
    renamed = book.rename(book.with_suffix(".csv"))

    with pytest.raises(FileError, match="is a workbook although"):
        read_table(renamed, Settings("iclosed"))


def test_what_is_read_ahead_is_what_would_be_read(book: Path, tmp_path: Path) -> None:
    single = tmp_path / "single.xlsx"
    made = openpyxl.Workbook()
    assert made.active is not None
    made.active.append(["Name", "Phone"])
    made.active.append(["Zoé", "0123"])
    made.save(single)

    for path in (book, single):
        plain = read_table(path, Settings("iclosed"))
        with prefetched_source(path, Settings("iclosed")):
            ahead = read_table(path, Settings("iclosed"))
            again = read_table(path, Settings("iclosed"))
        assert rows(plain) == rows(ahead) == rows(again)
        assert plain.facts == ahead.facts


def test_what_is_wrong_with_a_workbook_is_told_where_it_is_asked_for(tmp_path: Path) -> None:
    broken, missing = tmp_path / "broken.xlsx", tmp_path / "missing.xlsx"
    broken.write_bytes(b"PK\x03\x04 and no more")

    with prefetched_source(missing, Settings("iclosed")), pytest.raises(FileError, match="there is no such file"):
        read_table(missing, Settings("iclosed"))
    with prefetched_source(broken, Settings("iclosed")):
        pass
    with prefetched_source(broken, Settings("iclosed")), pytest.raises(FileError, match="cannot be read as a workbook"):
        read_table(broken, Settings("iclosed"))
