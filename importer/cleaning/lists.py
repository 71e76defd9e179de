"""One cell with several values: split on ``;``, ``,`` or a line break."""

from __future__ import annotations

import polars as pl


def split_list(values: pl.Series) -> pl.Series:
    """Lists of texts without blank and repeated ones; null where nothing is left."""
    parts = values.str.replace_all(r"[;\r\n]", ",").str.split(",")
    cleaned = parts.list.eval(pl.element().str.strip_chars()).list.eval(pl.element().filter(pl.element() != ""))
    unique = cleaned.list.unique(maintain_order=True)
    return pl.select(pl.when(unique.list.len() > 0).then(unique)).to_series().alias(values.name)
