"""Rows of a run that are the same as an earlier row."""

from __future__ import annotations

import polars as pl

from importer.run_store.spool import WHOLE, Spool


def find_duplicates(spool: Spool) -> pl.DataFrame:
    """Rows with exactly the same fields as an earlier row: ``row`` and ``first``, both UInt32.

    A hash over each row finds the candidates; the candidates' fields decide.
    """
    nothing = pl.DataFrame(schema={"row": pl.UInt32, "first": pl.UInt32})
    candidates = spool.alike(WHOLE)
    if not candidates.len():
        return nothing
    wanted = candidates.implode()
    rows = pl.concat([frame.filter(pl.col("row").is_in(wanted)) for frame in spool.fields()])
    fields = [name for name in rows.columns if name != "row"]
    grouped = rows.with_columns(first=pl.col("row").min().over(fields))
    return grouped.filter(pl.col("row") != pl.col("first")).select("row", "first").sort("row")
