"""A report of ours that comes back with corrections: which run it is of, and its rows under their first numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from importer.errors import FileError
from importer.journal.folder import RunFolder, state_folder
from importer.journal.spool import Spool
from importer.mapping import Mapping, feed_of_data
from importer.reading import read_table
from importer.records import Batch, Mark, Table
from importer.settings import Settings
from schemas.contract import Operation

NUMBER, RUN, OURS = "import_row", "import_run", "import_"
LONGEST_CELL, CUT = 32_767, "…"
"""How errors.xlsx shortens what a workbook's cell cannot hold."""
LARGEST_NUMBER = 1 << 31
KEPT = {"run", "operation", "document", "hints", "orders", "columns", "feeds", "country"}


@dataclass(frozen=True, slots=True)
class Returned:
    """A table whose rows have the numbers of the file that they first stood in, and what is kept of that run."""

    run: str
    table: Table
    plan: dict[str, Any] | None


def returned(table: Table, settings: Settings) -> Returned | None:
    """What a table is if it is one of our reports; None for any other. Raises FileError for errors.csv."""
    names = [name.strip().lower() for name in table.columns]
    if names[:3] == ["row", "column", "field"] and "hint" in names:
        raise FileError(
            f"{table.facts.path}: is a list of problems, not of contacts; correct errors.xlsx, or the file itself, and "
            "import that"
        )
    if NUMBER not in names:
        return None
    plan = _carried(table, settings) if RUN in names else _beside(Path(table.facts.path), settings)
    if plan is None and RUN not in names:
        return None
    return Returned(plan["run"] if plan else "", _renumbered(table, names.index(NUMBER)), plan)


def _carried(table: Table, settings: Settings) -> dict[str, Any] | None:
    """How the first file was read, as a hidden sheet of errors.xlsx says."""
    try:
        hidden = read_table(Path(table.facts.path), replace(settings, sheet=RUN, header_row=1))
        pieces = [text for batch in hidden.batches() for text in batch.frame[batch.frame.columns[-1]]]
        found = json.loads("".join(pieces))
    except (FileError, ValueError, TypeError):
        return None
    return found if isinstance(found, dict) and not KEPT - found.keys() else None


def _beside(path: Path, settings: Settings) -> dict[str, Any] | None:
    """How the file of a result.csv was read: the summary beside it names the run, which the state folder knows."""
    try:
        run = json.loads((path.parent / "summary.json").read_text(encoding="utf-8"))["run"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not isinstance(run, str) or not all(char.isalnum() or char == "-" for char in run):
        return None
    plan = Spool(RunFolder(state_folder(settings.state_dir), run).path).plan()
    return {"run": run, **plan} if plan and not KEPT - {"run", *plan} else None


def _renumbered(table: Table, column: int) -> Table:
    """The same rows in the order of their first numbers; rows without one, or with one twice, come last."""

    def batches() -> Iterator[Batch]:
        every = list(table.batches())
        if not every:
            return
        frame = pl.concat([batch.frame for batch in every])
        known = frame[f"c{column}"].str.strip_chars().str.replace(r"\.0$", "").cast(pl.UInt32, strict=False)
        known = known.set(~known.is_first_distinct() | (known >= LARGEST_NUMBER).fill_null(value=False), None)
        added = known.is_null()
        last = max([0, *known.drop_nulls()])
        numbers = known.zip_with(~added, (added.cum_sum() + last).cast(pl.UInt32))
        first = dict(zip(frame["row"], numbers, strict=True))
        marks = [replace(mark, row=first[mark.row]) for batch in every for mark in batch.marks if mark.row in first]
        frame = frame.with_columns(row=numbers).sort("row")
        yield Batch(frame, tuple(sorted([*marks, *_cut(frame)], key=lambda mark: mark.row)))

    return replace(table, batches=batches)


def _cut(frame: pl.DataFrame) -> Iterator[Mark]:
    """The cells that were too long for the workbook and stand in it shortened."""
    for column, cells in enumerate(frame.drop("row")):
        whole = (cells.str.len_chars() < LONGEST_CELL) | ~cells.str.ends_with(CUT)
        yield from (Mark(row, column, "cut_cell", "") for row in frame["row"].filter(~whole.fill_null(value=True)))


def mapping_again(back: Returned, operation: Operation, settings: Settings) -> Mapping | None:
    """The first run's mapping over the columns as they stand now; None where it cannot be told, or is not wanted."""
    plan, columns = back.plan, back.table.columns
    said = settings.mapping is not None or bool(settings.columns) or bool(settings.constants)
    if plan is None or said or plan["operation"] != operation.name or plan["document"] != operation.document:
        return None
    before = [index for index, name in enumerate(plan["columns"]) if not _ours(name)]
    now = [index for index, name in enumerate(columns) if not _ours(name)]
    if [plan["columns"][index] for index in before] != [columns[index] for index in now[: len(before)]]:
        return None
    places = dict(zip(before, now, strict=False))
    feeds = []
    for data in plan["feeds"]:
        field = operation.field(data["field"])
        if field is None or any(index not in places for index in data["columns"]):
            return None
        template = [places[part] if isinstance(part, int) else part for part in data["template"]]
        moved = {**data, "columns": [places[index] for index in data["columns"]], "template": template}
        feeds.append(feed_of_data(moved, field))
    used = {index for feed in feeds for index in feed.columns}
    unused = tuple(columns[index] for index in now if index not in used and columns[index].strip())
    country = plan["country"]
    return Mapping(tuple(feeds), columns, unused, (), places.get(country) if country is not None else None)


def settings_again(back: Returned, settings: Settings) -> Settings:
    """The settings, with what the first run was told of how values are read, where nothing else is said now."""
    hints = back.plan["hints"] if back.plan else {}
    kept = {name: hints[name] for name in ("region", "timezone", "date_order") if name in hints}
    missing = {name: value for name, value in kept.items() if getattr(settings, name) is None}
    return replace(settings, **missing, clean=settings.clean and hints.get("clean", True))


def _ours(name: str) -> bool:
    return name.strip().lower().startswith(OURS)
