"""A workbook that is printed has all its columns on landscape pages."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet

from importer.pipeline import check_file, make_template
from importer.settings import Settings


def fits_landscape_pages(sheet: Worksheet) -> bool:
    page = sheet.page_setup
    fits = sheet.sheet_properties.pageSetUpPr is not None and sheet.sheet_properties.pageSetUpPr.fitToPage
    return bool(fits) and (page.orientation, page.fitToWidth, page.fitToHeight) == ("landscape", 1, 0)


def test_errors_xlsx_and_the_template_fit_landscape_pages(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text("Email,Status\nbo@,HOT\n", encoding="utf-8")
    check_file(tmp_path / "leads.csv", Settings("iclosed", output=tmp_path / "out"))
    make_template(Settings("iclosed"), tmp_path / "empty.xlsx")

    for name in ("out/errors.xlsx", "empty.xlsx"):
        assert fits_landscape_pages(openpyxl.load_workbook(tmp_path / name).worksheets[0])
