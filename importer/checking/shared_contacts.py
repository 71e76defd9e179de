"""The warnings for rows that have an e-mail address or a phone number in common: each names the others."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from importer.model.problem_frame import PROBLEM_SCHEMA
from importer.model.provenance import NO_SOURCE, FieldSource
from schemas.kind import Kind

CODES = {Kind.EMAIL: "shared_email", Kind.PHONE: "shared_phone"}


def sharing_problems(
    sharing: pl.DataFrame,
    cells: pl.DataFrame,
    origins: Mapping[str, FieldSource],
    kinds: Mapping[str, Kind],
    *,
    strict: bool,
) -> pl.DataFrame:
    """Return a problem for every row of ``sharing``, in the columns of ``PROBLEM_SCHEMA``.

    ``sharing`` is a frame of ``run_store.shared_values``; ``cells`` are the cells of the rows in it.
    """
    parts = [pl.DataFrame(schema=PROBLEM_SCHEMA)]
    for (path,), here in sharing.group_by("field", maintain_order=True):
        origin = origins.get(str(path), NO_SOURCE)
        found = here.join(cells, on="row", how="left").select(
            "row",
            origin.header_expr().alias("column"),
            "field",
            origin.value_expr().alias("value"),
            pl.lit("error" if strict else "warning").alias("severity"),
            pl.lit(CODES[kinds[str(path)]]).alias("code"),
            _params().alias("params"),
            pl.lit("check").alias("source"),
        )
        parts.append(found)
    return pl.concat(parts).sort("row", maintain_order=True)


def _params() -> pl.Expr:
    """Return the parameters of each row, as JSON: the rows named, and how many more there are."""
    rows = pl.col("others").list.eval(pl.element().cast(pl.String)).list.join(", ").alias("rows")
    more = pl.col("count") - pl.col("others").list.len()
    variant = (
        pl.when(more > 0).then(pl.lit("more")).when(pl.col("count") > 1).then(pl.lit("rows")).otherwise(pl.lit(""))
    )
    return pl.struct(variant.alias("variant"), rows, more.alias("more")).struct.json_encode()
