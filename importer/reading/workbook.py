"""A workbook → Table, through calamine: every cell as text, the sheet's own row numbers."""

from __future__ import annotations

import contextlib
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fastexcel
import polars as pl

from importer.errors import FileError
from importer.reading.digest import sha256_of
from importer.reading.padded import with_shown_zeros
from importer.reading.shape import cell_names, header_names, without_blank_rows
from importer.records import Batch, FileFacts, Mark, Table
from importer.settings import Settings

logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns of columns without values: not news

BATCH_ROWS = 100_000
OLE = b"\xd0\xcf\x11\xe0"


def read_workbook(path: Path, start: bytes, settings: Settings) -> Table:
    """Open a workbook. Raises FileError."""
    reader = _open(path, start)
    sheet, notes = _choose(reader, path, settings.sheet)
    frame, errors = _cells(reader, sheet, path)
    frame = with_shown_zeros(frame, path, sheet)
    header = _header_index(frame, settings.header_row, path)
    frame = _without_empty_edge(frame, header)
    names = header_names(frame.row(header), path)
    data = _as_shown(frame.with_row_index("row", offset=1).slice(header + 1))
    marks = tuple(
        Mark(row + 1, column, "cell_error", "", detail)
        for row, column, detail in errors
        if row > header and column < frame.width
    )
    facts = FileFacts(str(path), sha256_of(path), sheet=sheet, notes=notes)
    return Table(facts, names, header + 1, lambda: _batches(data, marks))


def _open(path: Path, start: bytes) -> fastexcel.ExcelReader:
    if start.startswith(OLE) and path.suffix.lower() != ".xls":
        raise FileError(f"{path}: is protected by a password (or is an old .xls under a new name); save it without one")
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods") and not start.startswith(b"PK"):
        raise FileError(f"{path}: is not a workbook; open it in a spreadsheet program and save it as .xlsx")
    if path.suffix.lower() == ".ods" and _encrypted_ods(path):
        raise FileError(f"{path}: is protected by a password; save it without one")
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        words = str(error).splitlines()[0]
        if "password" in words.lower() or "encrypt" in words.lower():
            raise FileError(f"{path}: is protected by a password; save it without one") from error
        raise FileError(f"{path}: cannot be read as a workbook ({words}); open it and save it again") from error


def _encrypted_ods(path: Path) -> bool:
    with contextlib.suppress(zipfile.BadZipFile, KeyError, OSError), zipfile.ZipFile(path) as archive:
        return b"encryption-data" in archive.read("META-INF/manifest.xml")
    return False


def _choose(reader: fastexcel.ExcelReader, path: Path, wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """The sheet that was asked for, by name or by number from 1; else the first visible one with data."""
    names = reader.sheet_names
    if wanted is not None:
        if wanted in names:
            return wanted, ()
        if wanted.isdecimal() and wanted.isascii() and 1 <= int(wanted) <= len(names):
            return names[int(wanted) - 1], ()
        raise FileError(f"{path}: has no sheet {wanted!r}; its sheets are {', '.join(map(repr, names))}")
    if len(names) == 1:
        return names[0], ()
    sheets = [(name, reader.load_sheet(name, header_row=None, n_rows=5)) for name in names]
    filled = [name for name, sheet in sheets if sheet.height and sheet.visible == "visible"]
    if not filled:
        raise FileError(f"{path}: none of its visible sheets has data")
    if len(filled) == 1:
        return filled[0], ()
    others = ", ".join(repr(name) for name in filled[1:])
    return filled[0], (f"the sheet {filled[0]!r} was read; {others} also has data (choose with --sheet)",)


def _cells(reader: fastexcel.ExcelReader, sheet: str, path: Path) -> tuple[pl.DataFrame, list[tuple[int, int, str]]]:
    try:
        loaded = reader.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
        if not loaded.height:
            raise FileError(f"{path}: the sheet {sheet!r} is empty")
        batch, errors = loaded.to_arrow_with_errors()
    except fastexcel.FastExcelError as error:
        raise FileError(f"{path}: the sheet {sheet!r} cannot be read ({str(error).splitlines()[0]})") from error
    frame = pl.DataFrame(batch)
    frame.columns = cell_names(frame.width)
    found = [(*entry.offset_position, entry.detail) for entry in errors.errors] if errors else []
    return frame, found


def _header_index(frame: pl.DataFrame, wanted: int | None, path: Path) -> int:
    if wanted is not None:
        if not 1 <= wanted <= frame.height:
            raise FileError(f"{path}: has no row {wanted} to take as the header (--header-row)")
        return wanted - 1
    filled = frame.select(pl.any_horizontal((pl.all().str.strip_chars() != "").fill_null(value=False))).to_series()
    first = filled.arg_max()
    if first is None or not filled[first]:
        raise FileError(f"{path}: has no header; its first row must name the columns")
    return first


def _without_empty_edge(frame: pl.DataFrame, header: int) -> pl.DataFrame:
    """Leave out columns at the right that have neither a header nor a value."""
    while frame.width > 1 and not (frame[header, -1] or "").strip() and _blank(frame[:, -1].slice(header)):
        frame = frame.drop(frame.columns[-1])
    return frame


def _blank(column: pl.Series) -> bool:
    return not (column.str.strip_chars() != "").any()


def _as_shown(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates arrive as ``1990-02-28 00:00:00``; the midnight is calamine's, not the person's."""
    return frame.with_columns(
        pl.col("row").cast(pl.UInt32),
        pl.exclude("row").str.replace(r"^(\d{4}-\d{2}-\d{2}) 00:00:00$", "$1"),
    )


def _batches(data: pl.DataFrame, marks: tuple[Mark, ...]) -> Iterator[Batch]:
    for frame in data.iter_slices(BATCH_ROWS):
        low, high = frame["row"][0], frame["row"][-1]
        here = tuple(mark for mark in marks if low <= mark.row <= high)
        yield Batch(without_blank_rows(frame, here), here)
