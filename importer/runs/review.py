"""A check whose rows are kept: what is wrong in which cell, and rows judged again as soon as a cell is corrected."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from importer.checking import Checker
from importer.drafts.corrections import by_column, overlay
from importer.errors import SettingsError
from importer.mapping import labels
from importer.model.problem import PROBLEM_COLUMNS
from importer.model.table import Batch, CellFinding, Table, column_letters
from importer.reporting.unresolved_problems import CODES
from importer.run_store.spool import Spool
from importer.runs.prepare import find_operation
from importer.runs.run import PLAN_VERSION, prepared_of
from importer.runs.transform import RowTransformer
from importer.settings import DateOrder, Settings

SAID_LATER = ("shared_email", "shared_phone", "leading_zeros_lost")
"""What only all rows together show; of a row it holds until that cell is corrected."""
SEEN = (*CODES, "too_few_cells", "cell_error", "cut_cell")
SHOWN_BESIDE = 3
LAST_ROW = 2**32 - 1
"""That a number of a row can be."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem, and how many there are: by code, field and severity."""

    code: str
    field: str
    severity: str
    count: int


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A problem with its cell. ``column`` is None where it is of the whole row; ``beside`` are other cells of it."""

    row: int
    column: int | None
    letters: str
    header: str
    field: str
    text: str
    code: str
    severity: str
    message: str
    hint: str
    beside: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which problems to show: ``size`` of them from ``start`` on, of one kind if it is named."""

    code: str = ""
    field: str = ""
    severity: str = ""
    start: int = 0
    size: int = 50


@dataclass(frozen=True, slots=True)
class Problems:
    """A page of problems, out of how many; the kinds there are; how many rows are kept back by now."""

    cells: tuple[CellProblem, ...]
    total: int
    kinds: tuple[Kind, ...]
    rows: int
    invalid: int


class CheckReview:
    """The rows of a check without corrections, kept in ``folder``, with the corrections of these settings put in."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Raises SettingsError when the rows are not there."""
        self._spool = Spool(folder)
        plan = self._spool.plan()
        if plan is None or plan["version"] != PLAN_VERSION:
            raise SettingsError("the rows of this check are not here any more; check the file again")
        self._settings = replace(settings, **plan["hints"])
        self._vendor, self._operation = find_operation(settings)
        self._prepared = prepared_of(plan, self._operation)
        self._mapping = self._prepared.mapping
        self._labels = labels(self._mapping.columns)
        self._corrections = settings.corrections
        self._touched = {(entry.row, entry.column) for entry in settings.corrections}
        self._touched_rows = _rows([row for row, _ in self._touched])

    @property
    def orders(self) -> tuple[tuple[str, DateOrder], ...]:
        """By field the order of its dates, where the file has proven one."""
        return tuple(self._prepared.orders.items())

    @property
    def width(self) -> int:
        """How many columns there are."""
        return len(self._mapping.columns)

    def __contains__(self, row: int) -> bool:
        """Whether the file has a row of that number."""
        return 0 < row <= LAST_ROW and bool(self._spool.rows(_rows([row])).height)

    def problems(self, wanted: Wanted) -> Problems:
        """What is wrong by now. Raises MappingError for a date whose order nothing tells."""
        every = self._found
        bad = every.filter(pl.col("severity") == "error")["row"].n_unique()
        counted = every.group_by("code", "field", "severity", maintain_order=True).len()
        kinds = [Kind(*entry) for entry in counted.sort("severity", "len", descending=[False, True]).iter_rows()]
        for name in ("code", "field", "severity"):
            if value := getattr(wanted, name):
                every = every.filter(pl.col(name) == value)
        page = every.slice(wanted.start, wanted.size)
        return Problems(self._cells(page), every.height, tuple(kinds), self._prepared.rows, bad)

    def of_row(self, row: int) -> tuple[CellProblem, ...]:
        """What is wrong in one row by now. Raises MappingError as ``problems`` does."""
        return self._cells(self._found.filter(pl.col("row") == row))

    def before(self) -> dict[tuple[int, int], str]:
        """By row and column the file's own texts of the cells that are corrected."""
        kept = self._spool.rows(_rows([row for row, _ in self._touched]))
        texts = {row: cells for row, *cells in kept.iter_rows()}
        return {
            (row, column): texts[row][column] or ""
            for row, column in sorted(self._touched)
            if row in texts and column < self.width
        }

    def text(self, row: int, column: int) -> str:
        """The file's own text of a cell."""
        return next((cells[column] or "" for _, *cells in self._spool.rows(_rows([row])).iter_rows()), "")

    def header(self, column: int) -> str:
        """What a column is called."""
        return self._labels[column] if column < self.width else column_letters(column)

    @functools.cached_property
    def _found(self) -> pl.DataFrame:
        """Every problem, by row: of the check, and of the rows that were corrected since then as they are now."""
        parts = [problems for _, problems in self._spool.batches() if problems is not None]
        empty = pl.DataFrame(schema={name: pl.UInt32 if name == "row" else pl.String for name in PROBLEM_COLUMNS})
        every = pl.concat([empty, *parts]).unique(["row", "field", "code"], keep="first", maintain_order=True)
        if not self._touched:
            return every
        touched = pl.col("row").is_in(self._touched_rows.implode())
        named = pl.DataFrame(
            [(row, self._labels[column]) for row, column in self._touched if column < self.width],
            schema={"row": pl.UInt32, "column": pl.String},
            orient="row",
        )
        later = every.filter(touched & pl.col("code").is_in(SAID_LATER)).join(named, on=["row", "column"], how="anti")
        parts = [every.filter(~touched), later, self._judged(every.filter(touched))]
        together = pl.concat(parts).unique(["row", "field", "code"], keep="first", maintain_order=True)
        return together.sort("row", maintain_order=True)

    def _judged(self, before: pl.DataFrame) -> pl.DataFrame:
        """The corrected rows, judged anew; ``before`` is what was wrong with them."""
        frame = overlay(self._spool.rows(self._touched_rows), by_column(self._corrections))
        if not frame.height:
            return before.clear()
        batch = Batch(frame, tuple(self._seen(before)))
        table = Table(self._prepared.facts, self._mapping.columns, 1, lambda: iter([batch]))
        values = RowTransformer(table, self._mapping, self._operation, self._settings)
        values.orders.update(self._prepared.orders)
        cleaned = values.fields(batch)
        origins = self._mapping.origins()
        checker = Checker(self._operation, self._mapping.fields, origins, strict=self._settings.strict)
        return checker.check(cleaned.frame, batch, cleaned.remarks, cleaned.unusual).problems

    def _seen(self, before: pl.DataFrame) -> Iterator[CellFinding]:
        """What reading saw of these rows, but for the cells that are corrected: no text shows it."""
        places = {label: index for index, label in enumerate(self._labels)}
        for row, label, code, value, message in before.select("row", "column", "code", "value", "message").iter_rows():
            column = places.get(label) if label else None
            if code in SEEN and (row, column) not in self._touched:
                yield CellFinding(row, column, code, value, "" if label else message)

    def _cells(self, problems: pl.DataFrame) -> tuple[CellProblem, ...]:
        kept = overlay(self._spool.rows(problems["row"].unique()), by_column(self._corrections))
        texts = {row: cells for row, *cells in kept.iter_rows()}
        places = {label: index for index, label in enumerate(self._labels)}
        return tuple(self._cell(entry, texts[entry["row"]], places) for entry in problems.iter_rows(named=True))

    def _cell(self, problem: dict[str, Any], texts: Sequence[str | None], places: dict[str, int]) -> CellProblem:
        column = places.get(problem["column"]) if problem["column"] else None
        beside = [text for index, text in enumerate(texts) if text and index != column][:SHOWN_BESIDE]
        return CellProblem(
            row=problem["row"],
            column=column,
            letters="" if column is None else column_letters(column),
            header=problem["column"],
            field=problem["field"],
            text=problem["value"] if column is None else texts[column] or "",
            code=problem["code"],
            severity=problem["severity"],
            message=problem["message"],
            hint=problem["hint"],
            beside=tuple(beside),
        )


def _rows(rows: Sequence[int]) -> pl.Series:
    return pl.Series("row", sorted(set(rows)), dtype=pl.UInt32)
