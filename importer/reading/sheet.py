"""One sheet: calamine's cells and what the second look saw, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from importer.errors import FileError
from importer.model.table import Mark, column_letters
from importer.reading.header_detection import LOOKED_AT, could_be_names, find_header
from importer.reading.sheet_metadata import CELL_ERROR, SheetMetadata
from importer.reading.table_layout import cell_names, titles_note

MERGED = "merged_cells"
OURS = "import_"
"""Columns of our own reports: that one of them is hidden is nothing to tell."""
NEAR = 1000
"""Rows among which a header is looked for first."""
MOST_NAMED = 5
MOST_HEADER_ROWS = 3


class Sheet:
    """The cells of a sheet from its first row and from its first column that has a value."""

    def __init__(
        self, path: Path, frame: pl.DataFrame, first: int, errors: Sequence[tuple[int, int, str]], seen: SheetMetadata
    ) -> None:
        seen.numbers_as_kept(frame, first)
        self._path = path
        self._first = first
        self._seen = seen
        corrected = {(row, column - first) for row, column, _ in seen.texts}
        errors = [error for error in errors if error[:2] not in corrected]
        self._marks = [(row, column, CELL_ERROR) for row, column, _ in errors]
        self._marks += [(row, column - first, code) for row, column, code in seen.marks]
        texts = [(row, column - first, text) for row, column, text in seen.texts]
        self.frame = _with_texts(frame, [*texts, *errors])
        self._full: pl.Series | None = None

    def header(self, wanted: int | None) -> int:
        """The index of the header's row; its last, when cells of it are merged downwards by a row or two.

        Raises FileError.
        """
        if wanted is not None:
            if not 1 <= wanted <= self.frame.height:
                raise FileError(f"{self._path}: has no row {wanted} to take as the header (--header-row)")
            header = wanted - 1
        else:
            top = _filled(self.frame.head(NEAR)).arg_true().head(LOOKED_AT)
            if top.len() < LOOKED_AT:
                top = self._filled().arg_true().head(LOOKED_AT)
            if not top.len():
                raise FileError(f"{self._path}: has no header; its first row must name the columns")
            header = int(top[find_header(self.frame[top].rows())])
            header = self._last_of_header(header)
        self._leave_out_empty_edge(header)
        return header

    def _last_of_header(self, header: int) -> int:
        """The last row of a header in which cells are merged downwards, if what it takes in could be names."""
        lows = [low for high, _, low, _ in self._seen.merged if high == header]
        last = max([header, *(low for low in lows if low < min(header + MOST_HEADER_ROWS, self.frame.height))])
        names = all(could_be_names(self.frame.row(row)) for row in range(header + 1, last + 1))
        return last if names else header

    def names(self, header: int) -> list[str | None]:
        """The header's cells; where they are merged downwards, the text of the block."""
        names = list(self.frame.row(header))
        for top, left, bottom, right in self._seen.merged:
            if top < header <= bottom and 0 <= left - self._first < len(names):
                for column in range(left - self._first, min(right - self._first + 1, len(names))):
                    names[column] = names[column] or self.frame[top, left - self._first]
        return names

    def marks(self, header: int) -> tuple[Mark, ...]:
        """What is known of cells below the header."""
        cells = [(row, column, code) for row, column, code in self._marks if row > header]
        cells += self._merged_downwards(header)
        return tuple(
            Mark(row + 1, column, code, (self.frame[row, column] or "") if row < self.frame.height else "")
            for row, column, code in sorted(set(cells))
            if 0 <= column < self.frame.width
        )

    def notes(self, header: int, names: Sequence[str], *, asked: bool) -> tuple[str, ...]:
        """What a person should know of how the sheet was read."""
        titles = [] if asked else [index + 1 for index in _filled(self.frame.head(header)).arg_true()]
        return (*titles_note(header + 1, titles), *self._hidden(header, names), *self._unsure())

    def _unsure(self) -> Iterator[str]:
        if self._seen.failed:
            yield (
                "number formats, merged cells and hidden rows could not be looked at in this workbook; "
                "save it as .xlsx if it has any"
            )
        if self._seen.uncalculated and self._seen.formulas:
            yield (
                "the program that wrote the workbook did not calculate its formulas: the values that are saved may be "
                "out of date; open it in a spreadsheet program and save it"
            )

    def _hidden(self, header: int, names: Sequence[str]) -> Iterator[str]:
        last = self.frame.height
        rows = [row + 1 for row in self._seen.hidden_rows if header < row < last]
        columns = [
            f"{column_letters(column)} ({names[at]!r})"
            for column in self._seen.hidden_columns
            if 0 <= (at := column - self._first) < len(names) and not names[at].lower().startswith(OURS)
        ]
        if rows:
            yield f"{_counted(rows, 'row')} hidden in the sheet; what is hidden is read too"
        if columns:
            yield f"{_counted(columns, 'column')} hidden in the sheet; what is hidden is read too"

    def _merged_downwards(self, header: int) -> Iterator[tuple[int, int, str]]:
        """The cells of blocks below their first row, in rows that have something else: whose value is it?"""
        filled = self._filled() if self._seen.merged else pl.Series([], dtype=pl.Boolean)
        for top, left, bottom, right in self._seen.merged:
            for row in range(max(top, header) + 1, min(bottom + 1, len(filled))):
                if filled[row]:
                    columns = range(max(left - self._first, 0), min(right - self._first + 1, self.frame.width))
                    yield from ((row, column, MERGED) for column in columns)

    def _filled(self) -> pl.Series:
        """Which rows have a cell that is not blank; columns that are left out later have none."""
        if self._full is None:
            self._full = _filled(self.frame)
        return self._full

    def _leave_out_empty_edge(self, header: int) -> None:
        """Leave out columns at the right that have neither a header nor a value."""
        frame = self.frame
        while frame.width > 1 and not (frame[header, -1] or "").strip() and _blank(frame[:, -1].slice(header)):
            frame = frame.drop(frame.columns[-1])
        self.frame = frame


def _filled(frame: pl.DataFrame) -> pl.Series:
    return frame.select(pl.any_horizontal((pl.all().str.strip_chars() != "").fill_null(value=False))).to_series()


def _with_texts(frame: pl.DataFrame, texts: Sequence[tuple[int, int, str]]) -> pl.DataFrame:
    """The frame with some cells replaced; places outside it are passed over."""
    by_column: dict[int, tuple[list[int], list[str]]] = {}
    for row, column, text in texts:
        if 0 <= column < frame.width and row < frame.height:
            rows, values = by_column.setdefault(column, ([], []))
            rows.append(row)
            values.append(text)
    names = cell_names(frame.width)
    changed = [
        frame[names[column]].scatter(pl.Series(rows, dtype=pl.UInt32), pl.Series(values, dtype=pl.String))
        for column, (rows, values) in by_column.items()
    ]
    return frame.with_columns(changed)


def _counted(places: Sequence[int] | Sequence[str], what: str) -> str:
    named = ", ".join(map(str, places[:MOST_NAMED])) + (", …" if len(places) > MOST_NAMED else "")
    return f"{len(places):,} {what}{'s' if len(places) > 1 else ''} ({named}) {'are' if len(places) > 1 else 'is'}"


def _blank(column: pl.Series) -> bool:
    return not (column.str.strip_chars() != "").any()
