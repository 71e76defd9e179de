"""The results of rows that were offered for sending, in Parquet pieces, so that memory does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from importer.model.delivery import RowResult
from importer.model.result_table import to_record, to_table, with_full_messages
from importer.run_store.spool_format import read_table

PIECE_ROWS = 50_000


class ResultLog:
    """Takes results in any order and returns those of a range of rows.

    Starts empty each time: the journal is the lasting record. ``name`` is that of its pieces.
    """

    def __init__(self, folder: Path, name: str = "results") -> None:
        self._folder = folder
        self._name = name
        self._pieces: list[tuple[int, int, Path | pl.DataFrame]] = []
        self._pending: list[tuple[Any, ...]] = []
        self._amended: pl.DataFrame | None = None
        for stale in folder.glob(f"{name}-*.parquet"):
            stale.unlink()

    def add(self, result: RowResult) -> None:
        """Add one result."""
        self._pending.append(to_record(result))
        if len(self._pending) >= PIECE_ROWS:
            pending, self._pending = self._pending, []
            self.add_table(to_table(pending))

    def add_table(self, results: pl.DataFrame) -> None:
        """Add many results, as a table of ``RESULT_SCHEMA``."""
        if not results.height:
            return
        path = self._folder / f"{self._name}-{len(self._pieces):06}.parquet"
        piece: Path | pl.DataFrame = path
        try:
            results.write_parquet(path, compression="lz4")
        except (OSError, pl.exceptions.PolarsError):  # a full disk must not end a run that is sending
            piece = results
        low: Any = results["row"].min()
        high: Any = results["row"].max()
        self._pieces.append((low, high, piece))

    def tables(self) -> Iterator[pl.DataFrame]:
        """Yield all results, in the order that they were added, in tables of ``RESULT_SCHEMA`` of bounded length."""
        for _, _, piece in self._pieces:
            yield piece if isinstance(piece, pl.DataFrame) else read_table(piece)
        if self._pending:
            yield to_table(self._pending)

    def amend(self, said: pl.DataFrame) -> None:
        """Give these rows (``row``, ``code``, ``message``) another code and message, also those without a result."""
        self._amended = said

    def clear(self) -> None:
        """Remove all results."""
        for _, _, piece in self._pieces:
            if isinstance(piece, Path):
                piece.unlink(missing_ok=True)
        self._pieces, self._pending, self._amended = [], [], None

    def between(self, low: int, high: int) -> pl.DataFrame:
        """Return the results of rows ``low`` to ``high``, inclusive, with their full messages."""
        inside = (pl.col("row") >= low) & (pl.col("row") <= high)
        parts = [
            (piece if isinstance(piece, pl.DataFrame) else read_table(piece)).filter(inside)
            for first, last, piece in self._pieces
            if first <= high and last >= low
        ]
        parts.append(to_table([record for record in self._pending if low <= record[0] <= high]))
        found = with_full_messages(pl.concat(parts))
        if self._amended is None:
            return found
        said = self._amended.filter(inside).rename({"code": "_code", "message": "_message"})
        texts = [pl.coalesce(f"_{name}", name).alias(name) for name in ("code", "message")]
        joined = found.join(said, on="row", how="full", coalesce=True, maintain_order="left")
        return joined.with_columns(texts).drop("_code", "_message")
