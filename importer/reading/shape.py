"""What both kinds of file share once their cells are text: headers, blank rows, column names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from importer.errors import FileError
from importer.records import Mark


def cell_names(width: int) -> list[str]:
    """The names of a batch's columns: positions, because headers may repeat or be blank."""
    return [f"c{index}" for index in range(width)]


def without_blank_rows(frame: pl.DataFrame, marks: Sequence[Mark] = ()) -> pl.DataFrame:
    """Leave out the rows in which every cell is null or white space, and in which nothing else was seen."""
    filled = pl.Series([False], dtype=pl.Boolean).new_from_index(0, frame.height)
    for cells in frame.iter_columns():
        if cells.name != "row" and not filled.all():  # most often the first column has a text in every row
            filled |= (cells.str.strip_chars() != "").fill_null(value=False)
    if marks:
        seen = pl.Series("row", sorted({mark.row for mark in marks}), dtype=pl.UInt32)
        filled |= frame["row"].is_in(seen.implode())
    return frame if filled.all() else frame.filter(filled)


def header_names(cells: Sequence[str | None], path: Path) -> tuple[str, ...]:
    """The header's texts as they stand. Raises FileError when there is nothing in it."""
    names = tuple("" if cell is None else cell for cell in cells)
    if not any(name.strip() for name in names):
        raise FileError(f"{path}: has no header; its first row must name the columns (or say --header-row N)")
    return names


def titles_note(header_row: int, titles: Sequence[int]) -> list[str]:
    """A note on the rows above the header that were passed over, if there are any."""
    if not titles:
        return []
    rows = f"row {titles[0]}" if len(titles) == 1 else f"rows {', '.join(map(str, titles))}"
    what = "a title and was" if len(titles) == 1 else "titles and were"
    return [f"the header was found in row {header_row}; {rows} above it looked like {what} left out (--header-row N)"]
