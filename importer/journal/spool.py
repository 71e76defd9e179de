"""The rows of a run, checked and ready, in Parquet files of its folder: one pair of files a batch.

``rows-N.parquet``: ``row``, ``valid``, the file's cells ``c0 …`` and the fields ``f:<path>``.
``problems-N.parquet``: what checking found. With ``plan.json`` they let a run go on without its file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from importer.errors import JournalUnavailableError

FIELD = "f:"
PLAN = "plan.json"
HASH, WHOLE = "h:", ""
BATCH, HASHES_AT_ONCE = 100_000, 4_000_000
LATE, WITHHELD = "late-problems.parquet", "late-invalid.parquet"


class Spool:
    """Written once, in order; read as often as needed."""

    def __init__(self, folder: Path) -> None:
        self._keys: Mapping[str, pl.Expr] = {}
        self._folder = folder
        self._count = 0

    def look_for(self, keys: Mapping[str, pl.Expr]) -> None:
        """What rows may have in common besides everything, by the field that it is made of: see ``alike``."""
        self._keys = keys

    def add(self, cells: pl.DataFrame, fields: pl.DataFrame, invalid: pl.Series, problems: pl.DataFrame) -> None:
        """Add a batch: its cells, its fields (without ``row``), the rows kept back, and the problems."""
        named = fields.select(pl.all().name.prefix(FIELD))
        valid = (~cells["row"].is_in(invalid.implode())).alias("valid")
        rows = pl.concat([cells.with_columns(valid), named, self._hashed(fields)], how="horizontal")
        try:
            rows.write_parquet(self._rows(self._count), compression="lz4", statistics=False)
            if problems.height:
                problems.write_parquet(self._problems(self._count), compression="lz4", statistics=False)
        except (OSError, pl.exceptions.ComputeError) as error:
            raise JournalUnavailableError(
                f"the checked rows cannot be kept in {self._folder} ({error}); make room, or use --state-dir"
            ) from error
        self._count += 1

    def add_late(self, problems: pl.DataFrame, invalid: pl.Series) -> None:
        """Add what only all rows together show: problems, and the rows that are kept back because of them."""
        try:
            problems.write_parquet(self._folder / LATE)
            invalid.to_frame("row").write_parquet(self._folder / WITHHELD)
        except (OSError, pl.exceptions.ComputeError) as error:
            raise JournalUnavailableError(
                f"the checked rows cannot be kept in {self._folder} ({error}); make room, or use --state-dir"
            ) from error

    def _hashed(self, fields: pl.DataFrame) -> pl.DataFrame:
        """A hash of all fields, and of each key that is there."""
        whole = pl.struct(pl.all()).hash(seed=1) if fields.width else pl.lit(None, dtype=pl.UInt64)
        keys = {path: key for path, key in self._keys.items() if path in fields.columns}
        return fields.select(
            whole.alias(HASH + WHOLE),
            *(pl.when(key.is_not_null()).then(key.hash(seed=1)).alias(HASH + path) for path, key in keys.items()),
        )

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
        late, withheld = self._late()
        for index in range(self._count):
            rows = self._valid(pl.read_parquet(self._rows(index), memory_map=False), withheld)
            path = self._problems(index)
            problems = pl.read_parquet(path, memory_map=False) if path.exists() else None
            if late is not None and rows.height:
                here = late.filter(pl.col("row").is_between(rows["row"][0], rows["row"][-1]))
                known = [here] if problems is None else [problems, here]
                problems = pl.concat(known).sort("row", maintain_order=True)
            yield rows, problems

    def fields(self) -> Iterator[pl.DataFrame]:
        """``row`` and the fields, under their paths, of the valid rows, batch by batch."""
        _, withheld = self._late()
        for index in range(self._count):
            frame = self._valid(pl.read_parquet(self._rows(index), memory_map=False), withheld).filter("valid")
            paths = {name: name.removeprefix(FIELD) for name in frame.columns if name.startswith(FIELD)}
            yield frame.select("row", *paths).rename(paths)

    def columns(self, path: str) -> Iterator[pl.DataFrame]:
        """``row`` and one field, under its path, of the valid rows, batch by batch."""
        for index in range(self._count):
            wanted = ["row", "valid", FIELD + path]
            frame = pl.read_parquet(self._rows(index), columns=wanted, memory_map=False)
            yield frame.filter("valid").select("row", pl.col(FIELD + path).alias(path))

    def alike(self, path: str) -> pl.Series:
        """Valid rows whose hash of this key (or of all fields: ``WHOLE``) another valid row has, too.

        So many hashes are looked at at once as take a bounded memory, whatever the number of rows.
        """
        name, found = HASH + path, [pl.Series("row", [], dtype=pl.UInt32)]
        shares = max(1, -(-self._count * BATCH // HASHES_AT_ONCE))
        _, withheld = self._late()
        for share in range(shares):
            parts = []
            for index in range(self._count):
                frame = pl.read_parquet(self._rows(index), columns=["row", "valid", name], memory_map=False)
                known = self._valid(frame, withheld).filter("valid", pl.col(name).is_not_null())
                parts.append(known.filter(pl.col(name) % shares == share).select("row", name))
            hashes = pl.concat(parts) if parts else pl.DataFrame(schema={"row": pl.UInt32, name: pl.UInt64})
            # Sorted, because a table of all hashes would take several times as much memory.
            ordered = hashes[name].sort()
            wanted = ordered.filter(ordered == ordered.shift(1)).unique()
            found.append(hashes.filter(pl.col(name).is_in(wanted.implode()))["row"])
        return pl.concat(found).sort()

    def rows(self, wanted: pl.Series) -> pl.DataFrame:
        """``row`` and the cells of these rows."""
        found = [
            pl.read_parquet(self._rows(index), memory_map=False).filter(pl.col("row").is_in(wanted.implode()))
            for index in range(self._count)
        ]
        return pl.concat(found).select("row", pl.col("^c[0-9]+$"))

    def _late(self) -> tuple[pl.DataFrame | None, pl.Series | None]:
        path = self._folder / LATE
        if not path.exists():
            return None, None
        withheld = pl.read_parquet(self._folder / WITHHELD, memory_map=False)["row"]
        return pl.read_parquet(path, memory_map=False), withheld if withheld.len() else None

    @staticmethod
    def _valid(rows: pl.DataFrame, withheld: pl.Series | None) -> pl.DataFrame:
        if withheld is None:
            return rows
        return rows.with_columns(valid=pl.col("valid") & ~pl.col("row").is_in(withheld.implode()))

    def _rows(self, index: int) -> Path:
        return self._folder / f"rows-{index:06}.parquet"

    def _problems(self, index: int) -> Path:
        return self._folder / f"problems-{index:06}.parquet"


def find_twins(spool: Spool) -> pl.DataFrame:
    """Rows with exactly the same fields as an earlier row: ``row`` and ``first``, both UInt32.

    A hash over each row finds the candidates; the candidates' fields decide.
    """
    nothing = pl.DataFrame(schema={"row": pl.UInt32, "first": pl.UInt32})
    candidates = spool.alike(WHOLE)
    if not candidates.len():
        return nothing
    wanted = candidates.implode()
    rows = pl.concat([frame.filter(pl.col("row").is_in(wanted)) for frame in spool.fields()])
    fields = [name for name in rows.columns if name != "row"]
    grouped = rows.with_columns(first=pl.col("row").min().over(fields))
    return grouped.filter(pl.col("row") != pl.col("first")).select("row", "first").sort("row")
