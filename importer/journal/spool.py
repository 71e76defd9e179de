"""The rows of a run, checked and ready, in Parquet files of its folder: one pair of files a batch.

``rows-N.parquet``: ``row``, ``valid``, the file's cells ``c0 …`` and the fields ``f:<path>``.
``problems-N.parquet``: what checking found. With ``plan.json`` they let a run go on without its file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from importer.errors import JournalUnavailableError

FIELD = "f:"
PLAN = "plan.json"


class Spool:
    """Written once, in order; read as often as needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def add(self, cells: pl.DataFrame, fields: pl.DataFrame, invalid: pl.Series, problems: pl.DataFrame) -> None:
        """Add a batch: its cells, its fields (without ``row``), the rows kept back, and the problems."""
        named = fields.select(pl.all().name.prefix(FIELD))
        valid = (~cells["row"].is_in(invalid.implode())).alias("valid")
        rows = pl.concat([cells.with_columns(valid), named], how="horizontal")
        try:
            rows.write_parquet(self._rows(self._count), compression="lz4", statistics=False)
            if problems.height:
                problems.write_parquet(self._problems(self._count), compression="lz4", statistics=False)
        except (OSError, pl.exceptions.ComputeError) as error:
            raise JournalUnavailableError(
                f"the checked rows cannot be kept in {self._folder} ({error}); make room, or use --state-dir"
            ) from error
        self._count += 1

    def finish(self, plan: dict[str, Any]) -> None:
        """Say that every row is here, and what is needed to go on with them."""
        temporary = self._folder / (PLAN + ".part")
        temporary.write_text(json.dumps(plan | {"batches": self._count}), encoding="utf-8")
        temporary.replace(self._folder / PLAN)

    def plan(self) -> dict[str, Any] | None:
        """What ``finish`` was told; None when the rows are not all here."""
        path = self._folder / PLAN
        if not path.exists():
            return None
        plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self._count = plan["batches"]
        return plan

    def batches(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame | None]]:
        """Rows and problems, batch by batch, in the order of the file."""
        for index in range(self._count):
            problems = self._problems(index)
            yield (
                pl.read_parquet(self._rows(index), memory_map=False),
                pl.read_parquet(problems, memory_map=False) if problems.exists() else None,
            )

    def fields(self) -> Iterator[pl.DataFrame]:
        """``row`` and the fields, under their paths, of the valid rows, batch by batch."""
        for index in range(self._count):
            frame = pl.read_parquet(self._rows(index), memory_map=False).filter("valid")
            paths = {name: name.removeprefix(FIELD) for name in frame.columns if name.startswith(FIELD)}
            yield frame.select("row", *paths).rename(paths)

    def _rows(self, index: int) -> Path:
        return self._folder / f"rows-{index:06}.parquet"

    def _problems(self, index: int) -> Path:
        return self._folder / f"problems-{index:06}.parquet"


def find_twins(spool: Spool) -> pl.DataFrame:
    """Rows with exactly the same fields as an earlier row: ``row`` and ``first``, both UInt32.

    A hash over each row finds the candidates in a pass that holds twenty bytes a row (sorted, because a table of all
    hashes would take several times that); the candidates' fields decide.
    """
    nothing = pl.DataFrame(schema={"row": pl.UInt32, "first": pl.UInt32})
    parts = [
        frame.select("row", hash=pl.struct(pl.exclude("row")).hash(seed=1))
        for frame in spool.fields()
        if frame.width > 1
    ]
    if not parts:
        return nothing
    hashes = pl.concat(parts)
    ordered = hashes["hash"].sort()
    repeated = ordered.filter(ordered == ordered.shift(1)).unique()
    candidates = hashes.filter(pl.col("hash").is_in(repeated.implode()))
    if not candidates.height:
        return nothing
    wanted = candidates["row"].implode()
    rows = pl.concat([frame.filter(pl.col("row").is_in(wanted)) for frame in spool.fields()])
    fields = [name for name in rows.columns if name != "row"]
    grouped = rows.with_columns(first=pl.col("row").min().over(fields))
    return grouped.filter(pl.col("row") != pl.col("first")).select("row", "first").sort("row")
