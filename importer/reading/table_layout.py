"""What both kinds of file share once their cells are text: headers, blank rows, column names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from importer.errors import FileError
from importer.model.table import Mark
from schemas.column_stats import has_blanks


def cell_names(width: int) -> list[str]:
    """The names of a batch's columns: positions, because headers may repeat or be blank."""
    return [f"c{index}" for index in range(width)]


def without_blank_rows(frame: pl.DataFrame, marks: Sequence[Mark] = ()) -> pl.DataFrame:
    """Leave out the rows in which every cell is null or white space, and in which nothing else was seen."""
    cells = frame.drop("row")
    if any(not column.null_count() and not has_blanks(column) for column in cells.iter_columns()):
        return frame
    filled = cells.select(pl.any_horizontal((pl.all().str.strip_chars() != "").fill_null(value=False))).to_series()
    if marks:
        seen = pl.Series("row", sorted({mark.row for mark in marks}), dtype=pl.UInt32)
        filled |= frame["row"].is_in(seen.implode())
    return frame.filter(filled)


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
