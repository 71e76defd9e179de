"""The layout that every table has once its cells are text: column names, header, no blank rows."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.model.table import CellFinding
from schemas.column_stats import has_blanks


def cell_names(width: int) -> list[str]:
    """Return the names of a batch's columns: positions, because headers may repeat or be blank."""
    return [f"c{index}" for index in range(width)]


def drop_blank_rows(frame: pl.DataFrame, findings: Sequence[CellFinding] = ()) -> pl.DataFrame:
    """Drop the rows without a finding in which every cell is null or white space."""
    cells = frame.drop("row")
    if any(not column.null_count() and not has_blanks(column) for column in cells.iter_columns()):
        return frame
    filled = cells.select(pl.any_horizontal((pl.all().str.strip_chars() != "").fill_null(value=False))).to_series()
    if findings:
        found = pl.Series("row", sorted({finding.row for finding in findings}), dtype=pl.UInt32)
        filled |= frame["row"].is_in(found.implode())
    return frame.filter(filled)


def header_names(cells: Sequence[str | None], shown: str) -> tuple[str, ...]:
    """Return the header's texts as they stand. Raises FileError if all of them are blank. ``shown`` names the file."""
    names = tuple("" if cell is None else cell for cell in cells)
    if not any(name.strip() for name in names):
        raise FileError.said(
            N_("%(file)s: has no header; its first row must name the columns%(cli)s"),
            file=shown,
            cli=" (or use --header-row N)",
        )
    return names


def titles_note(header_row: int, titles: Sequence[int]) -> list[str]:
    """Return a note on the rows above the header, if there are any."""
    if not titles:
        return []
    rows = f"row {titles[0]}" if len(titles) == 1 else f"rows {', '.join(map(str, titles))}"
    what = "a title and was" if len(titles) == 1 else "titles and were"
    return [f"the header was found in row {header_row}; {rows} above it looked like {what} left out (--header-row N)"]
