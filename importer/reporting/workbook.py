"""errors.xlsx: the rows that need a person, in their own columns, as text, with the bad cells filled and commented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from importer.records import PROBLEM_COLUMNS

ROWS_A_SHEET = 1_000_000
LONGEST_CELL = 32_767
BAD = PatternFill("solid", fgColor="FFD7D7")
DOUBTFUL = PatternFill("solid", fgColor="FFF2CC")
HEAD = PatternFill("solid", fgColor="E7E6E6")
BOLD = Font(bold=True)
TOP = Alignment(vertical="top", wrap_text=True)


class ErrorsWorkbook:
    """Begun when the first row needs a person; there is no file when none does."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        self._path = path
        self._columns = columns
        self._book: Workbook | None = None
        self._rows: Any = None
        self._problems: Any = None
        self._written = 0

    def add(self, rows: pl.DataFrame, problems: pl.DataFrame, cells: Sequence[str]) -> None:
        """Add rows (``row`` and the named cells) with all that is known about them."""
        if not rows.height:
            return
        by_row: dict[int, list[dict[str, Any]]] = {}
        for problem in problems.iter_rows(named=True):
            by_row.setdefault(problem["row"], []).append(problem)
        for values in rows.select("row", *cells).iter_rows():
            found = by_row.get(values[0], [])
            self._sheet().append(self._line(values[0], values[1:], found))
            for problem in found:
                self._problems.append([self._text(problem[name]) for name in PROBLEM_COLUMNS])

    def close(self) -> Path | None:
        """Write the file, if there is anything in it."""
        if self._book is None:
            return None
        self._book.save(self._path)
        return self._path

    def _sheet(self) -> Any:
        if self._book is None:
            self._book = Workbook(write_only=True)
            self._begin()
            self._problems = self._book.create_sheet("Problems")
            self._problems.freeze_panes = "A2"
            self._problems.append([self._head(name) for name in PROBLEM_COLUMNS])
        elif self._written and self._written % ROWS_A_SHEET == 0:
            self._begin()
        self._written += 1
        return self._rows

    def _begin(self) -> None:
        assert self._book is not None  # noqa: S101 - made by the caller
        number = self._written // ROWS_A_SHEET + 1
        self._rows = self._book.create_sheet("Rows to fix" if number == 1 else f"Rows to fix {number}", number - 1)
        self._rows.freeze_panes = "B2"
        header = ["import_row", *self._columns, "import_problems"]
        self._rows.auto_filter.ref = f"A1:{get_column_letter(len(header))}1"
        for index, name in enumerate(header, start=1):
            width = 60 if name == "import_problems" else min(max(len(name) + 3, 14), 40)
            self._rows.column_dimensions[get_column_letter(index)].width = width
        self._rows.append([self._head(name) for name in header])

    def _line(self, row: int, values: Sequence[str | None], found: Iterable[Mapping[str, Any]]) -> list[Any]:
        by_column: dict[str, list[Mapping[str, Any]]] = {}
        for problem in found:
            by_column.setdefault(problem["column"], []).append(problem)
        line: list[Any] = [row]
        for name, value in zip(self._columns, values, strict=True):
            cell = self._text(value)
            if name and name in by_column:
                worst = any(problem["severity"] == "error" for problem in by_column[name])
                cell.fill = BAD if worst else DOUBTFUL
                words = "\n".join(f"{problem['message']}. {problem['hint']}" for problem in by_column[name])
                cell.comment = Comment(ILLEGAL_CHARACTERS_RE.sub(" ", words)[:1000], "contact-importer", 120, 320)
            line.append(cell)
        words = "; ".join(f"{problem['column'] or 'row'}: {problem['message']}" for problem in found)
        summary = self._text(words)
        summary.alignment = TOP
        return [*line, summary]

    def _head(self, name: str) -> Any:
        cell = self._text(name)
        cell.font, cell.fill = BOLD, HEAD
        return cell

    def _text(self, value: Any) -> Any:
        """A text cell, whatever it begins with; what a workbook cannot hold is shown as a blank."""
        text = "" if value is None else ILLEGAL_CHARACTERS_RE.sub(" ", str(value))[:LONGEST_CELL]
        cell = WriteOnlyCell(self._rows, value=text or None)
        if text:
            cell.data_type = "s"
        cell.number_format = "@"
        return cell
