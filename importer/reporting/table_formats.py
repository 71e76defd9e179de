"""The result and the problems of a run as two tables, in every format that --report-format offers.

A writer gets the rows in batches, so that memory does not grow with the file.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import polars as pl

from importer.model.problem import PROBLEM_COLUMNS
from importer.model.report_columns import RESULT_COLUMNS, RESULT_FIELDS
from importer.reporting.formula_escaping import escape_formulas
from importer.reporting.xlsx import SheetWriter, XlsxWriter
from schemas.column_stats import distinct

TIMESTAMP_FORMAT = "%Y-%m-%dT%H:%M:%S%.3fZ"
ROWS_PER_SHEET = 1_000_000  # Excel allows 1,048,576
ROWS_PER_WRITE = 20_000  # as XML a row takes several kilobytes of memory

Frames = tuple[pl.DataFrame, pl.DataFrame]
"""The result of some rows and the problems of these rows."""


@dataclass(frozen=True, slots=True)
class TableLayout:
    """The output folder, the headers of the input's columns, and the run's plan, which a workbook carries.

    ``cells_need_no_quotes`` is true if no cell of the input has a quote, the delimiter or a line break. ``delimiter``
    is that of the CSV reports.
    """

    folder: Path
    headers: Sequence[str]
    plan: Callable[[], str]
    cells_need_no_quotes: bool = False
    delimiter: str = ","

    @property
    def result_headers(self) -> list[str]:
        """The headers of the result."""
        return [*RESULT_COLUMNS, *self.headers]

    def with_unique_names(self, result: pl.DataFrame) -> pl.DataFrame:
        """Name the columns by their headers, blank ones by their position, and number those that repeat."""
        names: dict[str, None] = {}
        for position, header in enumerate(self.result_headers, start=1):
            name = header.strip() or f"column {position}"
            numbered = (f"{name} ({number})" for number in itertools.count(2))
            names[next(free for free in (name, *itertools.islice(numbered, position)) if free not in names)] = None
        return result.rename(dict(zip(result.columns, names, strict=True)))


class TableWriter(Protocol):
    """One format. Frames have ``TableLayout.result_headers`` and ``PROBLEM_COLUMNS`` as columns, in this order."""

    def prepare(self, result: pl.DataFrame, problems: pl.DataFrame) -> Frames:
        """Convert a batch to what ``append`` writes. Several threads call it at once."""

    def append(self, prepared: Frames) -> None:
        """Write a prepared batch. Called from one thread at a time, in the order of the rows."""

    def close(self) -> dict[str, Path]:
        """Finish the files and return the paths of ``result`` and ``errors``. Raises OSError."""

    def abandon(self) -> None:
        """Let go of files that will not be finished."""


class CsvWriter:
    """UTF-8 with a byte order mark, by which Excel recognises it; no cell is a formula."""

    def __init__(self, layout: TableLayout) -> None:
        self._paths = {"result": layout.folder / "result.csv", "errors": layout.folder / "errors.csv"}
        self._cells_need_no_quotes = layout.cells_need_no_quotes
        self._delimiter = layout.delimiter
        self._needs_quotes = rf'["{re.escape(layout.delimiter)}\r\n]|^$'
        self._files = [path.open("wb") for path in self._paths.values()]
        for file, header in zip(self._files, (layout.result_headers, PROBLEM_COLUMNS), strict=True):
            text = io.StringIO()
            safe = escape_formulas(pl.DataFrame({"": list(header)}, schema={"": pl.String}))
            csv.writer(text, delimiter=self._delimiter, lineterminator="\n").writerow(safe[""])
            file.write(codecs.BOM_UTF8 + text.getvalue().encode())

    def prepare(self, result: pl.DataFrame, problems: pl.DataFrame) -> Frames:
        safe = escape_formulas(result)
        if self._cells_need_no_quotes:
            report_columns = safe[:, : len(RESULT_COLUMNS)].select(pl.col(pl.String))
            safe = safe.with_columns(_quote_where_needed(column, self._needs_quotes) for column in report_columns)
        return safe, escape_formulas(problems)

    def append(self, prepared: Frames) -> None:
        (result, problems), (result_file, problems_file) = prepared, self._files
        # polars looks at every cell for what needs quotes, which takes longer than writing it: half of the time for
        # result.csv. So the few columns of our own are quoted above, if the input's cells need no quotes.
        style: Literal["never", "necessary"] = "never" if self._cells_need_no_quotes else "necessary"
        result.write_csv(
            result_file,
            include_header=False,
            separator=self._delimiter,
            datetime_format=TIMESTAMP_FORMAT,
            quote_style=style,
        )
        problems.write_csv(problems_file, include_header=False, separator=self._delimiter)

    def close(self) -> dict[str, Path]:
        self.abandon()
        return self._paths

    def abandon(self) -> None:
        for file in self._files:
            file.close()


def _quote_where_needed(texts: pl.Series, needs_quotes: str) -> pl.Series:
    """Quote the texts of a column that match a pattern: a quote, a delimiter or a line break in them, or no text."""
    if not distinct(texts).str.contains(needs_quotes).any():
        return texts
    at = texts.str.contains(needs_quotes).fill_null(value=False).arg_true()
    return texts.clone().scatter(at, '"' + texts[at].str.replace_all('"', '""', literal=True) + '"')


class JsonLinesWriter:
    """One object a line; blank values are null."""

    def __init__(self, layout: TableLayout) -> None:
        self._paths = {"result": layout.folder / "result.jsonl", "errors": layout.folder / "errors.jsonl"}
        self._files = [path.open("wb") for path in self._paths.values()]
        self._layout = layout

    def prepare(self, result: pl.DataFrame, problems: pl.DataFrame) -> Frames:
        named = self._layout.with_unique_names(result)
        return named.with_columns(pl.col(pl.Datetime).dt.strftime(TIMESTAMP_FORMAT)), problems

    def append(self, prepared: Frames) -> None:
        for file, frame in zip(self._files, prepared, strict=True):
            frame.write_ndjson(file)

    def close(self) -> dict[str, Path]:
        self.abandon()
        return self._paths

    def abandon(self) -> None:
        for file in self._files:
            file.close()


class ParquetWriter:
    """Typed columns; times in UTC.

    polars cannot append to a Parquet file, so batches wait as Arrow files and become one file at the end, in a stream.
    """

    def __init__(self, layout: TableLayout) -> None:
        self._paths = {"result": layout.folder / "result.parquet", "errors": layout.folder / "errors.parquet"}
        self._layout = layout
        self._parts = tempfile.TemporaryDirectory(prefix="contact-importer-")
        self._batches = 0

    def prepare(self, result: pl.DataFrame, problems: pl.DataFrame) -> Frames:
        return self._layout.with_unique_names(result), problems

    def append(self, prepared: Frames) -> None:
        for name, frame in zip(self._paths, prepared, strict=True):
            frame.write_ipc(self._part(name, self._batches))
        self._batches += 1

    def close(self) -> dict[str, Path]:
        with self._parts:
            for name, path in self._paths.items():
                parts = [self._part(name, batch) for batch in range(self._batches)]
                try:
                    pl.scan_ipc(parts).sink_parquet(path, compression="zstd")
                except pl.exceptions.ComputeError as error:  # so polars calls a full disk
                    raise OSError(str(error)) from error
        return self._paths

    def abandon(self) -> None:
        self._parts.cleanup()

    def _part(self, name: str, batch: int) -> Path:
        return Path(self._parts.name) / f"{name}-{batch:06}.arrow"


class WorkbookWriter:
    """result.xlsx with a sheet for each table and the input's cells as text.

    The problems get no file of their own, because errors.xlsx is the name of the workbook to correct.
    """

    def __init__(self, layout: TableLayout) -> None:
        self._layout = layout
        self._workbook = XlsxWriter()
        self._sheets: dict[str, list[SheetWriter]] = {"Result": [], "Problems": []}
        self._begin_sheet("Result")
        self._begin_sheet("Problems")

    def prepare(self, result: pl.DataFrame, problems: pl.DataFrame) -> Frames:
        return result.with_columns(pl.col(pl.Datetime).dt.strftime(TIMESTAMP_FORMAT)), problems

    def append(self, prepared: Frames) -> None:
        for title, frame in zip(("Result", "Problems"), prepared, strict=True):
            for part in frame.iter_slices(ROWS_PER_WRITE):
                if self._sheets[title][-1].lines + part.height > ROWS_PER_SHEET:
                    self._begin_sheet(title)
                self._sheets[title][-1].add(part)

    def close(self) -> dict[str, Path]:
        for title, sheets in self._sheets.items():
            for number, sheet in enumerate(sheets, start=1):
                sheet.close()
                self._workbook.add_sheet(title if number == 1 else f"{title} {number}", f"{title.lower()}{number}")
        self._workbook.add_run_sheet(self._layout.plan())
        path = self._layout.folder / "result.xlsx"
        self._workbook.save(path)
        return {"result": path, "errors": path}

    def abandon(self) -> None:
        self._workbook.discard()

    def _begin_sheet(self, title: str) -> None:
        number = len(self._sheets[title]) + 1
        header = self._layout.result_headers if title == "Result" else PROBLEM_COLUMNS
        self._sheets[title].append(SheetWriter(self._workbook.open_part(f"{title.lower()}{number}.xml"), header))


FORMATS: Mapping[str, Callable[[TableLayout], TableWriter]] = {
    "csv": CsvWriter,
    "xlsx": WorkbookWriter,
    "parquet": ParquetWriter,
    "jsonl": JsonLinesWriter,
}


def result_frame(decided: pl.DataFrame, cells: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    """Return the rows of the result: the ``import_`` columns, then the input's cells as they were read."""
    sent = pl.from_epoch((pl.col("sent_at") * 1000).cast(pl.Int64), time_unit="ms").dt.replace_time_zone("UTC")
    reported = decided.with_columns(
        pl.col("attempts").fill_null(0), pl.col("code", "message").replace("", None), sent_at=sent
    ).select(RESULT_FIELDS.values())
    return pl.concat([reported, cells.select(own)], how="horizontal") if own else reported


def errors_frame(problems: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of errors.csv."""
    if not problems.height:
        return problems.select(PROBLEM_COLUMNS)
    return problems.select("row", pl.exclude("row").replace("", None)).select(PROBLEM_COLUMNS)
