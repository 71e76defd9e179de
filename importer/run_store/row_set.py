"""A set of rows that batches in the order of the file are filtered by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import polars as pl


class RowSet:
    """Row numbers, sorted. A batch is compared only with those in its own range.

    All of them for every batch would be quadratic: with 20 million rows done, a resumed run would spend minutes before
    its first request.
    """

    def __init__(self, rows: pl.Series | Iterable[int]) -> None:
        series = rows if isinstance(rows, pl.Series) else pl.Series("row", list(rows), dtype=pl.UInt32)
        self._rows = series.cast(pl.UInt32).unique().sort()

    def __len__(self) -> int:
        return self._rows.len()

    def __iter__(self) -> Iterator[int]:
        return iter(self._rows)

    def __contains__(self, row: object) -> bool:
        return row in self._rows

    def union(self, rows: pl.Series) -> RowSet:
        """Return the set with more rows."""
        return RowSet(pl.concat([self._rows, rows]))

    def within(self, frame: pl.DataFrame) -> pl.Series:
        """Return the rows of the set in the range of a batch."""
        if not (frame.height and self._rows.len()):
            return self._rows.clear()
        low: Any = frame["row"].min()
        high: Any = frame["row"].max()
        first = self._rows.search_sorted(low, side="left")
        end = self._rows.search_sorted(high, side="right")
        return self._rows.slice(first, end - first)

    def select(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch that are in the set."""
        near = self.within(frame)
        return frame.filter(pl.col("row").is_in(near.implode())) if near.len() else frame.clear()

    def drop(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch that are not in the set."""
        near = self.within(frame)
        return frame.filter(~pl.col("row").is_in(near.implode())) if near.len() else frame
