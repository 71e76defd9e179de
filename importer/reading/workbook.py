"""A workbook → Table, through calamine: every cell as text, the sheet's own row numbers."""

from __future__ import annotations

import contextlib
import logging
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fastexcel
import polars as pl

from importer.errors import FileError
from importer.reading.digest import sha256_of
from importer.reading.second_look import look
from importer.reading.shape import cell_names, header_names, without_blank_rows
from importer.reading.sheet import Sheet
from importer.records import Batch, FileFacts, Mark, Table
from importer.settings import Settings

logging.getLogger("fastexcel").setLevel(logging.ERROR)  # it warns of columns without values: not news

BATCH_ROWS = 100_000
DATE_TIME = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:"
OLE = b"\xd0\xcf\x11\xe0"
MOST_BYTES = 1 << 32
"""What a workbook may unpack to: several times the largest sheet of contacts."""
SUSPECT_BYTES, MOST_PACKED = 1 << 28, 300
"""A part larger than this that is packed to less than one in so many is no spreadsheet's."""


def read_workbook(path: Path, start: bytes, settings: Settings) -> Table:
    """Open a workbook. Raises FileError."""
    _refuse(path, start)
    reader = _open(path)
    name, notes = _choose(reader, path, settings.sheet)
    sheet = _read(reader, name, path)
    header = sheet.header(settings.header_row)
    names = header_names(sheet.names(header), path)
    notes += sheet.notes(header, names, asked=settings.header_row is not None)
    data = _as_shown(sheet.frame.with_row_index("row", offset=1).slice(header + 1))
    marks = sheet.marks(header)
    facts = FileFacts(str(path), sha256_of(path), sheet=name, notes=notes)
    return Table(facts, names, header + 1, lambda: _batches(data, marks))


def _refuse(path: Path, start: bytes) -> None:
    """Refuse what is protected, no workbook, or larger than any workbook when it is unpacked."""
    if start.startswith(OLE) and path.suffix.lower() != ".xls":
        raise FileError(f"{path}: is protected by a password (or is an old .xls under a new name); save it without one")
    if path.suffix.lower() in (".xlsx", ".xlsm", ".xlsb", ".ods") and not start.startswith(b"PK"):
        raise FileError(f"{path}: is not a workbook; open it in a spreadsheet program and save it as .xlsx")
    with contextlib.suppress(zipfile.BadZipFile, KeyError, OSError), zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if path.suffix.lower() == ".ods" and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise FileError(f"{path}: is protected by a password; save it without one")
        suspect = any(part.file_size > max(SUSPECT_BYTES, MOST_PACKED * part.compress_size) for part in parts)
        size = sum(part.file_size for part in parts)
        if suspect or size > MOST_BYTES:
            raise FileError(
                f"{path}: would unpack to {size / 1e9:.1f} GB, which no list of contacts does; it is damaged or made "
                "to do harm. If you trust it, save the sheet as CSV and import that"
            )


def _open(path: Path) -> fastexcel.ExcelReader:
    try:
        return fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        words = str(error).splitlines()[0]
        if "password" in words.lower() or "encrypt" in words.lower():
            raise FileError(f"{path}: is protected by a password; save it without one") from error
        raise FileError(f"{path}: cannot be read as a workbook ({words}); open it and save it again") from error


def _choose(reader: fastexcel.ExcelReader, path: Path, wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """The sheet that was asked for, by name or by number from 1; else the only one with data, or the first visible."""
    names = reader.sheet_names
    if wanted is not None:
        if wanted in names:
            return wanted, ()
        if wanted.isdecimal() and wanted.isascii() and 1 <= int(wanted) <= len(names):
            return names[int(wanted) - 1], ()
        raise FileError(f"{path}: has no sheet {wanted!r}; its sheets are {', '.join(map(repr, names))}")
    if len(names) == 1:
        return names[0], ()
    visible = dict(_with_data(reader))
    if not visible:
        raise FileError(f"{path}: none of its sheets has data")
    chosen = next((name for name, shown in visible.items() if shown), next(iter(visible)))
    others = ", ".join(repr(name) for name in visible if name != chosen)
    hidden = "" if visible[chosen] else " (it is hidden)"
    if not others:
        return chosen, (f"the sheet {chosen!r} was read{hidden}, the only one with data",)
    return chosen, (f"the sheet {chosen!r} was read{hidden}; {others} also has data (choose with --sheet)",)


def _with_data(reader: fastexcel.ExcelReader) -> Iterator[tuple[str, bool]]:
    """The sheets that have data, and whether each is visible."""
    for name in reader.sheet_names:
        with contextlib.suppress(fastexcel.FastExcelError):  # a sheet of a chart, say
            sheet = reader.load_sheet(name, header_row=None, n_rows=5)
            if sheet.height:
                yield name, sheet.visible == "visible"


def _read(reader: fastexcel.ExcelReader, name: str, path: Path) -> Sheet:
    """The cells, and what the second look saw, which is taken while calamine is at work on the other core."""
    with ThreadPoolExecutor(1) as thread:
        seen = thread.submit(look, path, name)
        try:
            loaded = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
            if not loaded.height:
                raise FileError(f"{path}: the sheet {name!r} is empty")
            first = loaded.available_columns()[0].absolute_index
            batch, errors = loaded.to_arrow_with_errors()
        except fastexcel.FastExcelError as error:
            raise FileError(f"{path}: the sheet {name!r} cannot be read ({str(error).splitlines()[0]})") from error
        frame = pl.DataFrame(batch)
        frame.columns = cell_names(frame.width)
        found = [entry.offset_position for entry in errors.errors] if errors else []
        return Sheet(path, frame, first, found, seen.result())


def _as_shown(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates arrive as ``1990-02-28 00:00:00`` and times on a day of their own: neither is what a person sees."""
    dated = [cells.name for cells in frame.select(pl.col(pl.String)) if cells.str.contains(DATE_TIME).any()]
    return frame.with_columns(
        pl.col("row").cast(pl.UInt32),
        pl.col(dated)
        .str.replace(r"^(?:1899-12-3[01]|1904-01-01) (\d{2}:\d{2}:\d{2})(?:\.\d+)?$", "$1")
        .str.replace(r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00(?:\.0+)?$", "$1")
        .str.replace(r"^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}(?:\.\d+)?)$", "$1 $2"),
    )


def _batches(data: pl.DataFrame, marks: tuple[Mark, ...]) -> Iterator[Batch]:
    for frame in data.iter_slices(BATCH_ROWS):
        low, high = frame["row"][0], frame["row"][-1]
        here = tuple(mark for mark in marks if low <= mark.row <= high)
        yield Batch(without_blank_rows(frame, here), here)
