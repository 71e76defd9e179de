"""What calamine does not tell of a sheet: how numbers are shown, which cells are merged or hidden, what is missing.

Each kind of workbook has a module that returns a ``SheetMetadata``. Rows and columns count from 0, from the sheet's
own first.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_LONG_NUMBER = re.compile(r"^-?(?:[0-9]{16,}|[0-9]+\.[0-9]{10,})$")
FORMULA_WITHOUT_VALUE = "formula_without_value"
DIGITS_LOST = "digits_lost"
CELL_ERROR = "cell_error"
KEPT_DIGITS = 15

UNREADABLE = (
    KeyError, ValueError, OSError, EOFError, StopIteration, ET.ParseError, NotImplementedError, RuntimeError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip
"""What a damaged zip, or damaged XML in it, makes the standard library raise."""


@dataclass(slots=True)
class SheetMetadata:
    """What a look found: texts as they are shown, long numbers, marked cells, merged blocks, what is hidden."""

    texts: list[tuple[int, int, str]] = field(default_factory=list)
    long_numbers: list[tuple[int, int, str]] = field(default_factory=list)
    marks: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    """Top, left, bottom and right, all of them inside the block."""
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    failed: bool = False
    """Whether the look could not be completed, or not be taken at all."""
    formulas: bool = False
    uncalculated: bool = False
    """Whether the program that wrote the formulas did not calculate them, so that their values may be made up."""

    def numbers_as_kept(self, frame: pl.DataFrame, first: int) -> None:
        """The long numbers among the cells, with the digits that spreadsheets keep; marked where that loses some.

        ``frame`` has the cells from column ``first`` on: a date is a long number in the file, and a date there.
        """
        for row, column, value in self.long_numbers:
            inside = row < frame.height and 0 <= column - first < frame.width
            if inside and _LONG_NUMBER.match(frame[row, column - first] or ""):
                text, lost = as_kept(float(value))
                self.texts.append((row, column, text))
                self.marks += [(row, column, DIGITS_LOST)] if lost else []


def look(path: Path, sheet: str) -> SheetMetadata:
    """Look at a sheet once more."""
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        from importer.reading.xlsx_metadata import read_xlsx_metadata

        return read_xlsx_metadata(path, sheet)
    if suffix == ".ods":
        from importer.reading.ods_metadata import read_ods_metadata

        return read_ods_metadata(path, sheet)
    if suffix == ".xls":
        from importer.reading.xls_metadata import read_xls_metadata

        return read_xls_metadata(path, sheet)
    return SheetMetadata(failed=True)


def as_kept(number: float) -> tuple[str, bool]:
    """A number with the fifteen digits that spreadsheets keep, never as a power of ten; whether it may have had more.

    ``0.30000000000000004`` is shown, and was typed, as ``0.3``; of ``1234567890123456`` the last digit is lost.
    """
    text = f"{Decimal(f'{number:.{KEPT_DIGITS}g}'):f}"
    whole = number.is_integer()
    return (text.partition(".")[0] if whole else text), whole and abs(number) >= 10**KEPT_DIGITS
