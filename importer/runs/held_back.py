"""Count the rows that a run will not send, by reason."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from importer.model.problem import SKIPPED
from importer.model.send_plan import HeldBack
from importer.model.status import Status
from importer.run_store.spool import Spool


def count_held_back(spool: Spool, duplicates: int, known: Mapping[Status, int]) -> tuple[HeldBack, ...]:
    """Return the reasons, the most frequent first. ``known`` counts the statuses that the journal gives to rows.

    A row with several problems counts under its first one.
    """
    held = [HeldBack(count, status) for status, count in known.items()]
    if duplicates:
        held.append(HeldBack(duplicates, Status.DUPLICATE))
    held += _count_problems(spool)
    return tuple(sorted(held, key=lambda entry: -entry.count))


def _count_problems(spool: Spool) -> list[HeldBack]:
    reasons = [
        frame.filter(pl.col("severity").is_in(["error", SKIPPED])).select("row", "severity", "code", "column")
        for frame in spool.problems()
    ]
    if not reasons:
        return []
    found = pl.concat(reasons).unique("row", keep="first", maintain_order=True)
    counted = found.group_by("severity", "code", "column", maintain_order=True).len()
    return [
        HeldBack(count, Status.SKIPPED if severity == SKIPPED else Status.INVALID, code, column)
        for severity, code, column, count in counted.iter_rows()
    ]
