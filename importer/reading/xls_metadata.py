"""The second look at .xls, through xlrd, which knows formats, merged cells and what is hidden."""

from __future__ import annotations

from pathlib import Path

import xlrd

from importer.reading.number_format import DigitFormat, digit_format
from importer.reading.sheet_metadata import SheetMetadata


def read_xls_metadata(path: Path, sheet: str) -> SheetMetadata:
    """Look at a sheet. Damage is noted, not raised: calamine could read it."""
    seen = SheetMetadata()
    try:
        with xlrd.open_workbook(path, formatting_info=True, on_demand=True, logfile=_Nowhere()) as book:
            _look(book, book.sheet_by_name(sheet), seen)
    except Exception:  # noqa: BLE001 - xlrd raises whatever a damaged file makes it stumble over
        seen.failed = True
    return seen


class _Nowhere:
    """xlrd prints what it wonders about; that is not for the person who imports."""

    def write(self, _text: str) -> None:
        """Print nothing."""


def _look(book: xlrd.book.Book, sheet: xlrd.sheet.Sheet, seen: SheetMetadata) -> None:
    seen.merged = [(top, left, end - 1, right - 1) for top, end, left, right in sheet.merged_cells]
    seen.hidden_rows = sorted(row for row, info in sheet.rowinfo_map.items() if info.hidden)
    seen.hidden_columns = sorted(column for column, info in sheet.colinfo_map.items() if info.hidden)
    formats = {
        index: digit_format(book.format_map[style.format_key].format_str)
        for index, style in enumerate(book.xf_list)
        if style.format_key in book.format_map
    }
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind == xlrd.XL_CELL_BOOLEAN:
                seen.texts.append((row, column, "TRUE" if sheet.cell_value(row, column) else "FALSE"))
            elif kind == xlrd.XL_CELL_NUMBER:
                _number(row, column, sheet.cell_value(row, column), formats.get(sheet.cell_xf_index(row, column)), seen)


def _number(row: int, column: int, value: float, shown: DigitFormat | None, seen: SheetMetadata) -> None:
    if shown is not None and value >= 0 and value.is_integer() and value < 1e15:
        seen.texts.append((row, column, shown.shown(str(int(value)))))
    elif abs(value) >= 1e15 or len(repr(value)) > 16:
        seen.long_numbers.append((row, column, repr(value)))
