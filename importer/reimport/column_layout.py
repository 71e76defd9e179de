"""A report's columns back in the places of the file that they first stood in, so that it is read as that file was."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from importer.errors import FileError
from importer.model.table import Mark
from importer.reimport.original_run import NUMBER, RUN, STATUS, WORDS
from importer.reporting import RESULT_COLUMNS
from schemas.contract import Operation


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the first file, then those that are new; ``places`` are where they stand now, if at all."""

    columns: tuple[str, ...]
    places: tuple[int | None, ...]

    def arranged(self, frame: pl.DataFrame) -> pl.DataFrame:
        """``row`` and the cells, in these places; a column that is gone is blank."""
        cells = (
            (pl.lit(None, dtype=pl.String) if now is None else pl.col(f"c{now}")).alias(f"c{index}")
            for index, now in enumerate(self.places)
        )
        return frame.select("row", *cells)

    def moved(self, mark: Mark) -> Mark | None:
        """What is known of a cell, in its place; None where that is one of ours."""
        if mark.column is None:
            return mark
        return replace(mark, column=self.places.index(mark.column)) if mark.column in self.places else None


def reported(names: Sequence[str], of: Sequence[str]) -> list[int]:
    """Which columns of a file (``names``) a report with these columns has among its own: all but those that it adds."""
    added = RESULT_COLUMNS if STATUS in _plain(of) else (NUMBER, WORDS, RUN)
    return [index for index, name in enumerate(_plain(names)) if name not in added]


def layout_of(plan: Mapping[str, Any], now: Sequence[str], path: str, operation: Operation) -> Layout:
    """Where the first file's columns are now: in the same order, else by their names.

    For another operation than the first run's the report's own columns are there, too: ids feed an update. For the same
    one raises FileError when a column that feeds a field is not there any more.
    """
    again = is_of(plan, operation)
    before: Sequence[str] = plan["columns"]
    then, here = reported(before, now), reported(now, now)
    if [before[index] for index in then] == [now[index] for index in here[: len(then)]]:
        found: dict[int, int] = dict(zip(then, here, strict=False))
    else:
        found = _by_name(before, then, now, here)
    for index in range(len(before)):  # a column under the name of one that the report adds
        if index not in found and index not in then and before[index] in now:
            found[index] = now.index(before[index])
    if again:
        _refuse_gaps(plan, found, path)
    offered = here if again else range(len(now))
    new = [index for index in offered if index not in found.values()]
    columns = (*before, *(now[index] for index in new))
    return Layout(columns, (*(found.get(index) for index in range(len(before))), *new))


def is_of(plan: Mapping[str, Any], operation: Operation) -> bool:
    """Whether a run's plan is one of this operation."""
    return bool(plan["operation"] == operation.name and plan["document"] == operation.document)


def _by_name(before: Sequence[str], then: Sequence[int], now: Sequence[str], here: Sequence[int]) -> dict[int, int]:
    """By name; of several with one name the first is the first, as long as there are as many as before."""
    counts = Counter(before[index] for index in then), Counter(now[index] for index in here)
    found: dict[int, int] = {}
    for name in dict.fromkeys(before[index] for index in then):
        if counts[0][name] == counts[1][name]:
            same = ([index for index in then if before[index] == name], [index for index in here if now[index] == name])
            found |= dict(zip(*same, strict=True))
    return found


def _refuse_gaps(plan: Mapping[str, Any], found: Mapping[int, int], path: str) -> None:
    for feed in plan["feeds"]:
        for index in feed["columns"]:
            if index not in found:
                name = plan["columns"][index]
                raise FileError(
                    f"{path}: the column {name!r}, which feeds {feed['field']}, is not there as it was in the first "
                    "file (deleted, renamed, or there twice); put it back, and import it then"
                )


def _plain(names: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in names]
