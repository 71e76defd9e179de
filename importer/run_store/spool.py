"""The rows of a run, checked and ready, in Parquet files of its folder: one pair of files a batch.

``rows-N.parquet`` has the columns of ``spool_format``, ``problems-N.parquet`` the problems that checking found.
``plan.json`` is written last: with it, a run can be resumed without its file.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import polars as pl

from importer.errors import JournalUnavailableError
from importer.files import sync_file, sync_folder, write_atomic
from importer.model.problem_frame import adopt_finished_texts
from importer.parallel import BackgroundWorker
from importer.run_store.row_hashes import find_equal_hashes, hash_columns
from importer.run_store.row_set import RowSet
from importer.run_store.spool_format import (
    encode_columns,
    read_cells,
    read_errors,
    read_fields,
    read_hashes,
    read_table,
)

PLAN = "plan.json"
LATE_PROBLEMS, LATE_INVALID = "late-problems.parquet", "late-invalid.parquet"


class Spool:
    """Written once, in order; read as often as needed. As a context, it writes while the next batch is made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: Mapping[str, pl.Expr] = {}
        self.aside: tuple[str, ...] = ()
        self._count = 0
        self._worker: BackgroundWorker | None = None

    def __enter__(self) -> Self:
        self._worker = BackgroundWorker()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.__exit__(kind, error, at)

    def set_keys(self, keys: Mapping[str, pl.Expr], aside: Sequence[str] = ()) -> None:
        """Set the keys, by the field that each is made of, that ``find_equal`` can compare besides whole rows.

        The fields ``aside`` are of a second step: two rows that differ only in them are one contact.
        """
        self._keys, self.aside = keys, tuple(aside)

    def add(self, cells: pl.DataFrame, fields: pl.DataFrame, invalid: pl.Series, problems: pl.DataFrame) -> None:
        """Add a batch: its cells, its fields (without ``row``), its invalid rows, and the problems."""
        index, self._count = self._count, self._count + 1
        if self._worker is None:
            self._write(index, cells, fields, invalid, problems)
        else:
            self._worker.submit(self._write, index, cells, fields, invalid, problems)

    def add_late(self, problems: pl.DataFrame, invalid: pl.Series) -> None:
        """Add what only all rows together show: problems, and the rows that are invalid because of them."""
        with self._write_errors():
            problems.write_parquet(self._folder / LATE_PROBLEMS)
            invalid.to_frame("row").write_parquet(self._folder / LATE_INVALID)

    def replace_fields(self, changed: pl.DataFrame) -> None:
        """Replace the fields of rows: ``changed`` has ``row`` and every field. A null replaces nothing."""
        rows = RowSet(changed["row"])
        for index, path in enumerate(self._row_paths()):
            cells, before = read_cells(path), read_fields(path).drop("valid")
            if rows.within(cells).len():
                joined = before.join(changed, on="row", how="left", suffix=" new", maintain_order="left")
                names = [name for name in before.columns if name != "row"]
                fields = joined.select(pl.coalesce(f"{name} new", name).alias(name) for name in names)
                invalid = cells.filter(~pl.col("valid"))["row"]
                self._write(index, cells.drop("valid"), fields, invalid, pl.DataFrame())

    def finish(self, plan: dict[str, Any], *, durable: bool = False) -> None:
        """Write the plan: every row is here, and this is what it takes to send them.

        ``durable`` brings all of it to the disk, so that a run can be resumed after a power failure.
        """
        with self._write_errors():
            if durable:
                for path in self._folder.glob("*.parquet"):
                    sync_file(path)
            write_atomic(
                self._folder / PLAN, json.dumps(plan | {"batches": self._count, "aside": self.aside}), sync=durable
            )
            if durable:
                for folder in (self._folder, self._folder.parent, self._folder.parent.parent):
                    sync_folder(folder)

    def move_output(self, output: Path) -> None:
        """Record in the plan that the reports are in another folder now."""
        plan = self.plan()
        if plan is not None:
            self.finish(plan | {"output": str(output)}, durable=True)

    def plan(self) -> dict[str, Any] | None:
        """Return the plan that ``finish`` wrote; None when the rows are not all here.

        Raises DamagedRowsError when it cannot be read, as every method that reads rows does.
        """
        path = self._folder / PLAN
        if not path.exists():
            return None
        with read_errors(path):
            plan: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            self._count, self.aside = int(plan["batches"]), tuple(plan.get("aside", ()))
        return plan

    def batches(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame | None]]:
        """Yield ``row``, ``valid`` and cells with the problems, batch by batch, in the order of the file."""
        late, late_invalid = self._read_late()
        for index, cells in enumerate(self._cells()):
            rows = _withhold(cells, late_invalid)
            path = self._problems_path(index)
            problems = read_table(path) if path.exists() else None
            if late is not None and rows.height:
                here = late.filter(pl.col("row").is_between(rows["row"][0], rows["row"][-1]))
                known = [here] if problems is None else [problems, here]
                problems = pl.concat(known).sort("row", maintain_order=True)
            yield rows, None if problems is None else adopt_finished_texts(problems)

    def problems(self) -> Iterator[pl.DataFrame]:
        """Yield the problems of each batch that has any, then those that only all rows together show."""
        for path in map(self._problems_path, range(self._count)):
            if path.exists():
                yield read_table(path)
        late, _ = self._read_late()
        if late is not None:
            yield late

    def fields(self) -> Iterator[pl.DataFrame]:
        """Yield ``row`` and the fields, under their paths, of the valid rows, batch by batch."""
        _, late_invalid = self._read_late()
        for path in self._row_paths():
            yield _withhold(read_fields(path), late_invalid).filter("valid").drop("valid")

    def columns(self, path: str) -> Iterator[pl.DataFrame]:
        """Yield ``row`` and one field, under its path, of the valid rows, batch by batch."""
        for file in self._row_paths():
            yield read_fields(file, path).filter("valid").drop("valid")

    def rows(self, wanted: pl.Series) -> pl.DataFrame:
        """Return ``row`` and the cells of these rows."""
        rows = RowSet(wanted)
        found = [rows.select(frame) for frame in self._cells()]
        return pl.concat(found).drop("valid") if found else pl.DataFrame(schema={"row": pl.UInt32})

    def cells(self, only: Collection[str]) -> pl.DataFrame:
        """Return ``row`` and some cells (``c0`` …) of every row."""
        found = [read_cells(path, only).drop("valid") for path in self._row_paths()]
        return pl.concat(found) if found else pl.DataFrame(schema={"row": pl.UInt32})

    def few_rows(self, wanted: pl.Series) -> pl.DataFrame:
        """Return ``row`` and the cells of a few rows. Batches that have none of them are not read."""
        rows = RowSet(wanted)
        paths = [path for path in self._row_paths() if rows.within(read_cells(path, ())).len()]
        found = [rows.select(read_cells(path)) for path in paths]
        return pl.concat(found).drop("valid") if found else pl.DataFrame(schema={"row": pl.UInt32})

    def find_equal(self, key: str) -> pl.Series:
        """Return the valid rows whose hash of this key another valid row has, too.

        ``WHOLE_ROW`` is the key of all fields that are not ``aside``.
        """
        _, late_invalid = self._read_late()

        def hashes() -> Iterator[pl.DataFrame]:
            for path in self._row_paths():
                frame = _withhold(read_hashes(path, key), late_invalid)
                yield frame.filter("valid", pl.col("hash").is_not_null()).select("row", "hash")

        return find_equal_hashes(hashes, self._count)

    def _write(
        self, index: int, cells: pl.DataFrame, fields: pl.DataFrame, invalid: pl.Series, problems: pl.DataFrame
    ) -> None:
        valid = (~cells["row"].is_in(invalid.implode())).alias("valid")
        own_cells, named_fields = encode_columns(cells, fields)
        hashes = hash_columns(fields.drop(self.aside, strict=False), self._keys)
        rows = pl.concat([own_cells.with_columns(valid), named_fields, hashes], how="horizontal")
        with self._write_errors():
            rows.write_parquet(self._rows_path(index), compression="lz4", statistics=False)
            if problems.height:
                problems.write_parquet(self._problems_path(index), compression="lz4", statistics=False)

    @contextlib.contextmanager
    def _write_errors(self) -> Iterator[None]:
        try:
            yield
        except (OSError, pl.exceptions.ComputeError) as error:
            raise JournalUnavailableError(
                f"the checked rows cannot be kept in {self._folder} ({error}); make room, or use --state-dir"
            ) from error

    def _cells(self) -> Iterator[pl.DataFrame]:
        """Yield the cells of each batch, reading the next one while the caller uses this one."""
        return _read_ahead(read_cells, self._row_paths())

    def _read_late(self) -> tuple[pl.DataFrame | None, RowSet | None]:
        path = self._folder / LATE_PROBLEMS
        if not path.exists():
            return None, None
        invalid = read_table(self._folder / LATE_INVALID)["row"]
        return read_table(path), RowSet(invalid) if invalid.len() else None

    def _row_paths(self) -> list[Path]:
        return [self._rows_path(index) for index in range(self._count)]

    def _rows_path(self, index: int) -> Path:
        return self._folder / f"rows-{index:06}.parquet"

    def _problems_path(self, index: int) -> Path:
        return self._folder / f"problems-{index:06}.parquet"


def _withhold(rows: pl.DataFrame, late_invalid: RowSet | None) -> pl.DataFrame:
    """Return a batch in which the rows that were found to be invalid later are not valid."""
    if late_invalid is None or not (near := late_invalid.within(rows)).len():
        return rows
    return rows.with_columns(valid=pl.col("valid") & ~pl.col("row").is_in(near.implode()))


def _read_ahead(read: Callable[[Path], pl.DataFrame], paths: Sequence[Path]) -> Iterator[pl.DataFrame]:
    with ThreadPoolExecutor(1) as thread:
        pending = [thread.submit(read, path) for path in paths[:1]]
        for following in (*paths[1:], None):
            if not pending:
                return
            frame = pending.pop().result()
            if following is not None:
                pending.append(thread.submit(read, following))
            yield frame
