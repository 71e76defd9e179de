"""The results of the rows that were offered for sending, in Parquet pieces, so that memory does not grow with the file.

``RESULT_SCHEMA`` is the one table form of ``RowResult``: the reports read it as it stands here.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from importer.model.delivery import RowResult, encode_field_errors, encode_notices

PIECE_ROWS = 50_000
RESULT_SCHEMA = {
    "row": pl.UInt32,
    "status": pl.String,
    "id": pl.String,
    "http_status": pl.UInt16,
    "attempts": pl.UInt32,
    "code": pl.String,
    "message": pl.String,
    "sent_at": pl.Float64,
    "field_errors": pl.String,
    "notices": pl.String,
}


class ResultLog:
    """Takes results in any order and returns those of a range of rows.

    Starts empty each time: the journal is the lasting record.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pieces: list[tuple[int, int, Path]] = []
        self._pending: list[tuple[Any, ...]] = []
        for stale in folder.glob("results-*.parquet"):
            stale.unlink()

    def add(self, result: RowResult) -> None:
        """Add one result."""
        self._pending.append(_to_record(result))
        if len(self._pending) >= PIECE_ROWS:
            self._flush()

    def extend(self, results: Iterable[RowResult]) -> None:
        """Add many results."""
        for result in results:
            self.add(result)

    def between(self, low: int, high: int) -> pl.DataFrame:
        """Return the results of rows ``low`` to ``high``, inclusive, in ``RESULT_SCHEMA``."""
        inside = (pl.col("row") >= low) & (pl.col("row") <= high)
        parts = [
            pl.read_parquet(path, memory_map=False).filter(inside)
            for first, last, path in self._pieces
            if first <= high and last >= low
        ]
        rest = [record for record in self._pending if low <= record[0] <= high]
        parts.append(pl.DataFrame(rest, schema=RESULT_SCHEMA, orient="row"))
        return pl.concat(parts)

    def _flush(self) -> None:
        frame = pl.DataFrame(self._pending, schema=RESULT_SCHEMA, orient="row")
        path = self._folder / f"results-{len(self._pieces):06}.parquet"
        frame.write_parquet(path, compression="lz4")
        rows = [record[0] for record in self._pending]
        self._pieces.append((min(rows), max(rows), path))
        self._pending = []


def _to_record(result: RowResult) -> tuple[Any, ...]:
    """Return a result in the order of ``RESULT_SCHEMA``."""
    known = result.evidence
    return (
        result.row,
        str(result.status),
        known.vendor_id,
        known.http_status,
        known.attempts,
        known.code,
        known.full_message,
        known.sent_at,
        encode_field_errors(known.field_errors),
        encode_notices(known.notices),
    )
