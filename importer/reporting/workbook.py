"""errors.xlsx: the rows that need a person, in their own columns, as text, with the bad cells filled and commented."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import polars as pl

from importer.reporting.sheets import BAD, DOUBTFUL, Comments, Sheet, assemble

ROWS_A_SHEET = 1_000_000
LONGEST_COMMENT = 1_000
PROBLEM_COLUMNS = ("row", "column", "value", "severity", "message", "hint")
NUMBER, WORDS, RUN = "import_row", "import_problems", "import_run"


ADVICE = (
    "The first sheet has the rows that need you, in your own columns; the first column has their row in your file.",
    "A red cell keeps its row back, a yellow one is worth a look; point at it to read what is wrong and what is right.",
    "Correct the cells, and leave the first column and the hidden one as they are; rows that you delete are left out.",
    "Save the workbook and import it as you imported the file: its rows are sent with what you said the first time.",
    "What was created before is known and is not sent again, also if you correct and import the whole file instead.",
)
PIECE = 30_000
"""Characters of a cell of the hidden sheet."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the workbook carries so that it is known when it comes back, and lists to choose from, by cell name."""

    run: str
    plan: str
    choices: Mapping[str, Sequence[str]]


class ErrorsWorkbook:
    """Begun when the first row needs a person; there is no file when none does."""

    def __init__(self, path: Path, columns: Sequence[str], known: Known) -> None:
        self._path = path
        self._known = known
        self._columns = columns
        self._parts: tempfile.TemporaryDirectory[str] | None = None
        self._sheets: list[tuple[str, str]] = []
        self._commented: list[str] = []
        self._rows: Sheet
        self._comments: Comments
        self._problems: Sheet
        self._places: dict[int, str] = {}

    def add(self, rows: pl.DataFrame, problems: pl.DataFrame, cells: Sequence[str]) -> None:
        """Add rows (``row`` and the named cells) with all that is known about them."""
        if not rows.height:
            return
        if self._parts is None:
            self._begin()
        elif self._rows.lines + rows.height > ROWS_A_SHEET:
            self._end_rows()
            self._begin_rows()
        self._places = dict(enumerate(cells, start=1))
        first = self._rows.lines + 1
        lines = rows.select("row", line=pl.int_range(first, first + rows.height, dtype=pl.UInt32))
        looks: dict[str, pl.Series] = {}
        for index, (name, cell) in enumerate(zip(self._columns, cells, strict=True), start=1):
            here = _by_row(problems.filter(pl.col("column") == name)) if name else None
            if here is not None and here.height:
                placed = lines.join(here, on="row", how="left", maintain_order="left")
                looks[cell] = placed["look"].fill_null(1)
                said = placed.drop_nulls("said")
                self._comments.add(index, said["line"], said["said"])
        shown = _with_words(rows, problems, cells).with_columns(pl.lit(self._known.run).alias(RUN))
        self._rows.add(rows["row"], shown, looks)
        room = ROWS_A_SHEET - self._problems.lines
        listed = problems.head(max(room, 0))  # errors.csv has them all
        self._problems.add(listed["row"], listed.select(PROBLEM_COLUMNS[1:]), {})

    def close(self) -> Path | None:
        """Write the file, if there is anything in it."""
        if self._parts is None:
            return None
        self._end_rows()
        self._problems.close()
        self._lines("advice", "what to do", ADVICE, 120)
        plan = self._known.plan
        self._lines(RUN, RUN, [plan[at : at + PIECE] for at in range(0, len(plan), PIECE)], 20)
        more = [("Problems", "problems"), ("What to do", "advice"), (RUN, RUN)]
        assemble(self._path, Path(self._parts.name), [*self._sheets, *more], self._commented)
        self._parts.cleanup()
        return self._path

    def _begin(self) -> None:
        self._parts = tempfile.TemporaryDirectory(prefix="contact-importer-")
        self._begin_rows()
        self._problems = Sheet(self._part("problems.xml"), PROBLEM_COLUMNS, (10, 20, 30, 12, 60, 60))

    def _begin_rows(self) -> None:
        number = len(self._sheets) + 1
        part = f"rows{number}"
        header = [NUMBER, *self._columns, WORDS, RUN]
        widths = [12, *(min(max(len(name) + 4, 14), 40) for name in self._columns), 80, 0]
        self._rows = Sheet(self._part(f"{part}.xml"), header, widths)
        self._comments = Comments(self._part(f"{part}-comments.xml"), self._part(f"{part}-boxes.vml"))
        self._sheets.append(("Rows to fix" if number == 1 else f"Rows to fix {number}", part))

    def _end_rows(self) -> None:
        choices = {
            index: self._known.choices[cell] for index, cell in self._places.items() if cell in self._known.choices
        }
        self._rows.close(comments=bool(self._comments.count), choices=choices)
        self._comments.close()
        part = self._sheets[-1][1]
        if self._comments.count:
            self._commented.append(part)
        elif self._parts is not None:
            for name in (f"{part}-comments.xml", f"{part}-boxes.vml"):
                (Path(self._parts.name) / name).unlink()

    def _lines(self, part: str, title: str, lines: Sequence[str], width: int) -> None:
        """A sheet of numbered lines."""
        sheet = Sheet(self._part(f"{part}.xml"), ("", title), (6, width))
        sheet.add(
            pl.Series(range(1, len(lines) + 1)), pl.DataFrame({title: list(lines)}, schema={title: pl.String}), {}
        )
        sheet.close()

    def _part(self, name: str) -> IO[bytes]:
        assert self._parts is not None  # noqa: S101 - made in _begin
        return (Path(self._parts.name) / name).open("wb")


def _by_row(problems: pl.DataFrame) -> pl.DataFrame:
    """For one column: the look of each row's cell, and the words of its comment."""
    words = pl.format("{}. {}", pl.col("message"), pl.col("hint")).str.join("\n").str.slice(0, LONGEST_COMMENT)
    bad = (pl.col("severity") == "error").any()
    return problems.group_by("row").agg(
        said=words, look=pl.when(bad).then(pl.lit(BAD)).otherwise(pl.lit(DOUBTFUL)).cast(pl.Int32)
    )


def _with_words(rows: pl.DataFrame, problems: pl.DataFrame, cells: Sequence[str]) -> pl.DataFrame:
    """The cells, and a last column that says the row's problems in words."""
    place = pl.when(pl.col("column") != "").then(pl.col("column")).otherwise(pl.lit("row"))
    said = problems.group_by("row").agg(pl.format("{}: {}", place, pl.col("message")).str.join("; ").alias(WORDS))
    return rows.join(said, on="row", how="left", maintain_order="left").select(*cells, WORDS)
