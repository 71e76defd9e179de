"""The rows of a run, checked and ready, in Parquet files of its folder: one pair of files a batch.

``rows-N.parquet``: ``row``, ``valid``, the file's cells ``c0 …`` and the fields ``f:<path>``; a column that a
field takes as it is stands there once, as ``c0=f:<path>``.
``problems-N.parquet``: what checking found. With ``plan.json`` they let a run go on without its file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from importer.errors import JournalUnavailableError
from importer.parallel import BackgroundWorker

FIELD, BOTH = "f:", "=f:"
PLAN = "plan.json"
HASH, WHOLE = "h:", ""
BATCH, HASHES_AT_ONCE = 100_000, 2_500_000
FIRST = 100
"""Rows that show most columns to be different."""
LATE, WITHHELD = "late-problems.parquet", "late-invalid.parquet"


_CELL = re.compile(rf"c[0-9]+(?:$|{BOTH})")
_BOTH = re.compile(rf"c[0-9]+{BOTH}")


class Spool:
    """Written once, in order; read as often as needed. As a context, it writes while the next batch is made."""

    def __init__(self, folder: Path) -> None:
        self._keys: Mapping[str, pl.Expr] = {}
        self._folder = folder
        self._count = 0
        self._beside: BackgroundWorker | None = None

    def __enter__(self) -> Self:
        self._beside = BackgroundWorker()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        beside, self._beside = self._beside, None
        if beside is not None:
            beside.__exit__(kind, error, at)

    def look_for(self, keys: Mapping[str, pl.Expr]) -> None:
        """What rows may have in common besides everything, by the field that it is made of: see ``alike``."""
        self._keys = keys

    def add(self, cells: pl.DataFrame, fields: pl.DataFrame, invalid: pl.Series, problems: pl.DataFrame) -> None:
        """Add a batch: its cells, its fields (without ``row``), the rows kept back, and the problems."""
        index, self._count = self._count, self._count + 1
        if self._beside is None:
            self._write(index, cells, fields, invalid, problems)
            return
        self._beside.submit(self._write, index, cells, fields, invalid, problems)

    def _write(
        self, index: int, cells: pl.DataFrame, fields: pl.DataFrame, invalid: pl.Series, problems: pl.DataFrame
    ) -> None:
        valid = (~cells["row"].is_in(invalid.implode())).alias("valid")
        same = _same(cells, fields)
        named = fields.rename(
            {path: f"{same[path]}{BOTH}{path}" if path in same else FIELD + path for path in fields.columns}
        )
        rows = pl.concat([cells.drop(same.values()).with_columns(valid), named, self._hashed(fields)], how="horizontal")
        try:
            rows.write_parquet(self._rows(index), compression="lz4", statistics=False)
            if problems.height:
                problems.write_parquet(self._problems(index), compression="lz4", statistics=False)
        except (OSError, pl.exceptions.ComputeError) as error:
            raise JournalUnavailableError(
                f"the checked rows cannot be kept in {self._folder} ({error}); make room, or use --state-dir"
            ) from error

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
        """A hash of all fields, and of each key that is there and not blank."""
        each = (pl.col(name).hash(seed=nth) for nth, name in enumerate(fields.columns, start=1))
        whole = pl.sum_horizontal(each) if fields.width else pl.lit(None, dtype=pl.UInt64)
        keys = {path: key for path, key in self._keys.items() if path in fields.columns}
        hashed = fields.select(whole.alias(HASH + WHOLE), *(key.alias(HASH + path) for path, key in keys.items()))
        shared = (pl.col(HASH + path) for path in keys)
        return hashed.with_columns(pl.when(key != "").then(key.hash(seed=1)) for key in shared)

    def finish(self, plan: dict[str, Any]) -> None:
        """Say that every row is here, and what is needed to go on with them."""
        temporary = self._folder / (PLAN + ".part")
        temporary.write_text(json.dumps(plan | {"batches": self._count}), encoding="utf-8")
        temporary.replace(self._folder / PLAN)

    def move_output(self, output: Path) -> None:
        """Remember that the reports are in another folder now."""
        plan = self.plan()
        if plan is not None:
            self.finish(plan | {"output": str(output)})

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
        for index, read in enumerate(self._ahead(self._cells)):
            rows = self._valid(read, withheld)
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
            yield self._valid(self._fields(index), withheld).filter("valid").drop("valid")

    def columns(self, path: str) -> Iterator[pl.DataFrame]:
        """``row`` and one field, under its path, of the valid rows, batch by batch."""
        for index in range(self._count):
            yield self._fields(index, path).filter("valid").drop("valid")

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
        found = [frame.filter(pl.col("row").is_in(wanted.implode())) for frame in self._ahead(self._cells)]
        return pl.concat(found).drop("valid") if found else pl.DataFrame(schema={"row": pl.UInt32})

    def _ahead(self, read: Callable[[int], pl.DataFrame]) -> Iterator[pl.DataFrame]:
        """What this reads of each batch; of the next one while the caller is busy with this one."""
        with ThreadPoolExecutor(1) as beside:
            pending = [beside.submit(read, index) for index in range(min(self._count, 1))]
            for index in range(1, self._count + 1):
                frame = pending.pop().result()
                if index < self._count:
                    pending.append(beside.submit(read, index))
                yield frame

    def _cells(self, index: int) -> pl.DataFrame:
        """``row``, ``valid`` and the cells of a batch."""
        stored = pl.read_parquet_schema(self._rows(index))
        names = {name: name.partition(BOTH)[0] for name in stored if _CELL.match(name)}
        frame = pl.read_parquet(self._rows(index), columns=["row", "valid", *names], memory_map=False).rename(names)
        return frame.select("row", "valid", *sorted(names.values(), key=lambda cell: int(cell[1:])))

    def _fields(self, index: int, only: str | None = None) -> pl.DataFrame:
        """``row``, ``valid`` and the fields of a batch, or one of them, under their paths."""
        stored = pl.read_parquet_schema(self._rows(index))
        paths = {name: name.partition(FIELD)[2] for name in stored if name.startswith(FIELD) or _BOTH.match(name)}
        wanted = {name: path for name, path in paths.items() if only in (None, path)}
        return pl.read_parquet(self._rows(index), columns=["row", "valid", *wanted], memory_map=False).rename(wanted)

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


def _same(cells: pl.DataFrame, fields: pl.DataFrame) -> dict[str, str]:
    """By the path of a field the column of cells that has the same texts, each column for one field."""
    found: dict[str, str] = {}
    for field in fields.iter_columns():
        for cell in cells.iter_columns():
            alike = cell.dtype == field.dtype == pl.String and cell.head(FIRST).equals(field.head(FIRST))
            if alike and cell.name not in found.values() and cell.equals(field):
                found[field.name] = cell.name
                break
    return found
