"""Rows that have an e-mail address or a phone in common, in words: each names the others."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from importer.checking.checker import PROBLEMS
from importer.model.provenance import NO_SOURCE, FieldSource
from schemas.contract import Kind

CODES = {Kind.EMAIL: ("shared_email", "e-mail address"), Kind.PHONE: ("shared_phone", "phone number")}


def sharing_problems(
    sharing: pl.DataFrame,
    cells: pl.DataFrame,
    origins: Mapping[str, FieldSource],
    kinds: Mapping[str, Kind],
    *,
    strict: bool,
) -> pl.DataFrame:
    """``sharing`` is what ``journal.sharing`` found; ``cells`` are the cells of the rows in it."""
    parts = [pl.DataFrame(schema=PROBLEMS)]
    for (path,), here in sharing.group_by("field", maintain_order=True):
        code, what = CODES[kinds[str(path)]]
        origin = origins.get(str(path), NO_SOURCE)
        named = pl.col("others").list.eval(pl.element().cast(pl.String)).list.join(", ")
        more = pl.col("count") - pl.col("others").list.len()
        rest = pl.when(more > 0).then(pl.format(" and {} more", more)).otherwise(pl.lit(""))
        rows = pl.when(pl.col("count") > 1).then(pl.lit("rows")).otherwise(pl.lit("row"))
        told = here.join(cells, on="row", how="left").select(
            "row",
            origin.header_expr().alias("column"),
            "field",
            origin.value_expr().alias("value"),
            pl.lit("error" if strict else "warning").alias("severity"),
            pl.lit(code).alias("code"),
            pl.format("has the {} of {} {}{}, but other values elsewhere", pl.lit(what), rows, named, rest).alias(
                "message"
            ),
            pl.lit("look whether they are one contact; both are sent as they are").alias("hint"),
            pl.lit("check").alias("source"),
        )
        parts.append(told)
    return pl.concat(parts).sort("row", maintain_order=True)
