"""What both kinds of file share once their cells are text: headers, blank rows, column names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from importer.errors import FileError


def cell_names(width: int) -> list[str]:
    """The names of a batch's columns: positions, because headers may repeat or be blank."""
    return [f"c{index}" for index in range(width)]


def without_blank_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows in which every cell is null or white space."""
    cells = [pl.col(name) for name in frame.columns if name != "row"]
    return frame.filter(pl.any_horizontal((cell.str.strip_chars() != "").fill_null(value=False) for cell in cells))


def header_names(cells: Sequence[str | None], path: Path) -> tuple[str, ...]:
    """The header's texts as they stand. Raises FileError when there is nothing in it."""
    names = tuple("" if cell is None else cell for cell in cells)
    if not any(name.strip() for name in names):
        raise FileError(f"{path}: has no header; its first row must name the columns (or say --header-row N)")
    return names
