"""The answers that fit every question about the values of a column."""

from __future__ import annotations

from importer.mapping import FieldMapping, Mapping, format_ignored, label_columns
from importer.questions.question import IGNORE, Choice, leave_rows


def column_choices(kind: str, feed: FieldMapping, mapping: Mapping) -> tuple[Choice, Choice]:
    """Return the choices that leave the rows invalid, and that do not import the columns of a field."""
    labels = label_columns(mapping.columns)
    ignored = tuple(format_ignored(labels[index]) for index in feed.columns)
    return leave_rows(kind, feed.field.path), Choice(IGNORE, "Do not import the column", ignored)
