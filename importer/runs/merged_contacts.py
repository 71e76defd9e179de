"""Contacts that are in a file more than once, put together into the first row of each, where an answer says so."""

from __future__ import annotations

import polars as pl

from importer.cleaning import Change
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool


def merge_contacts(spool: Spool, sharing: pl.DataFrame, path: str) -> tuple[int, Change | None]:
    """Fill the blank fields of each contact's first row from its other rows, in the order of the file.

    ``sharing`` has ``row``, ``field`` and ``earliest``. Returns how many values were filled in, with an example.
    """
    groups = sharing.filter(pl.col("field") == path).select("row", "earliest")
    if not groups.height:
        return 0, None
    rows = RowSet(groups["row"])
    known = pl.concat([rows.select(frame) for frame in spool.fields()]).join(groups, on="row").sort("row")
    fields = [name for name in known.columns if name not in ("row", "earliest")]
    merged = known.group_by("earliest", maintain_order=True).agg(pl.col(fields).drop_nulls().first())
    merged = merged.rename({"earliest": "row"})
    first = known.filter(pl.col("row") == pl.col("earliest")).drop("earliest")
    spool.replace_fields(merged)
    return _count_filled(first.sort("row"), merged.sort("row"), fields)


def _count_filled(before: pl.DataFrame, after: pl.DataFrame, fields: list[str]) -> tuple[int, Change | None]:
    count, example = 0, None
    for path in fields:
        filled = before[path].is_null() & after[path].is_not_null()
        count += int(filled.sum())
        if example is None and filled.any():
            at = filled.arg_max() or 0
            example = Change(after["row"][at], path, "", str(after[path][at]))
    return count, example
