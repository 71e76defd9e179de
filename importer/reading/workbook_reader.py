"""Reads a sheet of a workbook: every cell as text, with the sheet's own row numbers.

calamine is fast, but reports no number formats, merged cells or hidden rows. A second reader, one module for each kind
of workbook, collects these while calamine works on the other core. Both run in a process of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import polars as pl

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.model.source_ref import printable_path
from importer.model.table import Batch, CellFinding, FileFacts, SheetFacts, Table
from importer.reading.header_detection import find_header
from importer.reading.read_options import ReadOptions
from importer.reading.sheet import Sheet
from importer.reading.sheet_metadata import NUMBER_AS_DATE
from importer.reading.table_layout import drop_blank_rows, header_names
from importer.reading.workbook_process import WorkbookProcess
from schemas.column_stats import distinct

BATCH_ROWS = 100_000
_NO_DATES = re.compile(
    r"^(?!.*\b(?:date|on|at|since|time)\b).*\b(?:zip|postal|post ?code|plz|phone|telephone|mobile)\b", re.IGNORECASE
)
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
DATE_TIME = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:"


def read_workbook(workbook: WorkbookProcess, path: Path, digest: Callable[[], str], options: ReadOptions) -> Table:
    """Return a sheet of an open workbook as a table. Raises FileError."""
    name, notes, sheets = _choose_sheet(workbook, path, options)
    read = workbook.read_sheet(name)
    sheet = Sheet(path, read.cells, read.metadata)
    header = sheet.find_header(options.header_row)
    names = header_names(sheet.header_cells(header), str(path))
    notes += read.notes + sheet.notes(header, names, options)
    data = _format_dates(sheet.frame.with_row_index("row", offset=1).slice(header + 1))
    findings = sheet.findings(header)
    known = {(each.row, each.column) for each in findings}
    findings += tuple(each for each in _find_dates_for_numbers(data, names) if (each.row, each.column) not in known)
    facts = FileFacts(
        printable_path(path),
        digest(),
        sheet=name,
        notes=notes,
        sheets=sheets,
        since_1904=sheet.since_1904,
        totals_rows=sheet.totals_rows,
    )
    return Table(facts, names, header + 1, lambda: _slice_batches(data, findings))


def _choose_sheet(
    workbook: WorkbookProcess, path: Path, options: ReadOptions
) -> tuple[str, tuple[str, ...], tuple[SheetFacts, ...]]:
    """Return the requested sheet, by name or number, or else the first visible one with data; notes; and all such."""
    names = workbook.names
    if options.sheet is not None:
        return _requested_sheet(names, path, options.sheet), (), ()
    if len(names) == 1:
        return names[0], (), ()
    found = [sheet for sheet in workbook.sheets_with_data() if not options.is_internal(sheet[0])]
    visible = {name: shown for name, shown, *_ in found}
    known = {name: _describe(name, height, top) for name, _, height, top in found}
    if not visible:
        raise FileError.said(N_("%(file)s: none of its sheets has data"), file=path)
    chosen = next((name for name, shown in visible.items() if shown), next(iter(visible)))
    if options.internal_prefix is not None:  # a workbook that this program wrote: its first sheet has the rows
        return chosen, (), ()
    shown = tuple(known[name] for name, is_visible in visible.items() if is_visible)
    others = ", ".join(f"{name!r} ({known[name].size})" for name in visible if name != chosen)
    have = "has" if len(visible) == 2 else "have"
    hidden = "" if visible[chosen] else " (it is hidden)"
    if not others:
        return chosen, (f"the sheet {chosen!r} was read{hidden}, the only one with data",), ()
    return chosen, (f"the sheet {chosen!r} was read{hidden}; {others} also {have} data (choose with --sheet)",), shown


def _describe(name: str, height: int, top: Sequence[Sequence[str | None]]) -> SheetFacts:
    """Return the facts of a sheet with ``height`` rows, from its first ones."""
    filled = [index for index, row in enumerate(top) if any(cell and cell.strip() for cell in row)]
    if not filled:
        return SheetFacts(name, height)
    header = filled[find_header([top[index] for index in filled])]
    return SheetFacts(name, max(0, height - header - 1), tuple((cell or "").strip() for cell in top[header]))


def _requested_sheet(names: list[str], path: Path, requested: str) -> str:
    if requested in names:
        return requested
    if requested.isdecimal() and requested.isascii() and 1 <= int(requested) <= len(names):
        return names[int(requested) - 1]
    raise FileError.said(
        N_("%(file)s: has no sheet %(sheet)s; its sheets are %(names)s"),
        file=path,
        sheet=repr(requested),
        names=", ".join(map(repr, names)),
    )


def _format_dates(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with dates and times as a person sees them.

    calamine gives a date as ``1990-02-28 00:00:00``, and a time on the first day of the workbook's calendar.
    """
    texts = frame.select(pl.col(pl.String))
    # Most columns have no text that begins with a digit, and comparing finds that out faster than a pattern does.
    digits = [column for column in texts if ((column >= "0") & (column < ":")).any()]
    dated = [column.name for column in digits if _has_dates(distinct(column))]
    return frame.with_columns(pl.col("row").cast(pl.UInt32), _date_text(pl.col(dated)))


def _find_dates_for_numbers(data: pl.DataFrame, names: Sequence[str]) -> Iterator[CellFinding]:
    """Yield the dates in columns of postal codes and phone numbers, of which a spreadsheet program made them."""
    for column, name in enumerate(names):
        if _NO_DATES.search(name):
            found = data.select("row", text=pl.nth(column + 1)).filter(pl.col("text").str.contains(_DATE.pattern))
            for row, text in found.rows():
                yield CellFinding(row, column, NUMBER_AS_DATE, text)


def _has_dates(texts: pl.Series) -> bool:
    """Return True if ``_date_text`` changes any of the texts."""
    found = texts.filter(texts.str.contains(DATE_TIME))
    return not found.to_frame().select(_date_text(pl.all())).to_series().equals(found)


def _date_text(texts: pl.Expr) -> pl.Expr:
    return (
        texts.str.replace(r"^(?:1899-12-3[01]|1904-01-01) (\d{2}:\d{2}:\d{2})(?:\.\d+)?$", "$1")
        .str.replace(r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00(?:\.0+)?$", "$1")
        .str.replace(r"^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}(?:\.\d+)?)$", "$1 $2")
    )


def _slice_batches(data: pl.DataFrame, findings: tuple[CellFinding, ...]) -> Iterator[Batch]:
    for frame in data.iter_slices(BATCH_ROWS):
        first, last = frame["row"][0], frame["row"][-1]
        found = tuple(finding for finding in findings if first <= finding.row <= last)
        yield Batch(drop_blank_rows(frame, found), found)
