"""Metadata of a sheet that calamine does not report: number formats, merged cells, hidden rows, missing values.

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
from typing import TYPE_CHECKING

from importer.reading.number_format import CellFormat, HiddenFormat, YearlessDateFormat

if TYPE_CHECKING:
    import polars as pl

_LONG_NUMBER = re.compile(r"^-?(?:[0-9]{16,}|[0-9]+\.[0-9]{10,})$")
FORMULA_WITHOUT_VALUE = "formula_without_value"
DIGITS_LOST = "digits_lost"
CELL_ERROR = "cell_error"
NUMBER_AS_DATE = "number_as_date"
HIDDEN_VALUE = "hidden_value"
MOST_COLUMNS = 1 << 14
SIGNIFICANT_DIGITS = 15
"""Digits that spreadsheet programs keep of a number."""

# Errors of the standard library for a damaged zip file, or for damaged XML in it.
DAMAGE_ERRORS = (
    KeyError, ValueError, OSError, EOFError, StopIteration, ET.ParseError, NotImplementedError, RuntimeError,
    zipfile.BadZipFile, zlib.error,
)  # fmt: skip


@dataclass(slots=True)
class SheetMetadata:
    """Metadata of one sheet, collected while its file is read.

    ``texts`` are cells with the text that a person sees, ``long_numbers`` numbers with more digits than spreadsheets
    keep, ``findings`` cells with the code of a problem. ``merged`` are blocks as top, left, bottom and right, all
    inclusive, ``totals_rows`` the rows with the totals of tables. ``failed`` is True if the metadata is incomplete,
    ``unsearched`` if not even the cells could be searched for errors, which calamine reads as blank. ``has_formulas``
    is True if the sheet has formulas, and ``uncalculated`` if the program that wrote the workbook did not calculate
    them, so that their values may be wrong. ``since_1904`` is True if the workbook counts days from 1904-01-01.
    """

    texts: list[tuple[int, int, str]] = field(default_factory=list)
    long_numbers: list[tuple[int, int, str]] = field(default_factory=list)
    findings: list[tuple[int, int, str]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden: bytearray = field(default_factory=bytearray)
    totals_rows: list[int] = field(default_factory=list)
    failed: bool = False
    unsearched: bool = False
    since_1904: bool = False
    has_formulas: bool = False
    uncalculated: bool = False

    @property
    def hidden_columns(self) -> list[int]:
        """The hidden columns."""
        return [column for column, is_hidden in enumerate(self.hidden) if is_hidden]

    def hide_columns(self, first: int, end: int) -> None:
        """Add hidden columns up to ``end``, which is not included. A file may name the same ones very often."""
        end = min(end, MOST_COLUMNS)
        self.hidden = self.hidden.ljust(MOST_COLUMNS, b"\0")
        self.hidden[first:end] = b"\1" * (end - first)

    def add_error(self, row: int, column: int, text: str) -> None:
        """Add a cell that shows a formula's error, such as ``#N/A``."""
        self.findings.append((row, column, CELL_ERROR))
        self.texts.append((row, column, text))

    def add_formatted(self, row: int, column: int, value: float, format_: CellFormat) -> bool:
        """Add a number as its format shows it. Return False if the number is shown as it is."""
        if isinstance(format_, YearlessDateFormat):
            self.findings.append((row, column, NUMBER_AS_DATE))
            return True
        if isinstance(format_, HiddenFormat):
            self.findings.append((row, column, HIDDEN_VALUE))
            return True
        text = format_.show(value)
        if text is not None:
            self.texts.append((row, column, text))
        return text is not None

    def round_long_numbers(self, frame: pl.DataFrame, first_column: int) -> None:
        """Add the long numbers to ``texts`` as spreadsheets show them, and to ``findings`` if digits are lost.

        ``frame`` has the cells from ``first_column`` on. It tells which of them are numbers: a date is stored as a long
        number, too.
        """
        for row, column, value in self.long_numbers:
            inside = row < frame.height and 0 <= column - first_column < frame.width
            if inside and _LONG_NUMBER.match(frame[row, column - first_column] or ""):
                text, lost = round_number(float(value))
                self.texts.append((row, column, text))
                self.findings += [(row, column, DIGITS_LOST)] if lost else []


def round_number(number: float) -> tuple[str, bool]:
    """Return a number with the digits that spreadsheets keep, never as a power of ten; True if it may have had more.

    ``0.30000000000000004`` is shown, and was typed, as ``0.3``; of ``1234567890123456`` the last digit is lost.
    """
    text = f"{Decimal(f'{number:.{SIGNIFICANT_DIGITS}g}'):f}"
    whole = number.is_integer()
    return (text.partition(".")[0] if whole else text), whole and abs(number) >= 10**SIGNIFICANT_DIGITS
