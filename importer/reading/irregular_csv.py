"""Reads CSV whose rows have more or fewer cells than the header, with the standard library's reader."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Self

import polars as pl

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.model.table import Batch, CellFinding
from importer.reading.table_layout import cell_names, drop_blank_rows

BATCH_ROWS = 100_000


def read_irregular_rows(path: Path, delimiter: str, width: int, *, after: int, shown: str) -> Iterator[Batch]:
    """Yield the rows below row ``after`` of a UTF-8 file, with findings for those that do not have ``width`` cells.

    ``shown`` is the file's name in messages. Raises FileError.
    """
    number = 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = _RecordLines(file)
        records = enumerate(_iterate_records(lines, csv.reader(lines, delimiter=delimiter)), start=1)
        try:
            while chunk := list(itertools.islice(records, BATCH_ROWS)):
                number = chunk[-1][0]
                if number > after:
                    yield _to_batch([entry for entry in chunk if entry[0] > after], width)
        except csv.Error as error:
            raise FileError.said(
                N_("%(file)s: after row %(number)s: cannot be read as CSV: %(error)s"),
                file=shown,
                number=number,
                error=error,
            ) from error
        if _ends_within_quotes(lines.last, delimiter):
            raise FileError.said(
                N_(
                    "%(file)s: row %(number)s: a quotation mark opens there and is never closed, so the rest of the "
                    "file would be one cell; close it, or double it if it belongs to the text"
                ),
                file=shown,
                number=number,
            )


class _RecordLines:
    """Iterates over the lines of a file. ``last`` has the lines of the record before the current one."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._current: list[str] = []
        self.last: list[str] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self._current.append(line)
        return line

    def start_record(self) -> None:
        """Start the next record."""
        self.last, self._current = self._current or self.last, []


def _iterate_records(lines: _RecordLines, records: Iterator[list[str]]) -> Iterator[list[str]]:
    while True:
        lines.start_record()
        record = next(records, None)
        if record is None:
            return
        yield record


def _ends_within_quotes(lines: Sequence[str], delimiter: str) -> bool:
    """Return True if the last record is still inside quotes where the file ends."""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _to_batch(records: Sequence[tuple[int, list[str]]], width: int) -> Batch:
    rows, cells, findings = [], [], list[CellFinding]()
    for number, record in records:
        findings += _check_width(number, record, width)
        rows.append(number)
        cells.append([cell or None for cell in record[:width]] + [None] * (width - len(record)))
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cell_names(width), pl.String), orient="row")
    numbered = frame.with_columns(pl.Series("row", rows, dtype=pl.UInt32))
    return Batch(drop_blank_rows(numbered.select("row", *frame.columns), findings), tuple(findings))


def _check_width(number: int, record: list[str], width: int) -> Iterator[CellFinding]:
    # Excel leaves out delimiters at the end of a row, so that too few cells are only a warning.
    params = {"variant": "counted", "cells": len(record), "width": width}
    if len(record) > width and any(cell.strip() for cell in record[width:]):
        yield CellFinding(number, None, "too_many_cells", " | ".join(record[width:]), params)
    if len(record) < width and any(cell.strip() for cell in record):
        yield CellFinding(number, None, "too_few_cells", "", params)
