"""errors.xlsx: the rows to fix, in their own columns, as text, with the bad cells filled and commented."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from importer.model.report_columns import PROBLEMS, ROW, RUN
from importer.reporting.source_columns import SourceColumns
from importer.reporting.unresolved_problems import encode_unresolved
from importer.reporting.xlsx import CellStyle, Comments, SheetWriter, XlsxWriter

ROWS_A_SHEET = 1_000_000
# Rows that are written at once: a few take as long as thousands, and as XML each takes several kilobytes of memory.
FEWEST_AT_ONCE, MOST_AT_ONCE = 5_000, 20_000
LONGEST_COMMENT = 1_000
PROBLEM_SHEET_COLUMNS = ("row", "column", "value", "severity", "message", "hint")
ADVICE = (
    "The first sheet lists the rows to fix, in your own columns. The first column has the row's number in your file.",
    "Correct the red cells, and look at the yellow ones. Point at a cell to read what is wrong and what is right.",
    "Leave the first column as it is. To skip a row, delete it. If a row is correct as it is, clear its last column.",
    "Save the workbook and import it as you imported the file. Its rows are sent with the options of the first time.",
    "What was created before is not sent again, even if you correct and import the whole file instead.",
)


@dataclass(frozen=True, slots=True)
class CarriedRun:
    """The run that the workbook carries, to be recognised when it is imported, and choices by cell name.

    ``plan`` returns how the run read its file, signed. It is asked for only when there is a workbook to write.
    """

    run: str
    plan: Callable[[], str]
    choices: Mapping[str, Sequence[str]]


class ErrorsWorkbook:
    """Writes the workbook as soon as there is a row to fix; without one there is no file."""

    def __init__(self, path: Path, columns: SourceColumns, known: CarriedRun) -> None:
        self._path = path
        self._known = known
        self._columns = columns
        self._book: XlsxWriter | None = None
        self._sheets = 0
        self._kept: list[tuple[pl.DataFrame, pl.DataFrame]] = []
        self._rows: SheetWriter
        self._comments: Comments
        self._problems: SheetWriter

    def add(self, rows: pl.DataFrame, problems: pl.DataFrame) -> None:
        """Add rows (``row`` and the cells) with all that is known about them."""
        if rows.height:
            self._kept.append((rows, problems))
        if sum(kept.height for kept, _ in self._kept) >= FEWEST_AT_ONCE:
            self._write_kept()

    def _write_kept(self) -> None:
        if not self._kept:
            return
        kept, problems = (pl.concat(frames) for frames in zip(*self._kept, strict=True))
        self._kept = []
        for rows in kept.iter_slices(MOST_AT_ONCE):
            self._write(rows, problems.filter(pl.col("row").is_in(rows["row"].implode())))

    def _write(self, rows: pl.DataFrame, problems: pl.DataFrame) -> None:
        self._make_room(rows.height)
        styles = self._mark(rows, problems)
        self._rows.add(self._sheet_rows(rows, problems), styles)
        room = ROWS_A_SHEET - self._problems.lines
        self._problems.add(problems.head(max(room, 0)).select(PROBLEM_SHEET_COLUMNS))  # errors.csv has them all

    def close(self) -> Path | None:
        """Write the file and return its path, or None when there is nothing in it."""
        self._write_kept()
        if self._book is None:
            return None
        self._end_rows()
        self._problems.close()
        self._book.add_sheet("Problems", "problems")
        self._book.add_text_sheet("What to do", "advice", ADVICE)
        self._book.add_run_sheet(self._known.plan())
        self._book.save(self._path)
        return self._path

    def abandon(self) -> None:
        """Let go of a file that will not be finished."""
        if self._book is not None:
            self._book.discard()

    def _make_room(self, rows: int) -> None:
        if self._book is None:
            self._book = XlsxWriter()
            self._begin_rows(self._book)
            self._problems = SheetWriter(self._book.open_part("problems.xml"), PROBLEM_SHEET_COLUMNS)
        elif self._rows.lines + rows > ROWS_A_SHEET:
            self._end_rows()
            self._begin_rows(self._book)

    def _mark(self, rows: pl.DataFrame, problems: pl.DataFrame) -> dict[str, pl.Series]:
        """Comment the cells that have problems, and return the styles of the cells in their columns."""
        first = self._rows.lines + 1
        lines = rows.select("row", line=pl.int_range(first, first + rows.height, dtype=pl.UInt32))
        styles: dict[str, pl.Series] = {}
        concerned = set(problems["column"].unique())
        for index, (name, cell) in enumerate(zip(self._columns.names, self._columns.cells, strict=True), start=1):
            if name in concerned:
                here = _by_row(problems.filter(pl.col("column") == name))
                placed = lines.join(here, on="row", how="left", maintain_order="left")
                styles[cell] = placed["style"].fill_null(CellStyle.TEXT.value)
                commented = placed.drop_nulls("comment")
                self._comments.add(index, commented["line"], commented["comment"])
        return styles

    def _sheet_rows(self, rows: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
        """Return row, cells, the row's problems as text and, in the hidden column, the run and what to remember."""
        place = pl.when(pl.col("column") != "").then(pl.col("column")).otherwise(pl.lit("row"))
        texts = problems.group_by("row").agg(
            pl.format("{}: {}", place, pl.col("message")).str.join("; ").alias(PROBLEMS)
        )
        cells = self._columns.cells
        stands = encode_unresolved(problems, rows.select("row", *cells), self._columns.names)
        run = pl.Series(RUN, [self._known.run + stands.get(row, "") for row in rows["row"]])
        with_texts = rows.join(texts, on="row", how="left", maintain_order="left")
        return with_texts.select("row", *cells, PROBLEMS).with_columns(run)

    def _begin_rows(self, book: XlsxWriter) -> None:
        self._sheets += 1
        part = f"rows{self._sheets}"
        header = [ROW, *self._columns.headers, PROBLEMS, RUN]
        self._rows = SheetWriter(book.open_part(f"{part}.xml"), header, hidden=[len(header) - 1])
        self._comments = Comments(book.open_part(f"{part}-comments.xml"), book.open_part(f"{part}-boxes.vml"))

    def _end_rows(self) -> None:
        assert self._book is not None  # noqa: S101 - made before any rows
        offered = self._known.choices
        choices = {index: offered[cell] for index, cell in enumerate(self._columns.cells, start=1) if cell in offered}
        self._rows.close(comments=bool(self._comments.count), choices=choices)
        self._comments.close()
        title = "Rows to fix" if self._sheets == 1 else f"Rows to fix {self._sheets}"
        self._book.add_sheet(title, f"rows{self._sheets}", commented=bool(self._comments.count))


def _by_row(problems: pl.DataFrame) -> pl.DataFrame:
    """Return, for one column, the style of each row's cell and the text of its comment."""
    texts = pl.format("{}. {}", pl.col("message"), pl.col("hint")).str.join("\n").str.slice(0, LONGEST_COMMENT)
    bad = (pl.col("severity") == "error").any()
    return problems.group_by("row").agg(
        comment=texts,
        style=pl.when(bad)
        .then(pl.lit(CellStyle.ERROR.value))
        .otherwise(pl.lit(CellStyle.WARNING.value))
        .cast(pl.Int32),
    )
