"""A workbook → Table, through calamine: every cell as text, the sheet's own row numbers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl

from importer.errors import FileError
from importer.files import sha256_of
from importer.model.table import Batch, FileFacts, Mark, Table
from importer.reading.calamine import Book, open_book
from importer.reading.sheet import OURS, Sheet
from importer.reading.sheet_metadata import look
from importer.reading.table_layout import header_names, without_blank_rows
from importer.settings import Settings
from schemas.column_stats import distinct

BATCH_ROWS = 100_000
OWN_SHEET = "import_run"
"""What our own workbooks have: see ``importer.returning``."""
DATE_TIME = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:"


def read_workbook(path: Path, start: bytes, settings: Settings) -> Table:
    """Open a workbook. Raises FileError."""
    book = open_book(path, start)
    if OWN_SHEET in book.names and settings.sheet != OWN_SHEET:
        settings = replace(settings, sheet=None, header_row=None)  # they were said of the file that it is a report of
    name, notes = _choose(book, path, settings.sheet)
    sheet = _read(book, name, path)
    header = sheet.header(settings.header_row)
    names = header_names(sheet.names(header), path)
    notes += sheet.notes(header, names, asked=settings.header_row is not None)
    data = _as_shown(sheet.frame.with_row_index("row", offset=1).slice(header + 1))
    marks = sheet.marks(header)
    facts = FileFacts(str(path), sha256_of(path), sheet=name, notes=notes)
    return Table(facts, names, header + 1, lambda: _batches(data, marks))


def _choose(book: Book, path: Path, wanted: str | None) -> tuple[str, tuple[str, ...]]:
    """The sheet that was asked for, by name or by number from 1; else the only one with data, or the first visible."""
    names = book.names
    if wanted is not None:
        if wanted in names:
            return wanted, ()
        if wanted.isdecimal() and wanted.isascii() and 1 <= int(wanted) <= len(names):
            return names[int(wanted) - 1], ()
        raise FileError(f"{path}: has no sheet {wanted!r}; its sheets are {', '.join(map(repr, names))}")
    if len(names) == 1:
        return names[0], ()
    visible = {sheet: shown for sheet, shown in book.with_data() if not sheet.startswith(OURS)}
    if not visible:
        raise FileError(f"{path}: none of its sheets has data")
    chosen = next((name for name, shown in visible.items() if shown), next(iter(visible)))
    others = ", ".join(repr(name) for name in visible if name != chosen)
    hidden = "" if visible[chosen] else " (it is hidden)"
    if OWN_SHEET in book.names:  # our own workbook: the first sheet has its rows
        return chosen, ()
    if not others:
        return chosen, (f"the sheet {chosen!r} was read{hidden}, the only one with data",)
    return chosen, (f"the sheet {chosen!r} was read{hidden}; {others} also has data (choose with --sheet)",)


def _read(book: Book, name: str, path: Path) -> Sheet:
    """The cells, and what the second look saw, which is taken while calamine is at work on the other core."""
    with ThreadPoolExecutor(1) as thread:
        seen = thread.submit(look, path, name)
        frame, first, errors = book.cells(name)
        return Sheet(path, frame, first, errors, seen.result())


def _as_shown(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates arrive as ``1990-02-28 00:00:00`` and times on a day of their own: neither is what a person sees."""
    texts = frame.select(pl.col(pl.String))
    # Most columns have no text that begins with a digit, which comparing tells faster than a pattern.
    digits = [column for column in texts if ((column >= "0") & (column < ":")).any()]
    dated = [column.name for column in digits if _has_dates(distinct(column))]
    return frame.with_columns(pl.col("row").cast(pl.UInt32), _shown(pl.col(dated)))


def _has_dates(texts: pl.Series) -> bool:
    """Whether some of the texts are dates that are shown otherwise."""
    found = texts.filter(texts.str.contains(DATE_TIME))
    return not found.to_frame().select(_shown(pl.all())).to_series().equals(found)


def _shown(texts: pl.Expr) -> pl.Expr:
    return (
        texts.str.replace(r"^(?:1899-12-3[01]|1904-01-01) (\d{2}:\d{2}:\d{2})(?:\.\d+)?$", "$1")
        .str.replace(r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00(?:\.0+)?$", "$1")
        .str.replace(r"^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}(?:\.\d+)?)$", "$1 $2")
    )


def _batches(data: pl.DataFrame, marks: tuple[Mark, ...]) -> Iterator[Batch]:
    for frame in data.iter_slices(BATCH_ROWS):
        low, high = frame["row"][0], frame["row"][-1]
        here = tuple(mark for mark in marks if low <= mark.row <= high)
        yield Batch(without_blank_rows(frame, here), here)
