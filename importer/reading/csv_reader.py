"""Reads CSV: polars in batches while the file is regular, the standard library's reader from where it is not.

polars reads a regular file several times as fast, but it accepts no row that is too long and fills short rows with
nulls without saying so.
"""

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
from typing import IO, Self

import polars as pl

from importer.errors import FileError
from importer.model.table import Batch, CellFinding, FileFacts, Table
from importer.reading.delimiter_detection import DELIMITERS, detect_delimiter
from importer.reading.header_detection import HEADER_SEARCH_ROWS, find_header
from importer.reading.row_width import is_rectangular
from importer.reading.table_layout import cell_names, drop_blank_rows, header_names, titles_note
from importer.reading.text_file import TextFile
from importer.reading.transcode import Utf8File

BATCH_ROWS = 100_000
# polars reads ahead in pieces. Smaller ones take 150 MB less memory, and no more time.
POLARS_PIECE_BYTES = ("POLARS_CSV_CHUNK_SIZE", "4000000")
SAMPLE_BYTES = 1 << 18
LONGEST_CELL_CHARACTERS = 1 << 27
# Excel's own way to name the delimiter: a first line such as ``sep=;``.
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n])"?\r?(?:\n|$)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Layout:
    """A CSV file in UTF-8 and its layout. ``shown`` is its name in messages."""

    text: Utf8File
    shown: str
    delimiter: str
    width: int
    header_row: int

    @property
    def path(self) -> Path:
        """The path of the UTF-8 text."""
        return self.text.path


@dataclass(frozen=True, slots=True)
class _Header:
    """The header's row and cells, and the rows above it that were taken for titles."""

    row: int
    cells: list[str]
    titles: tuple[int, ...]


def open_csv(file: TextFile, shown: str) -> Table:
    """Return an open text file as a table. ``shown`` is its name in messages. Raises FileError."""
    csv.field_size_limit(LONGEST_CELL_CHARACTERS)
    text = file.text
    with text.path.open("rb") as opened:
        sample_bytes = opened.read(SAMPLE_BYTES)
        complete = not opened.read(1)
    sample = sample_bytes.decode("utf-8-sig", errors="ignore")
    named = _SEPARATOR_LINE.match(sample)
    delimiter = file.delimiter or (named[1] if named else detect_delimiter(sample, complete=complete))
    records = _number_records(text.path, delimiter)
    if file.header_row is not None:
        header = _requested_header(records, file.header_row, shown)
    else:
        header = _detected_header(records, shown, after=1 if named else 0)
    names = header_names(header.cells, shown)
    layout = _Layout(text, shown, delimiter, len(names), header.row)
    facts = FileFacts(
        shown,
        file.sha256,
        encoding=text.encoding,
        delimiter=delimiter,
        notes=(*text.notes, *titles_note(header.row, header.titles), *_one_column_note(names, delimiter)),
        cells_need_no_quotes=delimiter == "," and not text.quotes and not text.lone_returns,
    )
    return Table(facts, names, header.row, lambda: _read_batches(layout))


def _one_column_note(names: Sequence[str], delimiter: str) -> Iterator[str]:
    """Yield a hint if a file of one column looks as if it had more."""
    if len(names) == 1:
        found = [sign for sign in DELIMITERS if sign != delimiter and sign in names[0]]
        if found:
            yield (
                f"the file has one column, {names[0]!r}; if it should have more, name what separates them: "
                f"--delimiter {found[0]!r}"
            )


def _requested_header(records: Iterator[tuple[int, list[str]]], row: int, shown: str) -> _Header:
    with contextlib.suppress(csv.Error):  # reported where the rows are read
        for number, record in records:
            if number == row:
                return _Header(number, record, ())
    raise FileError(f"{shown}: has no row {row} to take as the header (--header-row)")


def _detected_header(records: Iterator[tuple[int, list[str]]], shown: str, *, after: int) -> _Header:
    """Return the header among the first records below row ``after`` that are not blank."""
    top = list[tuple[int, list[str]]]()
    with contextlib.suppress(csv.Error):  # reported where the rows are read
        for number, record in records:
            if number > after and any(cell.strip() for cell in record):
                top.append((number, record))
                if len(top) == HEADER_SEARCH_ROWS:
                    break
    if not top:
        raise FileError(f"{shown}: has no header; its first row must name the columns")
    index = find_header([record for _, record in top])
    return _Header(*top[index], tuple(number for number, _ in top[:index]))


def _number_records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from enumerate(csv.reader(file, delimiter=delimiter), start=1)


def _read_batches(layout: _Layout) -> Iterator[Batch]:
    """Yield the rows below the header: with polars while that is possible, with the standard library after it."""
    last_row = layout.header_row
    with contextlib.suppress(pl.exceptions.ComputeError, pl.exceptions.SchemaError, pl.exceptions.NoDataError):
        for frame in _read_with_polars(layout):
            if frame is None:
                break
            below = frame
            if last_row <= layout.header_row:
                below = frame.filter(pl.col("row") > layout.header_row)
            last_row = int(below["row"][-1]) if below.height else last_row
            yield Batch(drop_blank_rows(below))
        else:
            return
    yield from _read_with_csv_module(layout, last_row)


def _read_with_polars(layout: _Layout) -> Iterator[pl.DataFrame | None]:
    """Yield the frames that polars reads, and None where the file turns out to be irregular."""
    counted = layout.text.quotes
    if not _suits_polars(layout) or (counted and not _is_rectangular(layout)):
        yield None
        return
    for frame in _scan(layout):
        # polars fills short rows with nulls. Only if the last cell is null does counting have to tell them apart.
        if not counted and frame[f"c{layout.width - 1}"].null_count():
            counted = True
            if not _is_rectangular(layout):
                yield None
                return
        yield frame


def _suits_polars(layout: _Layout) -> bool:
    return layout.delimiter.isascii() and not layout.text.lone_returns and not _has_leading_blank_line(layout)


def _is_rectangular(layout: _Layout) -> bool:
    return is_rectangular(layout.path, layout.delimiter, layout.width)


def _has_leading_blank_line(layout: _Layout) -> bool:
    with layout.path.open("rb") as file:
        return file.read(8).removeprefix(codecs.BOM_UTF8)[:1] in (b"\r", b"\n")


def _scan(layout: _Layout) -> Iterator[pl.DataFrame]:
    os.environ.setdefault(*POLARS_PIECE_BYTES)
    names = cell_names(layout.width)
    scan = pl.scan_csv(
        layout.path,
        has_header=False,
        schema=dict.fromkeys(names, pl.String),
        separator=layout.delimiter,
        infer_schema=False,
        row_index_name="row",
        row_index_offset=1,
    )
    for frame in scan.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True):
        yield frame.with_columns(pl.col("row").cast(pl.UInt32))


def _read_with_csv_module(layout: _Layout, after: int) -> Iterator[Batch]:
    """Yield the rows below row ``after``, however many cells they have. Raises FileError."""
    number = 0
    with layout.path.open(encoding="utf-8-sig", newline="") as file:
        lines = _RecordLines(file)
        records = enumerate(_iterate_records(lines, csv.reader(lines, delimiter=layout.delimiter)), start=1)
        try:
            while chunk := list(itertools.islice(records, BATCH_ROWS)):
                number = chunk[-1][0]
                if number > after:
                    yield _to_batch([entry for entry in chunk if entry[0] > after], layout.width)
        except csv.Error as error:
            raise FileError(f"{layout.shown}: after row {number}: cannot be read as CSV: {error}") from error
        if _ends_within_quotes(lines.last, layout.delimiter):
            raise FileError(
                f'{layout.shown}: row {number}: a quote (") opens there and is never closed, so the rest of the file '
                "would be one cell; close it, or double it if it belongs to the text"
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
    if len(record) > width and any(cell.strip() for cell in record[width:]):
        detail = f"too many cells: {len(record)}, the header has {width}"
        yield CellFinding(number, None, "too_many_cells", " | ".join(record[width:]), detail)
    if len(record) < width and any(cell.strip() for cell in record):
        detail = f"too few cells: {len(record)}, the header has {width}"
        yield CellFinding(number, None, "too_few_cells", "", detail)
