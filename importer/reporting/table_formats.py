"""Every row's result and every problem as two tables, in the formats that can be asked for; all grow batch by batch."""

from __future__ import annotations

import codecs
import csv
import io
import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import polars as pl

from importer.model.problem import PROBLEM_COLUMNS
from importer.model.report_columns import RESULT_COLUMNS
from importer.reporting.formula_escaping import escape_formulas
from importer.reporting.xlsx.package import Book
from importer.reporting.xlsx.sheet import Sheet
from schemas.column_stats import distinct

if TYPE_CHECKING:
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

MOMENT = "%Y-%m-%dT%H:%M:%S%.3fZ"
_NEEDS_QUOTES = r'[",\r\n]|^$'
ROWS_A_SHEET, ROWS_AT_ONCE = 1_000_000, 20_000


@dataclass(frozen=True, slots=True)
class Shape:
    """Where the tables go, the headers of the file's own columns, and what lets a workbook be known again.

    ``bare`` is of ``FileFacts``: the file's own cells need no quotes.
    """

    folder: Path
    headers: Sequence[str]
    plan: str
    bare: bool = False

    @property
    def result(self) -> list[str]:
        """The columns of the result."""
        return [*RESULT_COLUMNS, *self.headers]

    def under_names(self, result: pl.DataFrame) -> pl.DataFrame:
        """A frame of these columns under their names, each of them once and none of them blank."""
        names: dict[str, None] = {}
        for place, header in enumerate(self.result, start=1):
            plain = header.strip() or f"column {place}"
            numbered = (f"{plain} ({number})" for number in itertools.count(2))
            names[next(name for name in (plain, *itertools.islice(numbered, place)) if name not in names)] = None
        return result.rename(dict(zip(result.columns, names, strict=True)))


class Tables(Protocol):
    """One format. Frames have the columns of ``Shape.result`` and ``PROBLEM_COLUMNS`` in their order."""

    def make(self, result: pl.DataFrame, problems: pl.DataFrame) -> Any:
        """What is added of some rows and the problems that they have. Is asked of several batches at once."""

    def add(self, made: Any) -> None:
        """Append what ``make`` made, batch by batch in their order."""

    def close(self) -> dict[str, Path]:
        """Finish the files: where ``result`` and ``errors`` are."""


class Csv:
    """UTF-8 with the mark by which Excel knows it; no cell is a formula."""

    def __init__(self, shape: Shape) -> None:
        self._paths = {"result": shape.folder / "result.csv", "errors": shape.folder / "errors.csv"}
        self._bare = shape.bare
        self._files = [path.open("wb") for path in self._paths.values()]
        for file, header in zip(self._files, (shape.result, PROBLEM_COLUMNS), strict=True):
            text = io.StringIO()
            safe = escape_formulas(pl.DataFrame({"": list(header)}, schema={"": pl.String}))
            csv.writer(text, lineterminator="\n").writerow(safe[""])
            file.write(codecs.BOM_UTF8 + text.getvalue().encode())

    def make(self, result: pl.DataFrame, problems: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        safe = escape_formulas(result)
        if self._bare:
            ours = safe[:, : len(RESULT_COLUMNS)].select(pl.col(pl.String))
            safe = safe.with_columns(_quoted(column) for column in ours)
        return safe, escape_formulas(problems)

    def add(self, made: tuple[pl.DataFrame, pl.DataFrame]) -> None:
        (result, problems), (into, problems_into) = made, self._files
        # To look at every cell for what needs quotes takes longer than to write it.
        style: Literal["never", "necessary"] = "never" if self._bare else "necessary"
        result.write_csv(into, include_header=False, datetime_format=MOMENT, quote_style=style)
        problems.write_csv(problems_into, include_header=False)

    def close(self) -> dict[str, Path]:
        for file in self._files:
            file.close()
        return self._paths


def _quoted(texts: pl.Series) -> pl.Series:
    """A column in which the texts that need quotes have them."""
    if not distinct(texts).str.contains(_NEEDS_QUOTES).any():
        return texts
    at = texts.str.contains(_NEEDS_QUOTES).fill_null(value=False).arg_true()
    return texts.clone().scatter(at, '"' + texts[at].str.replace_all('"', '""', literal=True) + '"')


class JsonLines:
    """One object a line; blank values are null."""

    def __init__(self, shape: Shape) -> None:
        self._paths = {"result": shape.folder / "result.jsonl", "errors": shape.folder / "errors.jsonl"}
        self._files = [path.open("wb") for path in self._paths.values()]
        self._shape = shape

    def make(self, result: pl.DataFrame, problems: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        return self._shape.under_names(result).with_columns(pl.col(pl.Datetime).dt.strftime(MOMENT)), problems

    def add(self, made: tuple[pl.DataFrame, pl.DataFrame]) -> None:
        for file, frame in zip(self._files, made, strict=True):
            frame.write_ndjson(file)

    def close(self) -> dict[str, Path]:
        for file in self._files:
            file.close()
        return self._paths


class Parquet:
    """Typed columns; moments in UTC."""

    def __init__(self, shape: Shape) -> None:
        self._paths = {"result": shape.folder / "result.parquet", "errors": shape.folder / "errors.parquet"}
        self._shape = shape
        self._writers: list[ParquetWriter] = []

    def make(self, result: pl.DataFrame, problems: pl.DataFrame) -> tuple[Table, Table]:
        oldest = pl.CompatLevel.oldest()
        return self._shape.under_names(result).to_arrow(compat_level=oldest), problems.to_arrow(compat_level=oldest)

    def add(self, made: tuple[Table, Table]) -> None:
        if not self._writers:
            from pyarrow.parquet import ParquetWriter

            pairs = zip(self._paths.values(), made, strict=True)
            self._writers = [ParquetWriter(path, table.schema, compression="zstd") for path, table in pairs]
        for writer, table in zip(self._writers, made, strict=True):
            writer.write_table(table)

    def close(self) -> dict[str, Path]:
        for writer in self._writers:
            writer.close()
        return self._paths


class Workbook:
    """result.xlsx with a sheet of each table, the file's own cells as text; errors.xlsx is the workbook to fix."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._book = Book()
        self._sheets: dict[str, list[Sheet]] = {"Result": [], "Problems": []}
        self._begin("Result")
        self._begin("Problems")

    def make(self, result: pl.DataFrame, problems: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
        return result.with_columns(pl.col(pl.Datetime).dt.strftime(MOMENT)), problems

    def add(self, made: tuple[pl.DataFrame, pl.DataFrame]) -> None:
        for title, frame in zip(("Result", "Problems"), made, strict=True):
            for part in frame.iter_slices(ROWS_AT_ONCE):
                if self._sheets[title][-1].lines + part.height > ROWS_A_SHEET:
                    self._begin(title)
                self._sheets[title][-1].add(part)

    def close(self) -> dict[str, Path]:
        for title, sheets in self._sheets.items():
            for number, sheet in enumerate(sheets, start=1):
                sheet.close()
                self._book.listed(title if number == 1 else f"{title} {number}", f"{title.lower()}{number}")
        self._book.carry(self._shape.plan)
        path = self._shape.folder / "result.xlsx"
        self._book.write(path)
        return {"result": path, "errors": path}

    def _begin(self, title: str) -> None:
        number = len(self._sheets[title]) + 1
        header = self._shape.result if title == "Result" else PROBLEM_COLUMNS
        self._sheets[title].append(Sheet(self._book.part(f"{title.lower()}{number}.xml"), header))


FORMATS: Mapping[str, Callable[[Shape], Tables]] = {
    "csv": Csv,
    "xlsx": Workbook,
    "parquet": Parquet,
    "jsonl": JsonLines,
}


def result_frame(decided: pl.DataFrame, cells: pl.DataFrame, own: Sequence[str]) -> pl.DataFrame:
    """The rows of the result: the ``import_`` columns, then the file's own cells as they were read."""
    sent = pl.from_epoch((pl.col("sent_at") * 1000).cast(pl.Int64), time_unit="ms").dt.replace_time_zone("UTC")
    ours = decided.select("row", "status", "id", "http_status", "attempts", "code", "message", sent)
    ours = ours.with_columns(pl.col("attempts").fill_null(0), pl.col("code", "message").replace("", None))
    return pl.concat([ours, cells.select(own)], how="horizontal") if own else ours


def errors_frame(problems: pl.DataFrame) -> pl.DataFrame:
    """The lines of errors."""
    return problems.select("row", pl.exclude("row").replace("", None)).select(PROBLEM_COLUMNS)
