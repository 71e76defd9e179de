"""A batch of cells → a frame of fields: null where the field is left out, text where something is sent."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from importer.mapping.model import FieldMapping, Mapping
from importer.model.provenance import is_filled
from importer.normalize import normalize_name
from schemas.column_stats import has_blanks
from schemas.contract import Operation


def apply_mapping(cells: pl.DataFrame, mapping: Mapping, operation: Operation) -> pl.DataFrame:
    """``row``, then one text column per fed field. A blank cell is null; the contract's word for clearing is ``""``."""
    alone = {feed.columns[0] for feed in mapping.feeds if len(feed.columns) == 1 and not feed.template}
    whole = {index for index in alone if not has_blanks(cells[f"c{index}"])}
    return cells.select("row", *(_column(feed, operation.clear, whole) for feed in mapping.feeds))


def _column(feed: FieldMapping, clear: str | None, whole: Collection[int]) -> pl.Expr:
    """``whole`` are columns whose cells are the values as they are."""
    if not feed.columns:
        return pl.lit(feed.constant, dtype=pl.String).alias(feed.field.path)
    value = _composed(feed.template) if feed.template else _first_filled(feed.columns, whole)
    if clear is not None and not feed.field.in_path:
        value = pl.when(value.str.strip_chars() == clear).then(pl.lit("")).otherwise(value)
    if feed.values:
        value = value.map_batches(lambda texts: _translated(texts, feed), return_dtype=pl.String)
    if feed.default is not None:
        value = value.fill_null(feed.default)
    return value.alias(feed.field.path)


def _first_filled(columns: tuple[int, ...], whole: Collection[int]) -> pl.Expr:
    if len(columns) == 1 and columns[0] in whole:
        return pl.col(f"c{columns[0]}")
    cells = [pl.col(f"c{index}") for index in columns]
    return pl.coalesce(*(pl.when(is_filled(cell)).then(cell) for cell in cells))


def _composed(template: tuple[str | int, ...]) -> pl.Expr:
    """The template filled in; null where all its columns are blank, without double blanks where some are."""
    cells = [pl.col(f"c{part}") for part in template if isinstance(part, int)]
    parts = [
        pl.lit(part) if isinstance(part, str) else pl.col(f"c{part}").str.strip_chars().fill_null("")
        for part in template
    ]
    text = pl.concat_str(parts).str.replace_all(r"  +", " ").str.strip_chars()
    return pl.when(pl.any_horizontal(is_filled(cell) for cell in cells)).then(text)


def _translated(texts: pl.Series, feed: FieldMapping) -> pl.Series:
    """The values of a mapping file: by what they are without case, accents and punctuation."""
    listed = {normalize_name(value): meant for value, meant in feed.values}
    known = texts.drop_nulls().unique().to_list()
    meant = {
        text: listed.get(normalize_name(text), feed.otherwise if feed.otherwise is not None else text) for text in known
    }
    return texts.replace_strict(list(meant), list(meant.values()), default=None, return_dtype=pl.String)
