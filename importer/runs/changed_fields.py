"""The fields in which a changed contact differs from the row that created it, for the message of a row not sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from importer.journal import fetch_run_files
from importer.model.delivery import RowResult
from importer.run_store.row_set import RowSet
from importer.run_store.run_folder import RunFolder
from importer.run_store.spool import Spool

MOST_NAMED = 8


def describe_differences(changed: Sequence[RowResult], spool: Spool, state_dir: Path) -> Iterator[RowResult]:
    """Yield the same results with the fields that differ named, where the rows of the first run still exist."""
    current = _read_fields(spool, (result.row for result in changed))
    rows_by_run: dict[str, set[int]] = {}
    for result in changed:
        if result.created_by is not None:
            run, row = result.created_by
            rows_by_run.setdefault(run, set()).add(row)
    earlier = {run: _read_run(state_dir, run, rows) for run, rows in rows_by_run.items()}
    for result in changed:
        run, row = result.created_by or ("", 0)
        now, before = current.get(result.row), earlier.get(run, {}).get(row)
        yield result if now is None or before is None else _with_differences(result, now, before)


def _with_differences(result: RowResult, now: dict[str, Any], before: dict[str, Any]) -> RowResult:
    paths = [path for path in {**before, **now} if now.get(path) != before.get(path)]
    if not paths:
        return result
    named = ", ".join(paths[:MOST_NAMED]) + (f" and {len(paths) - MOST_NAMED} more" if len(paths) > MOST_NAMED else "")
    verb = "differs" if len(paths) == 1 else "differ"
    evidence = replace(result.evidence, message=f"{result.evidence.message}. {named} {verb}")
    return replace(result, evidence=evidence)


def _read_run(state_dir: Path, run: str, rows: Iterable[int]) -> dict[int, dict[str, Any]]:
    spool = Spool(RunFolder(state_dir, run).path)
    try:
        fetch_run_files(state_dir, run)
        return _read_fields(spool, rows) if spool.plan() is not None else {}
    except (OSError, pl.exceptions.PolarsError):  # it was pruned
        return {}


def _read_fields(spool: Spool, rows: Iterable[int]) -> dict[int, dict[str, Any]]:
    wanted = RowSet(rows)
    return {
        values.pop("row"): values for frame in spool.fields() for values in wanted.select(frame).iter_rows(named=True)
    }
