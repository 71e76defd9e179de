"""errors.xlsx: the rows that need a person, in their own columns, as text, with the bad cells filled and commented."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

ROWS_A_SHEET = 1_000_000
LONGEST_CELL = 32_767
LONGEST_COMMENT = 1_000
PROBLEM_COLUMNS = ("row", "column", "value", "severity", "message", "hint")
# What XML 1.0 cannot hold; a workbook with one of these cannot be opened.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class ErrorsWorkbook:
    """Begun when the first row needs a person; there is no file when none does."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        self._columns = columns
        self._book: xlsxwriter.Workbook | None = None
        self._formats: dict[str, Format] = {}
        self._rows: Worksheet | None = None
        self._problems: Worksheet | None = None
        self._row_count = 0
        self._problem_count = 0

    def add(self, rows: pl.DataFrame, problems: pl.DataFrame, cells: Sequence[str]) -> None:
        """Add rows (``row`` and the named cells) with all that is known about them."""
        by_row: dict[int, list[dict[str, Any]]] = {}
        for problem in problems.iter_rows(named=True):
            by_row.setdefault(problem["row"], []).append(problem)
        for values in rows.select("row", *cells).iter_rows():
            found = by_row.get(values[0], [])
            self._add_row(values[0], values[1:], found)
            for problem in found:
                self._add_problem(problem)

    def close(self) -> Path | None:
        """Write the file, if there is anything in it."""
        if self._book is None:
            return None
        self._book.close()
        return self._path

    def _add_row(self, row: int, values: Sequence[str | None], found: Sequence[dict[str, Any]]) -> None:
        line = self._row_count % ROWS_A_SHEET + 1
        if line == 1:
            self._begin_sheet()
        sheet = self._rows
        assert sheet is not None  # noqa: S101 - begun above
        by_column: dict[str, list[dict[str, Any]]] = {}
        for problem in found:
            by_column.setdefault(problem["column"], []).append(problem)
        sheet.write_number(line, 0, row)
        for index, (name, value) in enumerate(zip(self._columns, values, strict=True), start=1):
            here = by_column.get(name) if name else None
            if here:
                worst = any(problem["severity"] == "error" for problem in here)
                sheet.write(line, index, _text(value), self._formats["bad" if worst else "doubtful"])
                words = "\n".join(f"{problem['message']}. {problem['hint']}" for problem in here)
                sheet.write_comment(line, index, _text(words)[:LONGEST_COMMENT], {"x_scale": 2, "author": ""})
            elif value:
                sheet.write_string(line, index, _text(value), self._formats["text"])
        words = "; ".join(f"{problem['column'] or 'row'}: {problem['message']}" for problem in found)
        sheet.write_string(line, len(self._columns) + 1, _text(words), self._formats["text"])
        self._row_count += 1

    def _add_problem(self, problem: dict[str, Any]) -> None:
        line = self._problem_count + 1
        if self._problems is None or line > ROWS_A_SHEET:
            return  # errors.csv has them all
        self._problems.write_number(line, 0, problem["row"])
        for index, name in enumerate(PROBLEM_COLUMNS[1:], start=1):
            if problem[name]:
                self._problems.write_string(line, index, _text(problem[name]), self._formats["text"])
        self._problem_count += 1

    def _begin_sheet(self) -> None:
        if self._book is None:
            self._begin_book()
        assert self._book is not None  # noqa: S101 - begun above
        number = self._row_count // ROWS_A_SHEET + 1
        if self._rows is None:
            self._rows = self._book.add_worksheet("Rows to fix")
            self._problems = self._book.add_worksheet("Problems")
            self._problems.freeze_panes(1, 1)
            self._problems.set_column(0, len(PROBLEM_COLUMNS), 18, self._formats["text"])
            for index, name in enumerate(PROBLEM_COLUMNS):
                self._problems.write_string(0, index, name, self._formats["head"])
        else:
            self._rows = self._book.add_worksheet(f"Rows to fix {number}")
        header = ["import_row", *self._columns, "import_problems"]
        self._rows.freeze_panes(1, 1)
        self._rows.autofilter(0, 0, 0, len(header) - 1)
        for index, name in enumerate(header):
            width = 80 if name == "import_problems" else min(max(len(name) + 4, 14), 40)
            self._rows.set_column(index, index, width, self._formats["text"])
            self._rows.write_string(0, index, _text(name), self._formats["head"])

    def _begin_book(self) -> None:
        self._book = xlsxwriter.Workbook(str(self._path), _OPTIONS)
        looks: dict[str, dict[str, Any]] = {
            "text": {},
            "bad": {"bg_color": "#FFC7CE"},
            "doubtful": {"bg_color": "#FFF2CC"},
            "head": {"bold": True, "bg_color": "#E7E6E6"},
        }
        self._formats = {name: self._book.add_format({"num_format": "@", **look}) for name, look in looks.items()}


def _text(value: str | None) -> str:
    """What a workbook can hold of a text: characters XML has no place for become blanks."""
    text = value or ""
    if _ILLEGAL.search(text):
        text = _ILLEGAL.sub(" ", text)
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"
