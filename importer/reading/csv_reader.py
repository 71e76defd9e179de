"""Reads CSV: with polars in batches while the file is regular, with the standard library from where it is not.

polars reads a regular file several times as fast, but it accepts no row that is too long, and it fills short rows with
nulls without saying so.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.model.table import Batch, FileFacts, Table
from importer.reading.csv_dialect import detect_dialect, equals_note, find_late_signs, rewrite
from importer.reading.delimiter_detection import DELIMITERS, detect_delimiter
from importer.reading.header_detection import HEADER_SEARCH_ROWS, find_header
from importer.reading.irregular_csv import read_irregular_rows
from importer.reading.row_width import is_rectangular
from importer.reading.table_layout import cell_names, drop_blank_rows, header_names, titles_note
from importer.reading.text_file import TextFile
from importer.reading.transcode import Utf8File

BATCH_ROWS = 100_000
# polars reads ahead in pieces. Smaller ones take 150 MB less memory, and no more time.
POLARS_PIECE_BYTES = ("POLARS_CSV_CHUNK_SIZE", "4000000")
SAMPLE_BYTES, DIALECT_SAMPLE_BYTES = 1 << 18, 1 << 22
LONGEST_CELL_CHARACTERS = 1 << 27
_IN_EQUALS = re.compile(r'^="([^"]*)"$')
# Excel's own way to name the delimiter: a first line such as ``sep=;``. A letter would vanish from every cell.
_SEPARATOR_LINE = re.compile(r'"?sep=([^"\r\n\w])"?\r?(?:\n|$)', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CsvLayout:
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
        sample_bytes = opened.read(DIALECT_SAMPLE_BYTES)
        complete = not opened.read(1)
    long_sample = sample_bytes.decode("utf-8-sig", errors="ignore")
    sample = long_sample[:SAMPLE_BYTES]
    named = _SEPARATOR_LINE.match(sample)
    delimiter = file.delimiter or (
        named[1] if named else detect_delimiter(sample, complete=complete and sample == long_sample)
    )
    if not complete:
        whole_lines = long_sample[: max(long_sample.rfind("\n"), long_sample.rfind("\r")) + 1] or long_sample
        long_sample = whole_lines + find_late_signs(text, delimiter, DIALECT_SAMPLE_BYTES)
    dialect = detect_dialect(long_sample, delimiter, complete=complete)
    if dialect.differences:
        text = rewrite(text, dialect, shown)
    records = _number_records(text.path, delimiter)
    if file.header_row is not None:
        header = _requested_header(records, file.header_row, shown)
    else:
        header = _detected_header(records, shown, after=1 if named else 0)
    names = header_names([_IN_EQUALS.sub(r"\1", cell) for cell in header.cells], shown)
    layout = CsvLayout(text, shown, delimiter, len(names), header.row)
    facts = FileFacts(
        shown,
        file.sha256,
        encoding=text.encoding,
        delimiter=delimiter,
        notes=(
            *text.notes,
            *equals_note(long_sample),
            *titles_note(header.row, header.titles),
            *_one_column_note(names, delimiter),
        ),
        cells_need_no_quotes=delimiter in DELIMITERS and not text.quotes and not text.lone_returns,
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
    raise FileError.said(
        N_("%(file)s: has no row %(row)s to take as the header%(cli)s"), file=shown, row=row, cli=" (--header-row)"
    )


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
        raise FileError.said(N_("%(file)s: has no header; its first row must name the columns"), file=shown)
    index = find_header([record for _, record in top])
    return _Header(*top[index], tuple(number for number, _ in top[:index]))


def _number_records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from enumerate(csv.reader(file, delimiter=delimiter), start=1)


def _read_batches(layout: CsvLayout) -> Iterator[Batch]:
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
            yield Batch(drop_blank_rows(_unwrap_equals(below) if layout.text.quotes else below))
        else:
            return
    for batch in read_irregular_rows(layout.path, layout.delimiter, layout.width, after=last_row, shown=layout.shown):
        yield replace(batch, frame=_unwrap_equals(batch.frame))


def _unwrap_equals(frame: pl.DataFrame) -> pl.DataFrame:
    """Take the text out of cells such as ``="02134"``, which keep a spreadsheet from making numbers of them."""
    wrapped = [
        column.name for column in frame.iter_columns() if column.name != "row" and column.str.starts_with('="').any()
    ]
    if not wrapped:
        return frame
    return frame.with_columns(pl.col(wrapped).str.replace(_IN_EQUALS.pattern, "$1"))


def _read_with_polars(layout: CsvLayout) -> Iterator[pl.DataFrame | None]:
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


def _suits_polars(layout: CsvLayout) -> bool:
    return layout.delimiter.isascii() and not layout.text.lone_returns and not _has_leading_blank_line(layout)


def _is_rectangular(layout: CsvLayout) -> bool:
    return is_rectangular(layout.path, layout.delimiter, layout.width)


def _has_leading_blank_line(layout: CsvLayout) -> bool:
    with layout.path.open("rb") as file:
        return file.read(8).removeprefix(codecs.BOM_UTF8)[:1] in (b"\r", b"\n")


def _scan(layout: CsvLayout) -> Iterator[pl.DataFrame]:
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
