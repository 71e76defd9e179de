"""Rows of one file that have an e-mail address or a phone in common, and differ in something else."""

from __future__ import annotations

from typing import Any

import polars as pl

from importer.run_store.duplicates import find_duplicates
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool
from schemas.kind import Kind

MOST_NAMED = 5
_SCHEMA: Any = {
    "row": pl.UInt32,
    "field": pl.String,
    "others": pl.List(pl.UInt32),
    "count": pl.UInt32,
    "earliest": pl.UInt32,
    "latest": pl.UInt32,
}


def sharing_key(path: str, kind: Kind) -> pl.Expr:
    """Return the text in the form in which two spellings of one address, or of one number, are equal."""
    text = pl.col(path)
    return text.str.replace_all(r"[^0-9]", "") if kind is Kind.PHONE else text.str.to_lowercase()


def find_sharing(spool: Spool, path: str, key: pl.Expr) -> pl.DataFrame:
    """Return ``row``, ``field``, the first ``others`` that have the same there, and the ``count`` of all others.

    ``earliest`` and ``latest`` are the first and the last row of all that have it.

    Rows that are the same in every field are duplicates: only the first of them is considered.
    """
    candidates = spool.find_equal(path)
    if not candidates.len():
        return pl.DataFrame(schema=_SCHEMA)
    rows = RowSet(candidates.filter(~candidates.is_in(find_duplicates(spool)["row"].implode())))
    keys = pl.concat([rows.select(frame).select("row", key=key) for frame in spool.columns(path)])
    groups = keys.group_by("key").agg(
        first=pl.col("row").sort().head(MOST_NAMED + 1),
        count=(pl.len() - 1).cast(pl.UInt32),
        earliest=pl.col("row").min(),
        latest=pl.col("row").max(),
    )
    shared = keys.join(groups.filter(pl.col("count") > 0), on="key")
    others = pl.col("first").list.set_difference(pl.concat_list("row")).list.sort().list.head(MOST_NAMED)
    return shared.select("row", pl.lit(path).alias("field"), others.alias("others"), "count", "earliest", "latest")
