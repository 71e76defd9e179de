"""A batch of cells → a frame of fields: null where the field is left out, text where something is sent."""

from __future__ import annotations

import polars as pl

from importer.mapping.match import Feed, Mapping
from schemas.contract import Operation


def apply_mapping(cells: pl.DataFrame, mapping: Mapping, operation: Operation) -> pl.DataFrame:
    """``row``, then one text column per fed field. A blank cell is null; the contract's word for clearing is ``""``."""
    return cells.select("row", *(_column(feed, operation.clear) for feed in mapping.feeds))


def _column(feed: Feed, clear: str | None) -> pl.Expr:
    if feed.column is None:
        return pl.lit(feed.constant, dtype=pl.String).alias(feed.field.path)
    cells = [pl.col(f"c{index}") for index in (feed.column, *feed.more)]
    value = pl.coalesce(*(pl.when(cell.str.strip_chars() != "").then(cell) for cell in cells))
    if clear is not None and not feed.field.in_path:
        value = pl.when(value.str.strip_chars() == clear).then(pl.lit("")).otherwise(value)
    if feed.default is not None:
        value = value.fill_null(feed.default)
    return value.alias(feed.field.path)
