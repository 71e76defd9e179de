"""Restores the rows of a report: with their original numbers, in the columns of the original file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from importer.mapping import Mapping as ColumnMapping
from importer.mapping import countries_from_data, explicit_mappings, field_mapping_from_data, sort_field_mappings
from importer.model.report_columns import MESSAGE, PROBLEMS, ROW, RUN, STATUS
from importer.model.table import Batch, CellFinding, Table
from importer.reimport.column_layout import Layout, arrange_columns, is_same_operation, source_positions
from importer.reimport.detect import Reimport
from importer.reimport.errors_csv import has_problem_columns, restore_listed_rows
from importer.reimport.original_cells import find_still_damaged, restore_original_text
from importer.reimport.original_file import OriginalFile, find_original_file
from importer.reimport.original_run import OriginalRun, find_original_run
from importer.reporting.formula_escaping import unescape_formulas
from importer.reporting.unresolved_problems import decode_unresolved
from importer.settings import Settings
from schemas.contract import Operation

# errors.xlsx cuts a text that a workbook's cell cannot hold, and ends it with this character.
LONGEST_CELL_CHARACTERS, CUT_SIGN = 32_767, "…"
LARGEST_ROW_NUMBER = 1 << 31
_KEPT_HINTS = ("region", "timezone", "date_order", "where", "rows", "skip_last")


@dataclass(frozen=True, slots=True)
class OriginalRows:
    """The rows of a report as a table like that of its original file, and how that was read.

    ``run`` and ``plan`` are empty if the run is not stored here.
    """

    run: str
    table: Table
    plan: Mapping[str, Any] = field(default_factory=dict)
    file: OriginalFile | None = None

    @property
    def date_orders(self) -> Mapping[str, Any]:
        """The orders of dates that the original file proved, by field."""
        return dict(self.plan.get("orders", {}))

    def mapping(self, operation: Operation, settings: Settings) -> ColumnMapping | None:
        """Return the run's mapping, overridden by the user's; None if the run did another operation."""
        plan, columns = self.plan, self.table.columns
        if not plan or not is_same_operation(plan, operation):
            return None
        feeds, ignored, file = explicit_mappings(columns, operation, settings)
        for data in plan["feeds"]:
            target = operation.field(data["field"])
            if target is None:
                return None
            if target.path not in feeds and not ignored & set(data["columns"]):
                feeds[target.path] = field_mapping_from_data(data, target)
        used = ignored | {index for feed in feeds.values() for index in feed.columns}
        unused = tuple(name for index, name in enumerate(columns) if index not in used and name.strip())
        return ColumnMapping(
            sort_field_mappings(feeds, operation),
            columns,
            unused,
            (),
            countries_from_data(plan["country"]),
            blank=file.blank or tuple(plan.get("blank", ())),
            keys=file.keys,
        )

    def settings(self, settings: Settings) -> Settings:
        """Return the settings with the run's options for values, where the user gives no others."""
        hints = self.plan.get("hints", {})
        kept = {name: hints[name] for name in _KEPT_HINTS if name in hints}
        missing = {name: value for name, value in kept.items() if getattr(settings, name) is None}
        clean, strict = settings.clean and hints.get("clean", True), settings.strict or hints.get("strict", False)
        blank = settings.blank or tuple(hints.get("blank", ()))
        suppress = _merge_lists(settings.suppress, hints.get("suppress", ()))
        answers = (*((key, answer) for key, answer in hints.get("answers", ())), *settings.answers)
        return replace(settings, **missing, clean=clean, strict=strict, blank=blank, suppress=suppress, answers=answers)


def _merge_lists(given: Sequence[str], of_run: Sequence[str]) -> tuple[str, ...]:
    """Return the suppression lists of both; one of the run's has a newer place if it is given under the same name."""
    names = {Path(path).name for path in given}
    return tuple(dict.fromkeys((*given, *(path for path in of_run if Path(path).name not in names))))


def restore_rows(
    table: Table, reimport: Reimport | None, operation: Operation, settings: Settings
) -> OriginalRows | None:
    """Return the original rows of a table that has a report's columns; None for any other. Raises FileError."""
    names = _normalize(table.columns)
    is_list = has_problem_columns(names)
    if not is_list and (ROW not in names or not {RUN, STATUS} & set(names)):
        return None
    # It has cells of its original file, too, whose texts reading has not seen.
    table = replace(table, facts=replace(table.facts, cells_need_no_quotes=False))
    is_foreign = reimport is not None and reimport.is_foreign
    original = None if is_foreign else find_original_run(table, reimport.plan if reimport else None, settings)
    run, plan = (original.run, original.plan) if original else ("", {})
    since_1904 = plan.get("since_1904", table.facts.since_1904)
    table = replace(table, facts=replace(table.facts, since_1904=since_1904))
    file = find_original_file(table.facts.path, plan)
    if is_list:
        return OriginalRows(run, restore_listed_rows(table, original), plan, file)
    is_escaped = RUN not in names and not (original and original.embedded)
    if is_escaped:
        table = replace(table, columns=tuple(unescape_formulas(pl.DataFrame({"": table.columns}))[""]))
    if original is None:
        layout = Layout(table.columns, tuple(range(len(table.columns))))
    else:
        layout = arrange_columns(plan, table.columns, table.facts.path, operation)
    restored = replace(
        table,
        columns=layout.columns,
        batches=lambda: _restore_batches(table, names, original, layout, is_escaped=is_escaped),
    )
    return OriginalRows(run, restored, plan, file)


def _restore_batches(
    table: Table, names: Sequence[str], original: OriginalRun | None, layout: Layout, *, is_escaped: bool
) -> Iterator[Batch]:
    """Yield all rows as one batch, in the order of their original numbers.

    Rows without a number, or with one that another row has, come last. ``is_escaped`` is True for our CSV files, which
    guard texts against being taken for formulas.
    """
    every = list(table.batches())
    if not every:
        return
    frame = pl.concat([batch.frame for batch in every])
    numbers = _original_numbers(frame[f"c{names.index(ROW)}"], original.plan.get("last", 0) if original else 0)
    original_number = dict(zip(frame["row"], numbers, strict=True))
    moved = (layout.move(finding) for batch in every for finding in batch.findings if finding.row in original_number)
    findings = [replace(finding, row=original_number[finding.row]) for finding in moved if finding is not None]
    frame = frame.with_columns(row=numbers).sort("row")
    if is_escaped:
        frame = unescape_formulas(frame)
    rows = layout.arrange(frame)
    if original is not None and not original.embedded and original.spool is not None:
        rows = restore_original_text(rows, original.spool, len(original.plan["columns"]))
    findings += _find_unresolved(frame, rows, names, original)
    yield Batch(rows, tuple(sorted([*findings, *_find_cut_cells(rows)], key=lambda finding: finding.row)))


def _find_unresolved(
    frame: pl.DataFrame, rows: pl.DataFrame, names: Sequence[str], original: OriginalRun | None
) -> Iterator[CellFinding]:
    """Yield the findings of the original file about cells that are as they were.

    A row whose problems somebody has deleted is right as it is.
    """
    message = next((f"c{names.index(name)}" for name in (PROBLEMS, MESSAGE) if name in names), None)
    if message is None or original is None:
        return
    unresolved = frame.filter((pl.col(message).str.strip_chars() != "").fill_null(value=False))["row"]
    candidates = rows.filter(pl.col("row").is_in(unresolved.implode()))
    if RUN not in names:
        if original.spool is not None:
            yield from find_still_damaged(candidates, original.spool, original.plan["columns"])
        return
    encoded = dict(frame.select("row", f"c{names.index(RUN)}").iter_rows())
    own = source_positions(original.plan["columns"], names)
    for row, *cells in candidates.select("row", *(f"c{index}" for index in own)).iter_rows():
        for code, place in decode_unresolved(encoded[row] or "", cells):
            column, value = (None, "") if place is None else (own[place], cells[place] or "")
            yield CellFinding(row, column, code, value)


def _original_numbers(texts: pl.Series, last: int) -> pl.Series:
    """Return the original numbers of rows; for a row without one, or with one seen before, a new one after ``last``."""
    known = texts.str.strip_chars().str.replace(r"\.0$", "").cast(pl.UInt32, strict=False)
    known = known.set(~known.is_first_distinct() | (known >= LARGEST_ROW_NUMBER).fill_null(value=False), None)
    added = known.is_null()
    return known.zip_with(~added, (added.cum_sum() + max([last, *known.drop_nulls()])).cast(pl.UInt32))


def _find_cut_cells(frame: pl.DataFrame) -> Iterator[CellFinding]:
    """Yield the cells that were too long for a workbook."""
    for column, cells in enumerate(frame.drop("row")):
        complete = (cells.str.len_chars() < LONGEST_CELL_CHARACTERS) | ~cells.str.ends_with(CUT_SIGN)
        for row in frame["row"].filter(~complete.fill_null(value=True)):
            yield CellFinding(row, column, "cut_cell", "")


def _normalize(names: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in names]
