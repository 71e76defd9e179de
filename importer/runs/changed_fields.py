"""Which fields of a contact differ from those that it was made with: a row that is held back as changed says them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from importer.model.delivery import RowResult
from importer.run_store.run_folder import RunFolder
from importer.run_store.spool import Spool

MOST_NAMED = 8


def describe_differences(changed: Sequence[RowResult], spool: Spool, state_dir: Path) -> Iterator[RowResult]:
    """The same results, each with the fields that differ, where the rows of the first run are still there."""
    now = _fields(spool, {result.row for result in changed})
    wanted: dict[str, set[int]] = {}
    for result in changed:
        if result.like is not None:
            wanted.setdefault(result.like[0], set()).add(result.like[1])
    before = {run: _before(state_dir, run, rows) for run, rows in wanted.items()}
    for result in changed:
        run, row = result.like or ("", 0)
        one, other = now.get(result.row), before.get(run, {}).get(row)
        yield result if one is None or other is None else _told(result, one, other)


def _told(result: RowResult, now: dict[str, Any], before: dict[str, Any]) -> RowResult:
    paths = [path for path in {**before, **now} if now.get(path) != before.get(path)]
    if not paths:
        return result
    named = ", ".join(paths[:MOST_NAMED]) + (f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else "")
    evidence = result.evidence
    differ = "differs" if len(paths) == 1 else "differ"
    return replace(result, evidence=replace(evidence, message=f"{evidence.message}. {named} {differ}"))


def _before(state_dir: Path, run: str, rows: set[int]) -> dict[int, dict[str, Any]]:
    spool = Spool(RunFolder(state_dir, run).path)
    try:
        return _fields(spool, rows) if spool.plan() is not None else {}
    except (OSError, pl.exceptions.PolarsError):  # it was tidied away
        return {}


def _fields(spool: Spool, rows: set[int]) -> dict[int, dict[str, Any]]:
    wanted = pl.Series("row", sorted(rows), dtype=pl.UInt32).implode()
    found: dict[int, dict[str, Any]] = {}
    for frame in spool.fields():
        for entry in frame.filter(pl.col("row").is_in(wanted)).iter_rows(named=True):
            found[entry.pop("row")] = entry
    return found
