"""Rows of a run that are the same as an earlier row."""

from __future__ import annotations

import polars as pl

from importer.run_store.row_hashes import WHOLE_ROW
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool


def find_duplicates(spool: Spool) -> pl.DataFrame:
    """Return the rows with exactly the same fields as an earlier row: ``row`` and ``first``, both UInt32.

    The fields of a second step do not count: such rows are one contact. A hash over each row finds the candidates; the
    candidates' fields decide.
    """
    candidates = RowSet(spool.find_equal(WHOLE_ROW))
    if not len(candidates):
        return pl.DataFrame(schema={"row": pl.UInt32, "first": pl.UInt32})
    rows = pl.concat([candidates.select(frame) for frame in spool.fields()])
    fields = [name for name in rows.columns if name not in ("row", *spool.aside)]
    grouped = rows.with_columns(first=pl.col("row").min().over(fields))
    return grouped.filter(pl.col("row") != pl.col("first")).select("row", "first").sort("row")
