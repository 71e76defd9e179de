"""A table of Excel marks its totals row itself."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.table import Table

from importer.reading import find_totals_rows


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    for title, totals in (("Leads", 1), ("Other", 0)):
        sheet = book.active if title == "Leads" else book.create_sheet(title)
        sheet.title = title
        for row in (("Name", "Amount"), ("Ana", 1), ("Bo", 2), ("Together", 3)):
            sheet.append(row)
        table = Table(displayName=f"T{title}", ref="A1:B4", totalsRowCount=totals or None)
        sheet.add_table(table)
    path = tmp_path / "leads.xlsx"
    book.save(path)
    return path


def test_the_totals_row_is_that_of_its_sheet(workbook: Path) -> None:
    assert find_totals_rows(workbook, "Leads") == {4}
    assert find_totals_rows(workbook, "Other") == frozenset()


def test_other_files_have_none(tmp_path: Path) -> None:
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 no archive")

    assert find_totals_rows(tmp_path / "broken.xlsx", "Leads") == frozenset()
    assert find_totals_rows(tmp_path / "missing.xlsx", "Leads") == frozenset()
    assert find_totals_rows(tmp_path / "leads.csv", None) == frozenset()
