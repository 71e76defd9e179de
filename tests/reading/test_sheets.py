"""Cells and sheets of a workbook, as a person sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from importer.model.table import Table
from importer.reading import read_table
from importer.settings import Settings

Fill = Callable[[xlsxwriter.Workbook], None]


def opened(folder: Path, fill: Fill, sheet: str | None = None) -> Table:
    made = xlsxwriter.Workbook(str(folder / "f.xlsx"))
    fill(made)
    made.close()
    return read_table(folder / "f.xlsx", Settings("iclosed", sheet=sheet))


def rows(table: Table) -> list[tuple[object, ...]]:
    return [row for batch in table.batches() for row in batch.frame.rows()]


def marks(table: Table) -> list[tuple[object, ...]]:
    return [(mark.row, mark.column, mark.code) for batch in table.batches() for mark in batch.findings]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (15551234567, "15551234567"),
        (7.0, "7"),
        (0.5, "0.5"),
        (-3, "-3"),
        (123456789012345, "123456789012345"),
        ("0123", "0123"),
        (" x ", " x "),
        (True, "TRUE"),
    ],
)
def test_a_cell_is_the_text_a_person_sees(tmp_path: Path, value: object, text: str) -> None:
    table = opened(tmp_path, lambda book: book.add_worksheet().write_column(0, 0, ["h", value]))

    assert rows(table) == [(2, text)]


def test_dates_lose_the_midnight_that_nobody_typed(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["day", "moment"])
        sheet.write_datetime(1, 0, dt.date(1990, 2, 28), day)
        sheet.write_datetime(1, 1, dt.datetime(1990, 2, 28, 10, 5, 30), day)  # noqa: DTZ001 - a cell has no zone

    assert rows(opened(tmp_path, fill)) == [(2, "1990-02-28", "1990-02-28 10:05:30")]


def test_zeros_that_a_number_format_shows_are_not_lost_in_silence(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("Other").write_row(0, 0, ["a", "b"])
        sheet = book.add_worksheet("Leads")
        padded = book.add_format({"num_format": "00000"})
        sheet.write_row(2, 1, ["zip", "name", "score"])
        sheet.write_number(3, 1, 1234, padded)
        sheet.write_number(4, 1, 98765, padded)
        sheet.write_number(5, 1, 123456, padded)
        sheet.write_string(6, 1, "12", padded)
        sheet.write_number(7, 1, 0.5, padded)
        sheet.write_number(8, 1, 7, book.add_format({"num_format": "000;-000"}))
        sheet.write_number(9, 1, 7)
        for row in range(3, 10):
            sheet.write_number(row, 3, 7, book.add_format({"num_format": "0.00"}))

    table = opened(tmp_path, fill, "Leads")

    assert [row[1] for row in rows(table)] == ["01234", "98765", "123456", "12", "0.5", "007", "7"]
    assert {row[3] for row in rows(table)} == {"7"}


def test_zeros_in_front_are_seen_in_what_another_program_wrote(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["zip", "name"])
    sheet.append([501, "Ana"])
    sheet["A2"].number_format = "00000"
    book.save(tmp_path / "f.xlsx")

    assert rows(read_table(tmp_path / "f.xlsx", Settings("iclosed"))) == [(2, "00501", "Ana")]


def test_currencies_are_read_and_hidden_values_are_marked(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Name", "Budget", "Code"])
        for row, (sign, code) in enumerate([("$#,##0.00", '"INV-"0'), ("#,##0.00 [$€-407]", ";;;")], 1):
            sheet.write_string(row, 0, "Ana")
            sheet.write_number(row, 1, 1234.5, book.add_format({"num_format": sign}))
            sheet.write_number(row, 2, 7, book.add_format({"num_format": code}))

    table = opened(tmp_path, fill)

    assert rows(table) == [(2, "Ana", "$1234.50", "INV-7"), (3, "Ana", "1234.50 €", "7")]
    assert marks(table) == [(3, 2, "hidden_value")]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?"])
def test_every_error_value_is_marked(tmp_path: Path, error: str) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(2, 1, ["a", "b"])
        sheet.write_formula(3, 2, "=NA()", None, error)
        sheet.write(3, 1, "x")

    assert marks(opened(tmp_path, fill)) == [(4, 1, "cell_error")]


def test_a_row_with_nothing_but_an_error_value_is_a_row(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_column(0, 0, ["phone", "+1555"])
        sheet.write_formula(2, 0, "=NA()", None, "#N/A")
        sheet.write(3, 0, "+1556")

    table = opened(tmp_path, fill)

    assert marks(table) == [(3, 0, "cell_error")]
    assert [row[0] for row in rows(table)] == [2, 3, 4]


def test_a_table_that_begins_far_down_and_right_keeps_the_sheets_numbers(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(9, 3, ["a", "b"])
        sheet.write_row(12, 3, ["1", "2"])
        book.add_worksheet().write_column(0, 0, ["x", "y"])

    table = opened(tmp_path, fill)

    assert (table.header_row, table.columns, rows(table)) == (10, ("a", "b"), [(13, "1", "2")])


def test_hidden_and_empty_sheets_are_passed_over(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("Empty")
        book.add_worksheet("Data").write_column(0, 0, ["x", "y"])
        hidden = book.add_worksheet("Hidden")
        hidden.write_column(0, 0, ["p", "q"])
        hidden.hide()

    table = opened(tmp_path, fill)

    assert (table.facts.sheet, rows(table)) == ("Data", [(2, "y")])
    assert table.facts.notes == ("the sheet 'Data' was read; 'Hidden' (1 row) also has data (choose with --sheet)",)


def test_a_sheet_whose_name_is_a_number_is_chosen_by_its_name_first(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("2").write_column(0, 0, ["x", "by name"])
        book.add_worksheet("Other").write_column(0, 0, ["x", "by number"])

    assert rows(opened(tmp_path, fill, sheet="2")) == [(2, "by name")]


def test_cells_right_of_the_header_are_columns_without_a_name(tmp_path: Path) -> None:
    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["a"])
        sheet.write_row(1, 0, ["1", "stray", " "])

    assert opened(tmp_path, fill).columns == ("a", "")
