"""The cells of a sheet as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from importer.reading.table_layout import cell_names


@dataclass(frozen=True, slots=True)
class SheetCells:
    """The cells of a sheet as text, from its first row and its first column that has a value.

    ``first_column`` is the position of that column in the sheet. Formula errors are null: ``SheetMetadata`` has them,
    because fastexcel reports them only with pyarrow, which takes 170 MB.
    """

    frame: pl.DataFrame
    first_column: int


def replace_texts(frame: pl.DataFrame, texts: Sequence[tuple[int, int, str]]) -> pl.DataFrame:
    """Return the frame with the texts of some cells replaced; cells outside it are ignored."""
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
