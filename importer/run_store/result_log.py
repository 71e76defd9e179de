"""How the rows that were offered for sending ended, written in pieces so that no memory grows with the file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from importer.model.delivery import FieldError, RowResult
from importer.model.status import Status

PIECE_ROWS = 50_000
COLUMNS = {
    "row": pl.UInt32,
    "status": pl.String,
    "id": pl.String,
    "http_status": pl.UInt16,
    "attempts": pl.UInt32,
    "code": pl.String,
    "message": pl.String,
    "sent_at": pl.Float64,
    "detail": pl.String,
}


class ResultLog:
    """Takes results in any order; gives those of a range of rows. Starts empty: the journal is what lasts."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pieces: list[tuple[int, int, Path]] = []
        self._open: list[tuple[Any, ...]] = []
        for stale in folder.glob("results-*.parquet"):
            stale.unlink()

    def add(self, result: RowResult) -> None:
        """Remember how a row ended."""
        detail, known = None, result.evidence
        if known.field_errors or result.notices:
            errors = [[error.field, error.message] for error in known.field_errors]
            detail = json.dumps({"fields": errors, "notices": list(result.notices)})
        self.extend(
            [
                (
                    result.row,
                    str(result.status),
                    known.vendor_id,
                    known.http_status,
                    known.attempts,
                    known.code,
                    known.message,
                    known.sent_at,
                    detail,
                )
            ]
        )

    def extend(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Remember many results, as tuples in the order of ``COLUMNS``."""
        self._open.extend(rows)
        if len(self._open) >= PIECE_ROWS:
            self._flush()

    def recall(self, settled: Sequence[tuple[Any, ...]], done: Status) -> None:
        """Take in what ``Journal.settled`` gives; ``done`` is the status of a confirmed row."""
        names = {
            "confirmed": str(done),
            "refused": str(Status.REJECTED),
            "uncertain": str(Status.UNCERTAIN),
            "released": str(Status.FAILED),
        }
        self.extend((row, names[state], *known, _repacked(detail)) for row, state, *known, detail in settled)

    def between(self, low: int, high: int) -> pl.DataFrame:
        """The results of rows ``low`` to ``high``, inclusive."""
        inside = (pl.col("row") >= low) & (pl.col("row") <= high)
        parts = [
            pl.read_parquet(path, memory_map=False).filter(inside)
            for first, last, path in self._pieces
            if first <= high and last >= low
        ]
        rest = [entry for entry in self._open if low <= entry[0] <= high]
        parts.append(pl.DataFrame(rest, schema=COLUMNS, orient="row"))
        return pl.concat(parts)

    def _flush(self) -> None:
        frame = pl.DataFrame(self._open, schema=COLUMNS, orient="row")
        path = self._folder / f"results-{len(self._pieces):06}.parquet"
        frame.write_parquet(path, compression="lz4")
        rows = [entry[0] for entry in self._open]
        self._pieces.append((min(rows), max(rows), path))
        self._open = []


def _repacked(detail: str | None) -> str | None:
    """The journal's field errors in the form that ``add`` packs."""
    if not detail:
        return None
    return json.dumps({"fields": [[entry["field"], entry["message"]] for entry in json.loads(detail)], "notices": []})


def field_errors(detail: str | None) -> tuple[tuple[FieldError, ...], tuple[str, ...]]:
    """The field errors and the notices that ``add`` packed into ``detail``."""
    if not detail:
        return (), ()
    unpacked = json.loads(detail)
    return tuple(FieldError(*entry) for entry in unpacked["fields"]), tuple(unpacked["notices"])
