"""All rows of a checked file, page by page: filtered, sorted, searched, with what is wrong with each cell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from importer.runs.review import CellProblem, CheckReview

Shown = Literal["all", "error", "warning", "corrected", "removed"]


@dataclass(frozen=True, slots=True)
class GridQuery:
    """A selection of rows and their order.

    ``column`` limits problems and ``text`` to one column. ``kept`` are rows that stay although they no longer fit,
    because they were corrected since: otherwise the next page would skip as many.
    """

    shown: Shown = "all"
    code: str = ""
    column: int | None = None
    text: str = ""
    sort: int | None = None
    descending: bool = False
    kept: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class GridRow:
    """A row with its texts, its problems, the positions of its corrected cells, and whether it was removed."""

    number: int
    texts: Sequence[str]
    problems: Sequence[CellProblem]
    corrected: Sequence[int]
    is_removed: bool


class RowGrid:
    """The rows of a review in the order of a query."""

    def __init__(self, review: CheckReview, query: GridQuery) -> None:
        known = range(review.width)
        self._review = review
        self._query = replace(
            query,
            column=query.column if query.column in known else None,
            sort=query.sort if query.sort in known else None,
        )
        self._numbers = self._select()

    @property
    def total(self) -> int:
        """The number of rows that fit the query."""
        return self._numbers.len()

    @property
    def numbers(self) -> pl.Series:
        """The numbers of these rows, in order."""
        return self._numbers

    def page(self, start: int, size: int) -> list[GridRow]:
        """Return some of the rows."""
        return describe_rows(self._review, self._numbers.slice(start, size).to_list())

    def find_next(self, row: int) -> int | None:
        """Return the place of the next row behind a row that has an error; None behind the last."""
        bad = self._review.problem_frame.filter(pl.col("severity") == "error")["row"]
        is_bad = self._numbers.is_in(bad.implode())
        if self._query.sort is None:
            is_behind = self._numbers > row
        else:
            place = self._numbers.index_of(row)
            is_behind = pl.int_range(self.total, eager=True) > (-1 if place is None else place)
        found = (is_bad & is_behind).arg_true()
        return int(found[0]) if found.len() else None

    def _select(self) -> pl.Series:
        query, review = self._query, self._review
        columns = {query.sort} if query.sort is not None else set()
        frame = review.texts(columns)
        rows = self._fitting()
        if rows is not None:
            frame = frame.filter(pl.col("row").is_in(rows.implode()))
        if query.text:
            within = range(review.width) if query.column is None else [query.column]
            found = find_text(review, query.text, within, frame["row"] if rows is not None else None)
            frame = frame.filter(pl.col("row").is_in(found.implode()))
        if query.sort is not None:
            order = pl.col(f"c{query.sort}").str.to_lowercase()
            frame = frame.sort(order, descending=query.descending, nulls_last=True, maintain_order=True)
        return frame["row"]

    def _fitting(self) -> pl.Series | None:
        """Return the rows that the filter shows, in any order; None for all."""
        query, review = self._query, self._review
        kept = pl.Series("row", query.kept, dtype=pl.UInt32)
        if query.shown == "removed":
            return pl.concat([pl.Series("row", list(review.removed), dtype=pl.UInt32), kept])
        if query.shown == "corrected":
            rows = [row for row, column in review.corrected if query.column in (None, column) or query.text]
            return pl.concat([pl.Series("row", rows, dtype=pl.UInt32), kept])
        if query.shown == "all" and not query.code:
            return None
        problems = review.problem_frame
        if query.shown != "all":
            problems = problems.filter(pl.col("severity") == query.shown)
        if query.code:
            problems = problems.filter(pl.col("code") == query.code)
        if query.column is not None and not query.text:
            problems = problems.filter(pl.col("column") == review.header(query.column))
        return pl.concat([problems["row"], kept])


def describe_rows(review: CheckReview, numbers: Sequence[int]) -> list[GridRow]:
    """Return rows with what is wrong with them, in this order."""
    texts = {row: [text or "" for text in cells] for row, *cells in review.few_rows(numbers).iter_rows()}
    problems: dict[int, list[CellProblem]] = {}
    for problem in review.of_rows(numbers):
        problems.setdefault(problem.row, []).append(problem)
    corrected: dict[int, list[int]] = {}
    for row, column in review.corrected:
        if row in texts:
            corrected.setdefault(row, []).append(column)
    return [
        GridRow(row, texts[row], problems.get(row, ()), corrected.get(row, ()), row in review.removed)
        for row in numbers
        if row in texts
    ]


def find_text(review: CheckReview, text: str, columns: Sequence[int], rows: pl.Series | None = None) -> pl.Series:
    """Return the rows of which a cell contains a text, in small or capital letters."""
    frame = review.texts(columns)
    if rows is not None:
        frame = frame.filter(pl.col("row").is_in(rows.implode()))
    pattern = f"(?i){_quote(text)}"
    holds = pl.any_horizontal(pl.col(f"c{column}").str.contains(pattern) for column in columns)
    return frame.filter(holds.fill_null(value=False))["row"]


def replace_text(
    review: CheckReview, text: str, by: str, columns: Sequence[int], rows: pl.Series, *, whole_cell: bool
) -> Mapping[tuple[int, int], str]:
    """Return the new texts of the cells, by row and column, that contain a text, or have it as their ``whole_cell``.

    Capital letters count.
    """
    frame = review.texts(columns)
    frame = frame.filter(pl.col("row").is_in(rows.implode()))
    changed: dict[tuple[int, int], str] = {}
    for column in columns:
        cell = pl.col(f"c{column}")
        if whole_cell:
            found, new = cell.fill_null("") == text, pl.lit(by)
        else:
            found, new = cell.str.contains(text, literal=True), cell.str.replace_all(text, by, literal=True)
        hits = frame.filter(found.fill_null(value=False)).select("row", new=new)
        changed.update({(row, column): after for row, after in hits.iter_rows()})
    return changed


def _quote(text: str) -> str:
    """Return a pattern of the Rust engine that matches a text as it is."""
    return "".join(sign if sign.isalnum() or sign == " " else f"\\x{{{ord(sign):x}}}" for sign in text)
