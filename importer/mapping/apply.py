"""From a batch of cells to a frame of fields: null where a field is left out, text where something is sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from importer.mapping.model import FieldMapping, Mapping, fold_value
from importer.mapping.name_parts import take_part
from importer.model.provenance import is_filled
from schemas.column_stats import has_blanks
from schemas.contract import Operation


def apply_mapping(cells: pl.DataFrame, mapping: Mapping, operation: Operation) -> pl.DataFrame:
    """Return ``row`` and one text column per mapped field.

    A blank cell becomes null; the word that the contract has for clearing a field becomes ``""``.
    """
    field_mappings = [_drop_idle_columns(field_mapping, cells) for field_mapping in mapping.field_mappings]
    single = {
        field_mapping.columns[0]
        for field_mapping in field_mappings
        if len(field_mapping.columns) == 1 and not field_mapping.template
    }
    without_blanks = {index for index in single if not has_blanks(cells[f"c{index}"])}
    return cells.select(
        "row",
        *(_field_expr(field_mapping, operation.clear, without_blanks) for field_mapping in field_mappings),
    )


def _drop_idle_columns(field_mapping: FieldMapping, cells: pl.DataFrame) -> FieldMapping:
    """Leave out columns that fill in for others and have nothing to give in this batch."""
    if len(field_mapping.columns) < 2 or field_mapping.template:
        return field_mapping
    columns = [index for index in field_mapping.columns if cells[f"c{index}"].null_count() < cells.height]
    if columns and not cells[f"c{columns[0]}"].null_count() and not has_blanks(cells[f"c{columns[0]}"]):
        columns = columns[:1]
    return replace(field_mapping, columns=tuple(columns) or field_mapping.columns[:1])


def _field_expr(field_mapping: FieldMapping, clear: str | None, without_blanks: Collection[int]) -> pl.Expr:
    """Return the field's text. The cells of the columns ``without_blanks`` are the values as they stand."""
    path = field_mapping.field.path
    if not field_mapping.columns:
        return pl.lit(field_mapping.constant, dtype=pl.String).alias(path)
    if field_mapping.template:
        value = _fill_template(field_mapping.template)
    else:
        value = _first_filled(field_mapping.columns, without_blanks)
    if clear is not None and not field_mapping.field.in_path:
        value = pl.when(value.str.strip_chars() == clear).then(pl.lit("")).otherwise(value)
    if field_mapping.part:
        part = field_mapping.part
        value = value.map_batches(lambda names: take_part(names, part), return_dtype=pl.String)
    if field_mapping.values:
        value = value.map_batches(lambda texts: _replace_values(texts, field_mapping), return_dtype=pl.String)
    if field_mapping.default is not None:
        value = value.fill_null(field_mapping.default)
    return value.alias(path)


def _first_filled(columns: tuple[int, ...], without_blanks: Collection[int]) -> pl.Expr:
    if len(columns) == 1 and columns[0] in without_blanks:
        return pl.col(f"c{columns[0]}")
    cells = [pl.col(f"c{index}") for index in columns]
    return pl.coalesce(*(pl.when(is_filled(cell)).then(cell) for cell in cells))


def _fill_template(template: tuple[str | int, ...]) -> pl.Expr:
    """Return the filled-in template: null where all its columns are blank, without double spaces where some are."""
    cells = [pl.col(f"c{part}") for part in template if isinstance(part, int)]
    parts = [
        pl.lit(part) if isinstance(part, str) else pl.col(f"c{part}").str.strip_chars().fill_null("")
        for part in template
    ]
    text = pl.concat_str(parts).str.replace_all(r"  +", " ").str.strip_chars()
    return pl.when(pl.any_horizontal(is_filled(cell) for cell in cells)).then(text)


def _replace_values(texts: pl.Series, field_mapping: FieldMapping) -> pl.Series:
    """Return the texts with the replacements of a mapping file: exactly listed, else but for case and outer blanks."""
    exact = dict(field_mapping.values)
    folded = {fold_value(text): replacement for text, replacement in field_mapping.values}
    replacements = {
        text: exact.get(text)
        or folded.get(fold_value(text), text if field_mapping.otherwise is None else field_mapping.otherwise)
        for text in texts.drop_nulls().unique().to_list()
    }
    return texts.replace_strict(list(replacements), list(replacements.values()), default=None, return_dtype=pl.String)
