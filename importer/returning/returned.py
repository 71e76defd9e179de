"""Which table is a report of ours, and its rows under the numbers of the file that they first stood in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from importer.formulas import whole
from importer.records import Batch, Mark, Table
from importer.returning.before import made_whole, unmended
from importer.returning.corrections import corrected_rows, is_list_of_problems
from importer.returning.first import NUMBER, RUN, STATUS, First, find_first, is_ours
from importer.settings import Settings
from importer.standing import still_standing

LONGEST_CELL, CUT = 32_767, "…"
"""How errors.xlsx shortens what a workbook's cell cannot hold."""
LARGEST_NUMBER = 1 << 31


@dataclass(frozen=True, slots=True)
class Returned:
    """A table whose rows have the numbers of the file that they first stood in, and what is kept of that run.

    ``places`` has the columns of the first file, then and now; it is empty where they are not the same any more.
    """

    run: str
    table: Table
    plan: Mapping[str, Any] = field(default_factory=dict)
    places: Mapping[int, int] = field(default_factory=dict)


def returned(table: Table, settings: Settings) -> Returned | None:
    """What a table is if it is one of our reports; None for any other. Raises FileError."""
    names = [name.strip().lower() for name in table.columns]
    if is_list_of_problems(names):
        first = find_first(table, settings)
        rows = corrected_rows(table, first)
        same = {index: index for index in range(len(rows.columns))}
        return Returned(first.run if first else "", rows, first.plan if first else {}, same)
    if NUMBER not in names:
        return None
    first = find_first(table, settings)
    if first is None and RUN not in names and STATUS not in names:
        return None
    if first is None or not first.carried:
        table = replace(table, columns=tuple(whole(pl.DataFrame({"": table.columns}))[""]))
    if first is None:
        return Returned("", _numbered(table, None, {}))
    places = _places(first.plan["columns"], table.columns)
    return Returned(first.run, _numbered(table, first, places), first.plan, places)


def _places(before: Sequence[str], now: Sequence[str]) -> dict[int, int]:
    """Where the columns of the first file are now; none, if they are not the same in the same order."""
    then = [index for index, name in enumerate(before) if not is_ours(name)]
    here = [index for index, name in enumerate(now) if not is_ours(name)]
    same = [before[index] for index in then] == [now[index] for index in here[: len(then)]]
    return dict(zip(then, here, strict=False)) if same else {}


def _numbered(table: Table, first: First | None, places: Mapping[int, int]) -> Table:
    """The same rows in the order of their first numbers; rows without one, or with one twice, come last."""
    names = [name.strip().lower() for name in table.columns]

    def batches() -> Iterator[Batch]:
        every = list(table.batches())
        if not every:
            return
        frame = pl.concat([batch.frame for batch in every])
        numbers = _numbers(frame[f"c{names.index(NUMBER)}"])
        then = dict(zip(frame["row"], numbers, strict=True))
        marks = [replace(mark, row=then[mark.row]) for batch in every for mark in batch.marks if mark.row in then]
        frame = frame.with_columns(row=numbers).sort("row")
        if first is None or not first.carried:
            frame = whole(frame)
        if first is not None and not first.carried and first.spool is not None:
            frame = made_whole(frame, first.spool, places)
        if RUN in names:
            marks += _standing(frame, names)
        elif first is not None and first.spool is not None:
            marks += unmended(frame, first.spool, places, first.plan["columns"])
        yield Batch(frame, tuple(sorted([*marks, *_cut(frame)], key=lambda mark: mark.row)))

    return replace(table, batches=batches)


def _numbers(texts: pl.Series) -> pl.Series:
    """The first numbers of rows; new ones, after the last, where there is none, or one that was there before."""
    known = texts.str.strip_chars().str.replace(r"\.0$", "").cast(pl.UInt32, strict=False)
    known = known.set(~known.is_first_distinct() | (known >= LARGEST_NUMBER).fill_null(value=False), None)
    added = known.is_null()
    last = max([0, *known.drop_nulls()])
    return known.zip_with(~added, (added.cum_sum() + last).cast(pl.UInt32))


def _standing(frame: pl.DataFrame, names: Sequence[str]) -> Iterator[Mark]:
    """What errors.xlsx remembers of rows that nobody has corrected."""
    own = [index for index, name in enumerate(names) if not is_ours(name)]
    told = frame.filter(pl.col(f"c{names.index(RUN)}").str.contains("#", literal=True))
    for row, text, *cells in told.select("row", f"c{names.index(RUN)}", *(f"c{index}" for index in own)).iter_rows():
        for code, place in still_standing(text, cells):
            yield Mark(row, None if place is None else own[place], code, "" if place is None else cells[place] or "")


def _cut(frame: pl.DataFrame) -> Iterator[Mark]:
    """The cells that were too long for the workbook and stand in it shortened."""
    for column, cells in enumerate(frame.drop("row")):
        complete = (cells.str.len_chars() < LONGEST_CELL) | ~cells.str.ends_with(CUT)
        yield from (Mark(row, column, "cut_cell", "") for row in frame["row"].filter(~complete.fill_null(value=True)))
