"""CSV → Table: polars in batches for a regular file, the standard library's reader from where it is not."""

from __future__ import annotations

import codecs
import csv
import itertools
import os
import tempfile
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl

from importer.errors import FileError
from importer.reading.digest import sha256_of
from importer.reading.shape import cell_names, header_names, without_blank_rows
from importer.reading.sniff import NAMES, sniff_delimiter
from importer.records import Batch, FileFacts, Mark, Table
from importer.settings import Settings

BATCH_ROWS = 100_000
SAMPLE_BYTES = 1 << 18
LONGEST_CELL = 1 << 27


class _Copy:
    """A converted copy of a file; it goes when nothing holds it any more."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(suffix=".csv")
        self.path = Path(name)
        self.file = os.fdopen(handle, "wb")
        weakref.finalize(self, _discard, self.file, self.path)


def _discard(file: IO[bytes], path: Path) -> None:
    file.close()
    path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Source:
    """A CSV file in UTF-8 and how to cut it; ``held`` keeps a converted copy alive."""

    path: Path
    delimiter: str
    width: int
    header_row: int
    held: _Copy | None


def read_csv(path: Path, settings: Settings) -> Table:
    """Open a CSV file. Raises FileError."""
    csv.field_size_limit(LONGEST_CELL)
    encoding, held = _in_utf8(path, settings.encoding)
    plain = held.path if held else path
    with plain.open("rb") as file:
        sample = file.read(SAMPLE_BYTES)
        complete = not file.read(1)
    text = sample.decode("utf-8-sig", errors="ignore")
    delimiter = _given(settings.delimiter) or sniff_delimiter(text, complete=complete)
    header_row, cells = _header(plain, delimiter, settings.header_row, path)
    names = header_names(cells, path)
    source = _Source(plain, delimiter, len(names), header_row, held)
    facts = FileFacts(str(path), sha256_of(path), encoding=encoding, delimiter=delimiter)
    return Table(facts, names, header_row, lambda: _batches(source, path))


def _given(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    char = NAMES.get(delimiter.lower(), delimiter)
    if len(char) != 1 or char in '"\r\n':
        raise FileError(f"--delimiter {delimiter!r}: must be one character, such as ';', or one of {', '.join(NAMES)}")
    return char


def _in_utf8(path: Path, named: str | None) -> tuple[str, _Copy | None]:
    """The file's encoding, and a converted copy when it is not UTF-8 already."""
    with path.open("rb") as file:
        start = file.read(4)
    found = named or (
        "utf-16"
        if start[:2] in (b"\xff\xfe", b"\xfe\xff")
        else "utf-8-sig"
        if start[:3] == codecs.BOM_UTF8
        else "utf-8"
    )
    try:
        codec = codecs.lookup(found)
        "x".encode(codec.name)  # not every codec is one of texts
    except (LookupError, UnicodeError) as error:
        raise FileError(f"--encoding {found}: there is no such encoding; try utf-8, cp1252 or utf-16") from error
    decoder = codec.incrementaldecoder()
    copy = None if codec.name in ("utf-8", "utf-8-sig") else _Copy()
    position, lines = 0, 0
    with path.open("rb") as file:
        while True:
            piece = file.read(1 << 22)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                row = lines + piece[: error.start].count(b"\n") + 1
                byte = error.object[error.start]
                raise FileError(
                    f"{path}: line {row} holds the byte 0x{byte:02X} (at {position + error.start}), which is not "
                    f"{codec.name}; save the file as UTF-8, or name its encoding, for example --encoding cp1252"
                ) from error
            except UnicodeError as error:
                raise FileError(f"{path}: is not {codec.name} ({error}); name another encoding") from error
            if copy:
                copy.file.write(text.encode())
            if not piece:
                break
            position, lines = position + len(piece), lines + piece.count(b"\n")
    if copy:
        copy.file.close()
    return {"utf-8-sig": "utf-8"}.get(codec.name, codec.name), copy


def _header(plain: Path, delimiter: str, wanted: int | None, path: Path) -> tuple[int, list[str]]:
    """The number and the cells of the header: the first record that is not blank, or the one that was asked for."""
    for number, record in enumerate(_records(plain, delimiter), start=1):
        if (wanted is None and any(cell.strip() for cell in record)) or number == wanted:
            return number, record
    if wanted is not None:
        raise FileError(f"{path}: has no row {wanted} to take as the header (--header-row)")
    raise FileError(f"{path}: has no header; its first row must name the columns")


def _records(plain: Path, delimiter: str) -> Iterator[list[str]]:
    with plain.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.reader(file, delimiter=delimiter)


def _batches(source: _Source, path: Path) -> Iterator[Batch]:
    """Fast where polars agrees to read, careful from the first batch at which it does not."""
    done = 0
    if source.delimiter.isascii() and not _has_leading_blank_lines(source):
        try:
            for frame in _fast(source):
                done = int(frame["row"][-1]) if frame.height else done
                yield Batch(without_blank_rows(frame.filter(pl.col("row") > source.header_row)))
        except (pl.exceptions.ComputeError, pl.exceptions.SchemaError, pl.exceptions.NoDataError):
            pass
        else:
            return
    yield from _careful(source, max(done, source.header_row), path)


def _has_leading_blank_lines(source: _Source) -> bool:
    with source.path.open("rb") as file:
        return file.read(8).removeprefix(codecs.BOM_UTF8)[:1] in (b"\r", b"\n")


def _fast(source: _Source) -> Iterator[pl.DataFrame]:
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
    records = enumerate(_records(source.path, source.delimiter), start=1)
    rest = itertools.islice(records, after, None)
    try:
        while chunk := list(itertools.islice(rest, BATCH_ROWS)):
            yield _batch(chunk, source.width)
    except csv.Error as error:
        raise FileError(f"{path}: cannot be read as CSV: {error}") from error


def _batch(records: Sequence[tuple[int, list[str]]], width: int) -> Batch:
    rows, cells, marks = [], [], []
    for number, record in records:
        if len(record) > width and any(cell.strip() for cell in record[width:]):
            detail = f"too many cells: {len(record)}, the header has {width}"
            marks.append(Mark(number, None, "too_many_cells", " | ".join(record[width:]), detail))
        rows.append(number)
        cells.append([cell or None for cell in record[:width]] + [None] * (width - len(record)))
    frame = pl.DataFrame(cells, schema=dict.fromkeys(cell_names(width), pl.String), orient="row")
    numbered = frame.with_columns(pl.Series("row", rows, dtype=pl.UInt32))
    return Batch(without_blank_rows(numbered.select("row", *frame.columns), marks), tuple(marks))
