"""Puts a report's columns back in the places of the original file.

With the same columns in the same places, column letters, mapping files and the options of the original run hold as they
are. A mapped column that is gone stops the import; nothing is guessed anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from importer.errors import FileError
from importer.model.report_columns import FIX_COLUMNS, RESULT_COLUMNS, STATUS
from importer.model.table import CellFinding
from schemas.contract import Operation


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of the original file and then the new ones. ``places`` are their positions now, None if missing."""

    columns: tuple[str, ...]
    places: tuple[int | None, ...]

    def arrange(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return ``row`` and the cells in these places. A missing column is blank."""
        cells = (
            (pl.lit(None, dtype=pl.String) if now is None else pl.col(f"c{now}")).alias(f"c{index}")
            for index, now in enumerate(self.places)
        )
        return frame.select("row", *cells)

    def move(self, finding: CellFinding) -> CellFinding | None:
        """Return the finding with the cell's original place; None if the cell is in a column that the report added."""
        if finding.column is None:
            return finding
        if finding.column not in self.places:
            return None
        return replace(finding, column=self.places.index(finding.column))


def source_positions(names: Sequence[str], report: Sequence[str]) -> list[int]:
    """Return the positions of the columns (``names``) that a report takes from its file: all but those that it adds."""
    added = RESULT_COLUMNS if STATUS in _normalize(report) else FIX_COLUMNS
    return [index for index, name in enumerate(_normalize(names)) if name not in added]


def arrange_columns(plan: Mapping[str, Any], now: Sequence[str], path: str, operation: Operation) -> Layout:
    """Find the original file's columns: by their order if it is the same, else by their names.

    For another operation than the run's, the columns that the report added are offered, too: an update takes its ids
    from them. For the same operation, raises FileError if a mapped column is missing.
    """
    again = is_same_operation(plan, operation)
    before: Sequence[str] = plan["columns"]
    then, here = source_positions(before, now), source_positions(now, now)
    if [before[index] for index in then] == [now[index] for index in here[: len(then)]]:
        found: dict[int, int] = dict(zip(then, here, strict=False))
    else:
        found = _by_name(before, then, now, here)
    for index in range(len(before)):  # a column with the name of one that the report adds
        if index not in found and index not in then and before[index] in now:
            found[index] = now.index(before[index])
    if again:
        _reject_missing_columns(plan, found, path)
    offered = here if again else range(len(now))
    new = [index for index in offered if index not in found.values()]
    columns = (*before, *(now[index] for index in new))
    return Layout(columns, (*(found.get(index) for index in range(len(before))), *new))


def is_same_operation(plan: Mapping[str, Any], operation: Operation) -> bool:
    """Return True if a run's plan is for this operation."""
    return bool(plan["operation"] == operation.name and plan["document"] == operation.document)


def _by_name(before: Sequence[str], then: Sequence[int], now: Sequence[str], here: Sequence[int]) -> dict[int, int]:
    """Match columns by name. Columns of one name match in their order, if there are as many as before."""
    counts = Counter(before[index] for index in then), Counter(now[index] for index in here)
    found: dict[int, int] = {}
    for name in dict.fromkeys(before[index] for index in then):
        if counts[0][name] == counts[1][name]:
            same = ([index for index in then if before[index] == name], [index for index in here if now[index] == name])
            found |= dict(zip(*same, strict=True))
    return found


def _reject_missing_columns(plan: Mapping[str, Any], found: Mapping[int, int], path: str) -> None:
    for feed in plan["feeds"]:
        for index in feed["columns"]:
            if index not in found:
                name = plan["columns"][index]
                raise FileError(
                    f"{path}: the column {name!r}, which maps to {feed['field']}, is not there as it was in the first "
                    "file (deleted, renamed, or there twice); put it back, and import it then"
                )


def _normalize(names: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in names]
