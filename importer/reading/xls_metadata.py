"""Reads the metadata of a sheet in .xls, through xlrd, which reports formats, merged cells and hidden rows."""

from __future__ import annotations

import contextlib
from pathlib import Path

import xlrd

from importer.reading.number_format import CellFormat, cell_format
from importer.reading.sheet_metadata import SheetMetadata


def read_xls_metadata(path: Path, sheet: str) -> SheetMetadata:
    """Return the metadata of a sheet. Damage sets ``unsearched`` and is not raised, as calamine may still read it."""
    for formatting in (True, False):  # formats are what xlrd stumbles over most often
        metadata = SheetMetadata(failed=not formatting)
        with contextlib.suppress(Exception):  # xlrd raises whatever a damaged file makes it stumble over
            with xlrd.open_workbook(path, formatting_info=formatting, on_demand=True, logfile=_NullFile()) as book:
                _read_sheet(book, book.sheet_by_name(sheet), metadata)
            return metadata
    return SheetMetadata(unsearched=True)


class _NullFile:
    """Discards the warnings that xlrd prints."""

    def write(self, _text: str) -> None:
        """Write nothing."""


def _read_sheet(book: xlrd.book.Book, sheet: xlrd.sheet.Sheet, metadata: SheetMetadata) -> None:
    metadata.since_1904 = book.datemode == 1
    metadata.merged = [(top, left, end - 1, right - 1) for top, end, left, right in sheet.merged_cells]
    metadata.hidden_rows = sorted(row for row, info in sheet.rowinfo_map.items() if info.hidden)
    for column in (column for column, info in sheet.colinfo_map.items() if info.hidden):
        metadata.hide_columns(column, column + 1)
    formats = {
        index: cell_format(book.format_map[style.format_key].format_str)
        for index, style in enumerate(book.xf_list)
        if style.format_key in book.format_map
    }
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind == xlrd.XL_CELL_BOOLEAN:
                metadata.texts.append((row, column, "TRUE" if sheet.cell_value(row, column) else "FALSE"))
            elif kind == xlrd.XL_CELL_ERROR:
                text = xlrd.error_text_from_code.get(sheet.cell_value(row, column), "#N/A")
                metadata.add_error(row, column, text)
            elif kind in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
                _read_number(
                    row,
                    column,
                    sheet.cell_value(row, column),
                    formats.get(sheet.cell_xf_index(row, column)) if formats else None,
                    metadata,
                )


def _read_number(row: int, column: int, value: float, format_: CellFormat | None, metadata: SheetMetadata) -> None:
    if format_ is not None and metadata.add_formatted(row, column, value, format_):
        return
    if abs(value) >= 1e15 or len(repr(value)) > 16:
        metadata.long_numbers.append((row, column, repr(value)))
