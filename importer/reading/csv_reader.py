"""CSV → Table: polars in batches for a regular file, the standard library's reader from where it is not."""

from __future__ import annotations

import codecs
import contextlib
import csv
import itertools
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

import polars as pl

from importer.errors import FileError
from importer.model.table import Batch, FileFacts, Mark, Table
from importer.reading import prefetch as ahead
from importer.reading.delimiter_detection import DELIMITERS, detect_delimiter
from importer.reading.header_detection import LOOKED_AT, find_header
from importer.reading.row_width import is_rectangular
from importer.reading.table_layout import cell_names, header_names, titles_note, without_blank_rows
from importer.reading.text_file import Opened, open_text, settings_of
from importer.reading.transcode import TempCopy, Utf8File
from importer.settings import Settings

BATCH_ROWS = 100_000
AHEAD = ("POLARS_CSV_CHUNK_SIZE", "4000000")
"""polars reads ahead by the piece; in smaller pieces that takes 150 MB less, and no longer."""
SAMPLE_BYTES = 1 << 18
LONGEST_CELL = 1 << 27
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?\r?(?:\n|$)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Source:
    """A CSV file in UTF-8 and how to cut it."""

    plain: Utf8File
    delimiter: str
    width: int
    header_row: int

    @property
    def path(self) -> Path:
        """Where its text is."""
        return self.plain.path


@dataclass(frozen=True, slots=True)
class _Header:
    """The header's row, and the rows above it that were taken for titles."""

    row: int
    titles: tuple[int, ...]


def read_csv(path: Path, settings: Settings, copy: TempCopy | None = None) -> Table:
    """Open a CSV file, whose bytes may lie in a copy; what was begun ahead is not done again. Raises FileError."""
    begun = None if copy else ahead.begun(settings_of(path, settings))
    if begun is not None:
        table: Table = begun.result()
        return table
    return table_of(open_text(path, settings, copy), path)


def table_of(opened: Opened, path: Path) -> Table:
    """An open file as a table. Raises FileError."""
    csv.field_size_limit(LONGEST_CELL)
    plain = opened.plain
    with plain.path.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
        complete = not file.read(1)
    text = sample.decode("utf-8-sig", errors="ignore")
    told = _SEPARATOR_LINE.match(text)
    delimiter = opened.delimiter or (told[1] if told else detect_delimiter(text, complete=complete))
    header, cells = _header(plain.path, delimiter, opened.header_row, path, after=1 if told else 0)
    names = header_names(cells, path)
    source = _Source(plain, delimiter, len(names), header.row)
    notes = (*plain.notes, *titles_note(header.row, header.titles), *_one_column(names, delimiter))
    bare = delimiter == "," and not plain.quotes and not plain.lone_returns
    facts = FileFacts(str(path), opened.sha256, encoding=plain.encoding, delimiter=delimiter, notes=notes, bare=bare)
    return Table(facts, names, header.row, lambda: _batches(source, path))


def _one_column(names: Sequence[str], delimiter: str) -> Iterator[str]:
    """A hint where a file of one column looks as if it had more."""
    if len(names) == 1:
        found = [sign for sign in DELIMITERS if sign != delimiter and sign in names[0]]
        if found:
            yield (
                f"the file has one column, {names[0]!r}; if it should have more, name what separates them: "
                f"--delimiter {found[0]!r}"
            )


def _header(source: Path, delimiter: str, wanted: int | None, path: Path, *, after: int) -> tuple[_Header, list[str]]:
    """The header, which was asked for or is found among the first records that are not blank, and its cells."""
    top = list[tuple[int, list[str]]]()
    with contextlib.suppress(csv.Error):  # it is met again, and told, where the records are read
        for number, record in enumerate(_records(source, delimiter), start=1):
            if number == wanted:
                return _Header(number, ()), record
            if wanted is None and number > after and any(cell.strip() for cell in record):
                top.append((number, record))
                if len(top) == LOOKED_AT:
                    break
    if wanted is not None:
        raise FileError(f"{path}: has no row {wanted} to take as the header (--header-row)")
    if not top:
        raise FileError(f"{path}: has no header; its first row must name the columns")
    index = find_header([record for _, record in top])
    return _Header(top[index][0], tuple(number for number, _ in top[:index])), top[index][1]


def _records(plain: Path, delimiter: str) -> Iterator[list[str]]:
    with plain.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file, delimiter=delimiter)


def _batches(source: _Source, path: Path) -> Iterator[Batch]:
    """Fast where polars agrees to read, careful from the first batch at which it does not."""
    done, counted = 0, source.plain.quotes
    regular = source.delimiter.isascii() and not source.plain.lone_returns and not _has_leading_blank_lines(source)
    if regular and (not counted or _is_rectangular(source)):
        try:
            for frame in _fast(source):
                # polars fills short rows up with nulls: only where the last cell is one, counting has to tell them.
                if not counted and frame[f"c{source.width - 1}"].null_count():
                    counted = True
                    if not _is_rectangular(source):
                        break
                if done <= source.header_row:
                    frame = frame.filter(pl.col("row") > source.header_row)  # noqa: PLW2901 - the rest of it
                done = int(frame["row"][-1]) if frame.height else done
                yield Batch(without_blank_rows(frame))
            else:
                return
        except (pl.exceptions.ComputeError, pl.exceptions.SchemaError, pl.exceptions.NoDataError):
            pass
    yield from _careful(source, max(done, source.header_row), path)


def _is_rectangular(source: _Source) -> bool:
    return is_rectangular(source.path, source.delimiter, source.width)


def _has_leading_blank_lines(source: _Source) -> bool:
    with source.path.open("rb") as file:
        return file.read(8).removeprefix(codecs.BOM_UTF8)[:1] in (b"\r", b"\n")


def _fast(source: _Source) -> Iterator[pl.DataFrame]:
    os.environ.setdefault(*AHEAD)
    names = cell_names(source.width)
    scan = pl.scan_csv(
        source.path,
        has_header=False,
        schema=dict.fromkeys(names, pl.String),
        separator=source.delimiter,
        infer_schema=False,
        row_index_name="row",
        row_index_offset=1,
    )
    for frame in scan.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
        yield frame.with_columns(pl.col("row").cast(pl.UInt32))


def _careful(source: _Source, after: int, path: Path) -> Iterator[Batch]:
    number = 0
    with source.path.open(encoding="utf-8-sig", newline="") as file:
        lines = _Remembered(file)
        records = enumerate(_each(lines, csv.reader(lines, delimiter=source.delimiter)), start=1)
        try:
            while chunk := list(itertools.islice(records, BATCH_ROWS)):
                number = chunk[-1][0]
                if number > after:
                    yield _batch([entry for entry in chunk if entry[0] > after], source.width)
        except csv.Error as error:
            raise FileError(f"{path}: after row {number}: cannot be read as CSV: {error}") from error
        if _ends_in_quotes(lines.last, source.delimiter):
            raise FileError(
                f'{path}: row {number}: a quote (") opens there and is never closed, so the rest of the file would be '
                "one cell; close it, or double it if it belongs to the text"
            )


class _Remembered:
    """The lines of a file; ``last`` are those of the record before the one that is being read."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._taken: list[str] = []
        self.last: list[str] = []

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = next(self._file)
        self._taken.append(line)
        return line

    def next_record(self) -> None:
        """A record is about to be read."""
        self.last, self._taken = self._taken or self.last, []


def _each(lines: _Remembered, records: Iterator[list[str]]) -> Iterator[list[str]]:
    while True:
        lines.next_record()
        record = next(records, None)
        if record is None:
            return
        yield record


def _ends_in_quotes(lines: Sequence[str], delimiter: str) -> bool:
    """Whether the last record of a file is still within quotes where the file ends."""
    try:
        for _ in csv.reader(lines, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False


def _batch(records: Sequence[tuple[int, list[str]]], width: int) -> Batch:
    rows, cells, marks = [], [], []
    for number, record in records:
        if len(record) > width and any(cell.strip() for cell in record[width:]):
            marks.append(Mark(number, None, "too_many_cells", " | ".join(record[width:]), _counted(record, width)))
        if len(record) < width and any(cell.strip() for cell in record):
            marks.append(Mark(number, None, "too_few_cells", "", _counted(record, width)))
        rows.append(number)
        cells.append([cell or None for cell in record[:width]] + [None] * (width - len(record)))
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cell_names(width), pl.String), orient="row")
    numbered = frame.with_columns(pl.Series("row", rows, dtype=pl.UInt32))
    return Batch(without_blank_rows(numbered.select("row", *frame.columns), marks), tuple(marks))


def _counted(record: Sequence[str], width: int) -> dict[str, Any]:
    return {"variant": "counted", "cells": len(record), "width": width}
