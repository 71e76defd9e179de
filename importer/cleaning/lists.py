"""Lists: one cell with several values, split at ``;``, ``,`` and line breaks."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.contract import Field


def split_list_fields(frame: pl.DataFrame, fields: Sequence[Field]) -> pl.DataFrame:
    """Return the frame with lists of texts in the columns of array fields, whether or not values are cleaned."""
    lists = {field.path: split_list(frame[field.path]) for field in fields if field.type == "array"}
    return frame.with_columns(**lists)


def split_list(values: pl.Series) -> pl.Series:
    """Return lists of texts without blank and repeated ones; null where nothing is left."""
    parts = values.str.replace_all(r" ::: |[;\r\n]", ",").str.split(",")
    texts = parts.list.eval(pl.element().str.strip_chars()).list.eval(pl.element().filter(pl.element() != ""))
    unique = texts.list.unique(maintain_order=True)
    return pl.select(pl.when(unique.list.len() > 0).then(unique)).to_series().alias(values.name)
