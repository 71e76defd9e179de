"""Which table is a report of ours, and its rows as the file had them that they first stood in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from importer.model.table import MAX_CELL_CHARACTERS, Batch, Mark, Table
from importer.reimport.column_layout import Layout, layout_of, reported
from importer.reimport.errors_csv import corrected_rows, is_list_of_problems
from importer.reimport.original_cells import restore_original_text, still_damaged
from importer.reimport.original_run import MESSAGE, NUMBER, RUN, STATUS, WORDS, OriginalRun, find_original_run
from importer.reporting.formula_escaping import unescape_formulas
from importer.reporting.unresolved_problems import decode_unresolved
from importer.settings import Settings
from schemas.contract import Operation

CUT = "…"
"""How errors.xlsx shortens what a workbook's cell cannot hold."""
LARGEST_NUMBER = 1 << 31


@dataclass(frozen=True, slots=True)
class Reimport:
    """A table with the first numbers of its rows, in the columns of the first file; and what is known of its run."""

    run: str
    table: Table
    plan: Mapping[str, Any] = field(default_factory=dict)


def detect_reimport(table: Table, operation: Operation, settings: Settings) -> Reimport | None:
    """What a table is if it is one of our reports; None for any other. Raises FileError."""
    names = _plain(table.columns)
    if is_list_of_problems(names):
        first = find_original_run(table, settings)
        return Reimport(first.run if first else "", corrected_rows(table, first), first.plan if first else {})
    if NUMBER not in names or not {RUN, STATUS} & set(names):
        return None
    first = find_original_run(table, settings)
    if RUN not in names and (first is None or not first.carried):  # one of our CSV files, where texts are guarded
        table = replace(table, columns=tuple(unescape_formulas(pl.DataFrame({"": table.columns}))[""]))
    if first is None:
        every = Layout(table.columns, tuple(range(len(table.columns))))
        return Reimport("", _numbered(table, None, every))
    layout = layout_of(first.plan, table.columns, table.facts.path, operation)
    return Reimport(first.run, _numbered(table, first, layout), first.plan)


def _numbered(table: Table, first: OriginalRun | None, layout: Layout) -> Table:
    """The same rows in the order of their first numbers; rows without one, or with one twice, come last."""
    names = _plain(table.columns)

    def batches() -> Iterator[Batch]:
        every = list(table.batches())
        if not every:
            return
        frame = pl.concat([batch.frame for batch in every])
        numbers = _numbers(frame[f"c{names.index(NUMBER)}"], first.plan.get("last", 0) if first else 0)
        then = dict(zip(frame["row"], numbers, strict=True))
        moved = (layout.moved(mark) for batch in every for mark in batch.marks if mark.row in then)
        marks = [replace(mark, row=then[mark.row]) for mark in moved if mark is not None]
        frame = frame.with_columns(row=numbers).sort("row")
        if RUN not in names and (first is None or not first.carried):
            frame = unescape_formulas(frame)
        rows = layout.arranged(frame)
        if first is not None and not first.carried and first.spool is not None:
            rows = restore_original_text(rows, first.spool, len(first.plan["columns"]))
        marks += _unmended(frame, rows, names, first)
        yield Batch(rows, tuple(sorted([*marks, *_cut(rows)], key=lambda mark: mark.row)))

    return replace(table, columns=layout.columns, batches=batches)


def _unmended(
    frame: pl.DataFrame, rows: pl.DataFrame, names: Sequence[str], first: OriginalRun | None
) -> Iterator[Mark]:
    """What cells do not show and nobody has touched; a row whose words somebody has deleted is as it should be."""
    words = next((f"c{names.index(name)}" for name in (WORDS, MESSAGE) if name in names), None)
    if words is None or first is None:
        return
    left = frame.filter((pl.col(words).str.strip_chars() != "").fill_null(value=False))["row"]
    looked_at = rows.filter(pl.col("row").is_in(left.implode()))
    if RUN in names:
        told = dict(frame.select("row", f"c{names.index(RUN)}").iter_rows())
        own = reported(first.plan["columns"], names)
        for row, *cells in looked_at.select("row", *(f"c{index}" for index in own)).iter_rows():
            for code, place in decode_unresolved(told[row] or "", cells):
                column, value = (None, "") if place is None else (own[place], cells[place] or "")
                yield Mark(row, column, code, value)
    elif first.spool is not None:
        yield from still_damaged(looked_at, first.spool, first.plan["columns"])


def _numbers(texts: pl.Series, last: int) -> pl.Series:
    """The first numbers of rows; new ones, after the last, where there is none, or one that was there before."""
    known = texts.str.strip_chars().str.replace(r"\.0$", "").cast(pl.UInt32, strict=False)
    known = known.set(~known.is_first_distinct() | (known >= LARGEST_NUMBER).fill_null(value=False), None)
    added = known.is_null()
    return known.zip_with(~added, (added.cum_sum() + max([last, *known.drop_nulls()])).cast(pl.UInt32))


def _cut(frame: pl.DataFrame) -> Iterator[Mark]:
    """The cells that were too long for the workbook and stand in it shortened."""
    for column, cells in enumerate(frame.drop("row")):
        complete = (cells.str.len_chars() < MAX_CELL_CHARACTERS) | ~cells.str.ends_with(CUT)
        yield from (Mark(row, column, "cut_cell", "") for row in frame["row"].filter(~complete.fill_null(value=True)))


def _plain(names: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in names]
