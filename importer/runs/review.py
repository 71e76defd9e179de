"""A kept check: the problems by cell, and rows checked again as soon as a cell is corrected.

The kept rows are those of the file without corrections. What a corrected cell means is decided by putting all
corrections over them, so that to undo one needs nothing; a property test holds that verdict against a check of the
corrected file. The reports and the import read the file anew, with its corrections, because duplicates and shared
contacts need all rows.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from importer.checking import Checker
from importer.drafts.corrections import by_column, overlay
from importer.errors import SettingsError
from importer.mapping import Mapping as ColumnMapping
from importer.mapping import label_columns
from importer.model.problem import SKIPPED, Judge, codes_judged_by, codes_of, hint_of, message_of
from importer.model.problem_frame import PROBLEM_SCHEMA
from importer.model.table import Batch, CellFinding, Table, column_letters
from importer.reading import Source
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool
from importer.runs.context import find_operation, find_vendor
from importer.runs.corrected_workbook import corrected_cells
from importer.runs.prepared import Prepared
from importer.runs.run import PLAN_VERSION
from importer.runs.transform import RowTransformer
from importer.settings import DateOrder, Settings
from schemas.contract import Field

# A row judged alone does not show these; they stand until their cell is corrected.
SHOWN_BY_OTHER_ROWS = codes_judged_by(Judge.FILE)
FOUND_BY_READING = codes_of("is_found_by_reading")
CONTEXT_CELLS = 3
# The rows of a frame are numbered by UInt32.
LAST_ROW = 2**32 - 1


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """The number of problems with the same code, field and severity."""

    code: str
    field: str
    severity: str
    count: int


@dataclass(frozen=True, slots=True)
class CellProblem:
    """A problem with its cell. ``column`` is None for the whole row; ``context`` are other cells of the row."""

    row: int
    column: int | None
    letters: str
    header: str
    field: str
    text: str
    code: str
    severity: str
    params: Mapping[str, Any]
    context: tuple[str, ...]

    @property
    def message(self) -> str:
        """The message in English."""
        return message_of(self.code, self.params)

    @property
    def hint(self) -> str:
        """The hint in English."""
        return hint_of(self.code, self.params)


@dataclass(frozen=True, slots=True)
class ProblemQuery:
    """A selection of problems: ``size`` of them from ``start`` on, of one group if it is named.

    ``after`` is the last row that was seen before: what follows it is never skipped, whatever was corrected since.
    """

    code: str = ""
    field: str = ""
    severity: str = ""
    start: int = 0
    size: int = 50
    column: str = ""
    value: str | None = None
    after: int = 0


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """A page of the problems, their total, their groups, and how many rows are invalid by now."""

    cells: tuple[CellProblem, ...]
    total: int
    kinds: tuple[ProblemGroup, ...]
    rows: int
    invalid: int
    skipped: int
    left: int  # how many of the selection come behind this page


class CheckReview:
    """The rows of a check without corrections, kept in ``folder``, with the corrections of these settings applied."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Raises SettingsError when the rows are not there."""
        self._spool = Spool(folder)
        plan = self._spool.plan()
        if plan is None or plan["version"] != PLAN_VERSION:
            raise SettingsError("the rows of this check are no longer here; check the file again")
        self._settings = replace(settings, **_hints(plan["hints"]))
        self._vendor = find_vendor(settings)
        self._operation = find_operation(self._vendor, settings)
        self._prepared = Prepared.from_manifest(plan, self._operation)
        self._mapping = self._prepared.mapping
        self._labels = label_columns(self._mapping.columns)
        self._corrections = settings.corrections
        self._touched = {(entry.row, entry.column) for entry in settings.corrections}
        self._touched_rows = _rows([row for row, _ in self._touched])
        self._removed = RowSet(settings.removed)

    @property
    def orders(self) -> tuple[tuple[str, DateOrder], ...]:
        """The order of dates by field, where the file has proven one."""
        return tuple(self._prepared.orders.items())

    @property
    def width(self) -> int:
        """The number of columns."""
        return len(self._mapping.columns)

    def __contains__(self, row: int) -> bool:
        """Return whether the file has a row of that number."""
        return 0 < row <= LAST_ROW and bool(self._spool.rows(_rows([row])).height)

    def problems(self, wanted: ProblemQuery) -> ProblemPage:
        """Return the problems by now. Raises MappingError for dates whose order nothing proves."""
        every = self.problem_frame
        bad = every.filter(pl.col("severity") == "error")["row"].n_unique()
        counted = every.group_by("code", "field", "severity", maintain_order=True).len()
        kinds = [
            ProblemGroup(*entry) for entry in counted.sort("severity", "len", descending=[False, True]).iter_rows()
        ]
        every = select_problems(every, wanted)
        following = every.filter(pl.col("row") > wanted.after).slice(wanted.start)
        cells, left = self._cells(following.head(wanted.size)), max(0, following.height - wanted.size)
        return ProblemPage(cells, every.height, tuple(kinds), self._prepared.rows, bad, self.skipped, left)

    @functools.cached_property
    def skipped(self) -> int:
        """The number of rows that are not sent though nothing is wrong with them, removed ones included."""
        return self._prepared.skipped + len(self._removed)

    def of_row(self, row: int) -> tuple[CellProblem, ...]:
        """Return the problems of one row by now. Raises MappingError as ``problems`` does."""
        return self._cells(self.problem_frame.filter(pl.col("row") == row))

    def of_rows(self, rows: Collection[int]) -> tuple[CellProblem, ...]:
        """Return the problems of some rows by now."""
        return self._cells(self.problem_frame.filter(pl.col("row").is_in(_rows(rows).implode())))

    def original_values(self) -> dict[tuple[int, int], str]:
        """Return, by row and column, the file's own texts of the corrected cells."""
        kept = self._spool.rows(_rows([row for row, _ in self._touched]))
        texts = {row: cells for row, *cells in kept.iter_rows()}
        return {
            (row, column): texts[row][column] or ""
            for row, column in sorted(self._touched)
            if row in texts and column < self.width
        }

    def original_value(self, row: int, column: int) -> str:
        """Return the file's own text of a cell."""
        return next((cells[column] or "" for _, *cells in self._spool.rows(_rows([row])).iter_rows()), "")

    @property
    def mapping(self) -> ColumnMapping:
        """The mapping that the file was checked with."""
        return self._mapping

    @property
    def has_open_questions(self) -> bool:
        """True if the check asked something that nobody has answered."""
        return any(question.by == "nobody" for question in self._prepared.questions)

    @property
    def labels(self) -> Sequence[str]:
        """The labels of the columns."""
        return self._labels

    def field(self, path: str) -> Field | None:
        """Return a mapped field; None for another one."""
        return next((field for field in self._mapping.fields if field.path == path), None)

    def own_texts(self, rows: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """Return the file's own texts of rows, by number."""
        return {row: tuple(text or "" for text in cells) for row, *cells in self._spool.rows(_rows(rows)).iter_rows()}

    def corrected_cells(self, source: Source) -> dict[tuple[int, int], str]:
        """Return the cells that somebody corrected in this check's errors.xlsx. Raises FileError for another file."""
        return corrected_cells(
            source, self._spool, self._mapping.columns, self._vendor, self._operation, self._settings
        )

    def texts(self, columns: Collection[int]) -> pl.DataFrame:
        """Return ``row`` and the texts of some columns (``c0`` …), with the corrections."""
        wanted = by_column([entry for entry in self._corrections if entry.column in columns])
        return overlay(self._spool.cells([f"c{column}" for column in columns]), wanted)

    def few_rows(self, rows: Iterable[int]) -> pl.DataFrame:
        """Return ``row`` and all texts of a few rows, with the corrections."""
        return overlay(self._spool.few_rows(_rows(rows)), by_column(self._corrections))

    @property
    def corrected(self) -> Collection[tuple[int, int]]:
        """The corrected cells, as row and column."""
        return self._touched

    @property
    def removed(self) -> RowSet:
        """The rows that a person removed."""
        return self._removed

    def header(self, column: int) -> str:
        """Return the label of a column."""
        return self._labels[column] if column < self.width else column_letters(column)

    @functools.cached_property
    def problem_frame(self) -> pl.DataFrame:
        """Every problem, by row: those of the check, and those of corrected rows as they are now."""
        parts = [problems for _, problems in self._spool.batches() if problems is not None]
        every = (
            pl.concat([pl.DataFrame(schema=PROBLEM_SCHEMA), *parts])
            .filter(pl.col("severity") != SKIPPED)
            .unique(["row", "field", "code"], keep="first", maintain_order=True)
        )
        every = self._removed.drop(every)
        if not self._touched:
            return every
        touched = pl.col("row").is_in(self._touched_rows.implode())
        named = pl.DataFrame(
            [(row, self._labels[column]) for row, column in self._touched if column < self.width],
            schema={"row": pl.UInt32, "column": pl.String},
            orient="row",
        )
        later = every.filter(touched & pl.col("code").is_in(SHOWN_BY_OTHER_ROWS)).join(
            named, on=["row", "column"], how="anti"
        )
        parts = [every.filter(~touched), later, self._check_again(every.filter(touched))]
        together = pl.concat(parts).unique(["row", "field", "code"], keep="first", maintain_order=True)
        return together.sort("row", maintain_order=True)

    def _check_again(self, before: pl.DataFrame) -> pl.DataFrame:
        """Return the problems of the corrected rows as they are now; ``before`` are those of the check."""
        frame = self._removed.drop(self._spool.rows(self._touched_rows))
        frame = overlay(frame, by_column(self._corrections))
        if not frame.height:
            return before.clear()
        batch = Batch(frame, tuple(self._marks(before)))
        table = Table(self._prepared.facts, self._mapping.columns, 1, lambda: iter([batch]))
        values = RowTransformer(table, self._mapping, self._operation, self._settings)
        values.orders.update(self._prepared.orders)
        cleaned = values.fields(batch)
        field_sources = self._mapping.field_sources()
        checker = Checker(self._operation, self._mapping.fields, field_sources, strict=self._settings.strict)
        judged = batch if cleaned.cells is None else Batch(cleaned.cells, batch.findings)
        return checker.check(cleaned.frame, judged, cleaned.remarks, cleaned.unusual).problems

    def _marks(self, before: pl.DataFrame) -> Iterator[CellFinding]:
        """Yield what reading found in these rows, which no text shows, except for the corrected cells."""
        places = {label: index for index, label in enumerate(self._labels)}
        for row, label, code, value, params in before.select("row", "column", "code", "value", "params").iter_rows():
            column = places.get(label) if label else None
            if code in FOUND_BY_READING and (row, column) not in self._touched:
                yield CellFinding(row, column, code, value, json.loads(params))

    def _cells(self, problems: pl.DataFrame) -> tuple[CellProblem, ...]:
        kept = self.few_rows(problems["row"].unique())
        texts = {row: cells for row, *cells in kept.iter_rows()}
        places = {label: index for index, label in enumerate(self._labels)}
        return tuple(self._cell(entry, texts[entry["row"]], places) for entry in problems.iter_rows(named=True))

    def _cell(self, problem: dict[str, Any], texts: Sequence[str | None], places: dict[str, int]) -> CellProblem:
        column = places.get(problem["column"]) if problem["column"] else None
        context = [text for index, text in enumerate(texts) if text and index != column][:CONTEXT_CELLS]
        return CellProblem(
            row=problem["row"],
            column=column,
            letters="" if column is None else column_letters(column),
            header=problem["column"],
            field=problem["field"],
            text=problem["value"] if column is None else texts[column] or "",
            code=problem["code"],
            severity=problem["severity"],
            params=json.loads(problem["params"]),
            context=tuple(context),
        )


def select_problems(problems: pl.DataFrame, wanted: ProblemQuery) -> pl.DataFrame:
    """Return the problems of a group: of a code, field, column, severity or value."""
    for name in ("code", "field", "column", "severity"):
        if value := getattr(wanted, name):
            problems = problems.filter(pl.col(name) == value)
    return problems if wanted.value is None else problems.filter(pl.col("value") == wanted.value)


def _hints(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored settings for values; JSON has lists for tuples."""
    return {name: _as_tuple(value) for name, value in stored.items()}


def _as_tuple(value: Any) -> Any:
    return tuple(map(_as_tuple, value)) if isinstance(value, list) else value


def _rows(rows: Iterable[int]) -> pl.Series:
    return pl.Series("row", sorted(set(rows)), dtype=pl.UInt32)
