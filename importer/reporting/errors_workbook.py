"""errors.xlsx: the rows that need a person, in their own columns, as text, with the bad cells filled and commented."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from importer.model.report_columns import PROBLEMS, ROW, RUN
from importer.reporting.source_columns import Columns
from importer.reporting.unresolved_problems import encode_unresolved
from importer.reporting.xlsx.comments import Comments
from importer.reporting.xlsx.package import Book
from importer.reporting.xlsx.sheet import BAD, DOUBTFUL, TEXT, Sheet

ROWS_A_SHEET = 1_000_000
TOGETHER, MOST_TOGETHER = 5_000, 20_000
"""Rows that are written at once: a few take as long as thousands, and as XML each takes several kilobytes of memory."""
LONGEST_COMMENT = 1_000
PROBLEM_COLUMNS = ("row", "column", "value", "severity", "message", "hint")
ADVICE = (
    "The first sheet has the rows that need you, in your own columns; the first column has their row in your file.",
    "A red cell keeps its row back, a yellow one is worth a look; point at it to read what is wrong and what is right.",
    "Correct the cells, not the first column; delete a row to leave it out, or its last words if it is right as it is.",
    "Save the workbook and import it as you imported the file: its rows are sent with what you said the first time.",
    "What was created before is known and is not sent again, also if you correct and import the whole file instead.",
)


@dataclass(frozen=True, slots=True)
class Known:
    """What the workbook carries so that it is known when it comes back, and lists to choose from, by cell name."""

    run: str
    plan: str
    choices: Mapping[str, Sequence[str]]


class ErrorsWorkbook:
    """Begun when the first row needs a person; there is no file when none does."""

    def __init__(self, path: Path, columns: Columns, known: Known) -> None:
        self._path = path
        self._known = known
        self._columns = columns
        self._book: Book | None = None
        self._sheets = 0
        self._kept: list[tuple[pl.DataFrame, pl.DataFrame]] = []
        self._rows: Sheet
        self._comments: Comments
        self._problems: Sheet

    def add(self, rows: pl.DataFrame, problems: pl.DataFrame) -> None:
        """Add rows (``row`` and the cells) with all that is known about them."""
        if rows.height:
            self._kept.append((rows, problems))
        if sum(kept.height for kept, _ in self._kept) >= TOGETHER:
            self._write_kept()

    def _write_kept(self) -> None:
        if not self._kept:
            return
        kept, problems = (pl.concat(frames) for frames in zip(*self._kept, strict=True))
        self._kept = []
        for rows in kept.iter_slices(MOST_TOGETHER):
            self._write(rows, problems.filter(pl.col("row").is_in(rows["row"].implode())))

    def _write(self, rows: pl.DataFrame, problems: pl.DataFrame) -> None:
        self._make_room(rows.height)
        looks = self._mark(rows, problems)
        self._rows.add(self._shown(rows, problems), looks)
        room = ROWS_A_SHEET - self._problems.lines
        self._problems.add(problems.head(max(room, 0)).select(PROBLEM_COLUMNS))  # errors.csv has them all

    def close(self) -> Path | None:
        """Write the file, if there is anything in it."""
        self._write_kept()
        if self._book is None:
            return None
        self._end_rows()
        self._problems.close()
        self._book.listed("Problems", "problems")
        self._book.lines("What to do", "advice", ADVICE)
        self._book.carry(self._known.plan)
        self._book.write(self._path)
        return self._path

    def _make_room(self, rows: int) -> None:
        if self._book is None:
            self._book = Book()
            self._begin_rows(self._book)
            self._problems = Sheet(self._book.part("problems.xml"), PROBLEM_COLUMNS)
        elif self._rows.lines + rows > ROWS_A_SHEET:
            self._end_rows()
            self._begin_rows(self._book)

    def _mark(self, rows: pl.DataFrame, problems: pl.DataFrame) -> dict[str, pl.Series]:
        """Put comments on the cells that have problems; how the cells of their columns look."""
        first = self._rows.lines + 1
        lines = rows.select("row", line=pl.int_range(first, first + rows.height, dtype=pl.UInt32))
        looks: dict[str, pl.Series] = {}
        concerned = set(problems["column"].unique())
        for index, (name, cell) in enumerate(zip(self._columns.names, self._columns.cells, strict=True), start=1):
            if name in concerned:
                here = _by_row(problems.filter(pl.col("column") == name))
                placed = lines.join(here, on="row", how="left", maintain_order="left")
                looks[cell] = placed["look"].fill_null(TEXT)
                said = placed.drop_nulls("said")
                self._comments.add(index, said["line"], said["said"])
        return looks

    def _shown(self, rows: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
        """Row, cells, the row's problems in words; in the hidden column the run and what is remembered of the row."""
        place = pl.when(pl.col("column") != "").then(pl.col("column")).otherwise(pl.lit("row"))
        said = problems.group_by("row").agg(
            pl.format("{}: {}", place, pl.col("message")).str.join("; ").alias(PROBLEMS)
        )
        cells = self._columns.cells
        stands = encode_unresolved(problems, rows.select("row", *cells), self._columns.names)
        run = pl.Series(RUN, [self._known.run + stands.get(row, "") for row in rows["row"]])
        with_words = rows.join(said, on="row", how="left", maintain_order="left")
        return with_words.select("row", *cells, PROBLEMS).with_columns(run)

    def _begin_rows(self, book: Book) -> None:
        self._sheets += 1
        part = f"rows{self._sheets}"
        header = [ROW, *self._columns.headers, PROBLEMS, RUN]
        self._rows = Sheet(book.part(f"{part}.xml"), header, hidden=[len(header) - 1])
        self._comments = Comments(book.part(f"{part}-comments.xml"), book.part(f"{part}-boxes.vml"))

    def _end_rows(self) -> None:
        assert self._book is not None  # noqa: S101 - made before any rows
        offered = self._known.choices
        choices = {index: offered[cell] for index, cell in enumerate(self._columns.cells, start=1) if cell in offered}
        self._rows.close(comments=bool(self._comments.count), choices=choices)
        self._comments.close()
        title = "Rows to fix" if self._sheets == 1 else f"Rows to fix {self._sheets}"
        self._book.listed(title, f"rows{self._sheets}", commented=bool(self._comments.count))


def _by_row(problems: pl.DataFrame) -> pl.DataFrame:
    """For one column: the look of each row's cell, and the words of its comment."""
    words = pl.format("{}. {}", pl.col("message"), pl.col("hint")).str.join("\n").str.slice(0, LONGEST_COMMENT)
    bad = (pl.col("severity") == "error").any()
    return problems.group_by("row").agg(
        said=words, look=pl.when(bad).then(pl.lit(BAD)).otherwise(pl.lit(DOUBTFUL)).cast(pl.Int32)
    )
