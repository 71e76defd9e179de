"""The columns of a spooled batch on disk.

``row``, ``valid``, the file's cells ``c0 …``, the fields ``f:<path>`` and the hashes ``h:<key>``. A field that takes a
column as it is shares it: both stand there once, as ``c0=f:<path>``.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import polars as pl

from importer.errors import DamagedRowsError

FIELD = "f:"
SHARED = "=f:"
HASH = "h:"
_CELL = re.compile(rf"c[0-9]+(?:$|{SHARED})")
_SHARED_CELL = re.compile(rf"c[0-9]+{SHARED}")
ROWS_COMPARED_FIRST = 100  # they show most columns to be different


def encode_columns(cells: pl.DataFrame, fields: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return cells and fields under their names on disk; a shared column is among the fields only."""
    shared = _find_shared(cells, fields)
    names = {path: f"{shared[path]}{SHARED}{path}" if path in shared else FIELD + path for path in fields.columns}
    return cells.drop(shared.values()), fields.rename(names)


def read_cells(path: Path, only: Collection[str] | None = None) -> pl.DataFrame:
    """Return ``row``, ``valid`` and the cells of a batch, in the order of the file's columns; or ``only`` some."""
    names = {name: name.partition(SHARED)[0] for name in _read_names(path) if _CELL.match(name)}
    names = names if only is None else {name: cell for name, cell in names.items() if cell in only}
    return _read(path, names).select("row", "valid", *sorted(names.values(), key=lambda cell: int(cell[1:])))


def read_fields(path: Path, only: str | None = None) -> pl.DataFrame:
    """Return ``row``, ``valid`` and the fields of a batch, or one of them, under their paths."""
    names = {
        name: name.partition(FIELD)[2]
        for name in _read_names(path)
        if name.startswith(FIELD) or _SHARED_CELL.match(name)
    }
    return _read(path, {name: field for name, field in names.items() if only in (None, field)})


def read_hashes(path: Path, key: str) -> pl.DataFrame:
    """Return ``row``, ``valid`` and the ``hash`` of a key."""
    return _read(path, {HASH + key: "hash"})


def _read(path: Path, names: dict[str, str]) -> pl.DataFrame:
    wanted: Iterable[str] = ("row", "valid", *names)
    return read_table(path, list(wanted)).rename(names)


def read_table(path: Path, columns: list[str] | None = None) -> pl.DataFrame:
    """Return the table of a file. Raises DamagedRowsError when the file is cut or gone."""
    with read_errors(path):
        return pl.read_parquet(path, columns=columns, memory_map=False)


@contextlib.contextmanager
def read_errors(path: Path) -> Iterator[None]:
    """Turn the errors of a damaged or missing file into DamagedRowsError."""
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        reason = "is gone" if isinstance(error, FileNotFoundError) else "is damaged"
        raise DamagedRowsError(
            f"The file {path}, which a run needs, {reason}. Restore it from a backup and resume the run, or import "
            "the original file again: with the same journal, nothing is sent a second time."
        ) from error


def _read_names(path: Path) -> list[str]:
    with read_errors(path):
        return list(pl.read_parquet_schema(path))


def _find_shared(cells: pl.DataFrame, fields: pl.DataFrame) -> dict[str, str]:
    """Return for each field that has the same texts as a column of cells that column, each column for one field."""
    found: dict[str, str] = {}
    for field in fields.iter_columns():
        for cell in cells.iter_columns():
            first_rows_equal = cell.dtype == field.dtype == pl.String and cell.head(ROWS_COMPARED_FIRST).equals(
                field.head(ROWS_COMPARED_FIRST)
            )
            if first_rows_equal and cell.name not in found.values() and cell.equals(field):
                found[field.name] = cell.name
                break
    return found
