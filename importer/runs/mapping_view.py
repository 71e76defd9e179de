"""Describe a mapping with a few values of each column, and what cleaning makes of one of them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from importer.mapping import ColumnProfile, FieldMapping, Mapping, MatchEvidence, is_report_column, label_columns
from importer.model.mapping_view import MappedColumn, MappingView
from importer.model.table import Batch
from importer.runs.transform import RowTransformer

ROWS_CLEANED = 100


def view_mapping(
    mapping: Mapping, evidence: MatchEvidence, profile: ColumnProfile, transformer: RowTransformer
) -> MappingView:
    """Return the view of a mapping, from the first rows of its file."""
    sample = None if profile.sample is None else profile.sample.head(ROWS_CLEANED)
    changed = {} if sample is None or not sample.height else _find_changed(mapping, sample, transformer)
    mapped = tuple(
        column
        for field_mapping in mapping.field_mappings
        for column in _view(field_mapping, mapping, evidence, profile, changed.get(field_mapping.field.path))
    )
    used = {index for field_mapping in mapping.field_mappings for index in field_mapping.columns}
    own = [index for index, name in enumerate(mapping.columns) if not is_report_column(name)]
    shown = [index for index in own if mapping.columns[index].strip() or not profile.is_blank(index)]
    labels = label_columns(mapping.columns)
    return MappingView(mapped, tuple(labels[index] for index in shown if index not in used), len(shown))


def _view(
    field_mapping: FieldMapping,
    mapping: Mapping,
    evidence: MatchEvidence,
    profile: ColumnProfile,
    cleaned: tuple[str, str] | None,
) -> Iterator[MappedColumn]:
    """Yield a line for each column of a field; the first one has the cleaned value."""
    path, labels = field_mapping.field.path, label_columns(mapping.columns)
    if not field_mapping.columns:
        yield MappedColumn("", (field_mapping.constant or "",), path, evidence.of(field_mapping, None), cleaned)
    for place, index in enumerate(field_mapping.columns):
        samples = tuple(profile.examples(index))
        by = evidence.of(field_mapping, index)
        yield MappedColumn(labels[index], samples, path, by, None if place else cleaned)


def _find_changed(mapping: Mapping, sample: pl.DataFrame, transformer: RowTransformer) -> dict[str, tuple[str, str]]:
    """Return, by field, the first text that is sent in another form, with that form."""
    after = transformer.fields(Batch(sample), infers_orders=False).frame
    found = {}
    for path, source in mapping.field_sources().items():
        if source.cell is None or after.schema[path] != pl.String:
            continue
        texts = sample.select(source.value_expr().alias("before")).with_columns(
            after[path].fill_null("").alias("after")
        )
        differs = texts.filter(pl.col("before").str.strip_chars() != "", pl.col("before") != pl.col("after"))
        first = differs.sort(pl.col("after") == "", maintain_order=True).head(1)  # a form says more than a blank
        if first.height:
            found[path] = first.row(0)
    return found
