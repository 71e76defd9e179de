"""A sheet: the cells from calamine and the metadata from the second reader, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.model.table import CellFinding, column_letters
from importer.reading.header_detection import HEADER_SEARCH_ROWS, could_be_names, find_header
from importer.reading.read_options import ReadOptions
from importer.reading.sheet_cells import SheetCells
from importer.reading.sheet_metadata import SheetMetadata
from importer.reading.table_layout import titles_note

MERGED = "merged_cells"
FIRST_SEARCH_ROWS = 1000
"""Rows that are searched for the header before the whole sheet is."""
MOST_NAMED = 5
MOST_HEADER_ROWS = 3


class Sheet:
    """A sheet from its first row and from its first column that has a value. Row and column indexes count from 0."""

    def __init__(self, path: Path, cells: SheetCells, metadata: SheetMetadata) -> None:
        first = cells.first_column
        self._path = path
        self._first_column = first
        self._metadata = metadata
        self.since_1904 = metadata.since_1904
        self.totals_rows = tuple(sorted({row + 1 for row in metadata.totals_rows}))
        self._findings = [(row, column - first, code) for row, column, code in metadata.findings]
        self.frame = cells.frame
        self._filled: pl.Series | None = None

    def find_header(self, requested: int | None) -> int:
        """Return the row of the header, its last one if cells of it are merged downwards, and drop the empty edge.

        ``requested`` is the user's row, counted from 1. Raises FileError.
        """
        if requested is None:
            header = self._last_header_row(self._detect_header())
        elif 1 <= requested <= self.frame.height:
            header = requested - 1
        else:
            raise FileError.said(
                N_("%(file)s: has no row %(row)s to take as the header%(cli)s"),
                file=self._path,
                row=requested,
                cli=" (--header-row)",
            )
        self._drop_empty_edge(header)
        return header

    def _detect_header(self) -> int:
        top = _filled_rows(self.frame.head(FIRST_SEARCH_ROWS)).arg_true().head(HEADER_SEARCH_ROWS)
        if top.len() < HEADER_SEARCH_ROWS:
            top = self._all_filled_rows().arg_true().head(HEADER_SEARCH_ROWS)
        if not top.len():
            raise FileError.said(N_("%(file)s: has no header; its first row must name the columns"), file=self._path)
        return int(top[find_header(self.frame[top].rows())])

    def _last_header_row(self, header: int) -> int:
        """Return the last row of the header's merged cells, if all texts down to there could be names."""
        lows = [low for high, _, low, _ in self._metadata.merged if high == header]
        last = max([header, *(low for low in lows if low < min(header + MOST_HEADER_ROWS, self.frame.height))])
        names = all(could_be_names(self.frame.row(row)) for row in range(header + 1, last + 1))
        return last if names else header

    def header_cells(self, header: int) -> list[str | None]:
        """Return the header's cells; for cells that are merged downwards, the text of the block."""
        names = list(self.frame.row(header))
        for top, left, bottom, right in self._metadata.merged:
            if top < header <= bottom and 0 <= left - self._first_column < len(names):
                for column in range(left - self._first_column, min(right - self._first_column + 1, len(names))):
                    names[column] = names[column] or self.frame[top, left - self._first_column]
        return names

    def findings(self, header: int) -> tuple[CellFinding, ...]:
        """Return the findings about cells below the header."""
        cells = [(row, column, code) for row, column, code in self._findings if row > header]
        cells += self._merged_downwards(header)
        return tuple(
            CellFinding(row + 1, column, code, self._shown_text(row, column))
            for row, column, code in sorted(set(cells))
            if 0 <= column < self.frame.width
        )

    def _shown_text(self, row: int, column: int) -> str:
        return (self.frame[row, column] or "").removesuffix(" 00:00:00") if row < self.frame.height else ""

    def notes(self, header: int, names: Sequence[str], options: ReadOptions) -> tuple[str, ...]:
        """Return notes for the user about how the sheet was read."""
        is_detected = options.header_row is None
        titles = [index + 1 for index in _filled_rows(self.frame.head(header)).arg_true()] if is_detected else []
        return (*titles_note(header + 1, titles), *self._hidden_notes(header, names, options), *self._metadata_notes())

    def _metadata_notes(self) -> Iterator[str]:
        if self._metadata.failed:
            yield (
                "number formats, merged cells and hidden rows could not be looked at in this workbook; "
                "save it as .xlsx if it has any"
            )
        if self._metadata.uncalculated and self._metadata.has_formulas:
            yield (
                "the program that wrote the workbook did not calculate its formulas: the values that are saved may be "
                "out of date; open it in a spreadsheet program and save it"
            )

    def _hidden_notes(self, header: int, names: Sequence[str], options: ReadOptions) -> Iterator[str]:
        last = self.frame.height
        rows = [row + 1 for row in self._metadata.hidden_rows if header < row < last]
        columns = [
            f"{column_letters(column)} ({names[at]!r})"
            for column in self._metadata.hidden_columns
            if 0 <= (at := column - self._first_column) < len(names) and not options.is_internal(names[at])
        ]
        if rows:
            yield f"{_count_named(rows, 'row')} hidden in the sheet; what is hidden is read too"
        if columns:
            yield f"{_count_named(columns, 'column')} hidden in the sheet; what is hidden is read too"

    def _merged_downwards(self, header: int) -> Iterator[tuple[int, int, str]]:
        """Yield the cells of merged blocks below their first row, in rows that have other values.

        Nothing tells whether the block's value belongs to these rows, too.
        """
        blocks = set(self._clipped_blocks(header))
        filled = self._all_filled_rows() if blocks else pl.Series([], dtype=pl.Boolean)
        # Blocks never overlap; a damaged file may have thousands of the same size.
        if sum((bottom - top) * len(columns) for top, bottom, columns in blocks) > self.frame.height * self.frame.width:
            self._metadata.failed = True
            return
        for top, bottom, columns in blocks:
            for row in range(top + 1, bottom + 1):
                if filled[row]:
                    yield from ((row, column, MERGED) for column in columns)

    def _clipped_blocks(self, header: int) -> Iterator[tuple[int, int, range]]:
        """Yield first row, last row and columns of the merged blocks that reach below the header, as far as they do."""
        for top, left, bottom, right in self._metadata.merged:
            first, last = max(top, header), min(bottom, self.frame.height - 1)
            columns = range(max(left - self._first_column, 0), min(right - self._first_column + 1, self.frame.width))
            if first < last and columns:
                yield first, last, columns

    def _all_filled_rows(self) -> pl.Series:
        """Return a mask of the rows that are not blank. It stays valid, as dropped columns are blank."""
        if self._filled is None:
            self._filled = _filled_rows(self.frame)
        return self._filled

    def _drop_empty_edge(self, header: int) -> None:
        """Drop the columns at the right that have neither a header nor a value."""
        width = self.frame.width
        while width > 1 and _is_blank(self.frame.to_series(width - 1).slice(header)):
            width -= 1
        self.frame = self.frame[:, :width]


def _filled_rows(frame: pl.DataFrame) -> pl.Series:
    return frame.select(pl.any_horizontal((pl.all().str.strip_chars() != "").fill_null(value=False))).to_series()


def _count_named(places: Sequence[int] | Sequence[str], what: str) -> str:
    named = ", ".join(map(str, places[:MOST_NAMED])) + (", …" if len(places) > MOST_NAMED else "")
    return f"{len(places):,} {what}{'s' if len(places) > 1 else ''} ({named}) {'are' if len(places) > 1 else 'is'}"


def _is_blank(column: pl.Series) -> bool:
    return not (column.str.strip_chars() != "").any()
