"""The columns of a file mapped to the fields of an operation, and a batch of cells turned into a frame of fields."""

from __future__ import annotations

from importer.mapping.apply import Blanks, apply_mapping
from importer.mapping.column_lookup import label_columns
from importer.mapping.column_profile import ColumnProfile
from importer.mapping.header_match import is_report_column
from importer.mapping.manual_choices import apply_choices, list_choices
from importer.mapping.mapping_file import MappingFile, read_mapping
from importer.mapping.mapping_file_writer import format_entry, format_ignored, render_mapping_file, render_saved_mapping
from importer.mapping.match import (
    draft_mapping,
    explicit_mappings,
    match_columns,
    reject_missing_header,
)
from importer.mapping.missing_fields import list_open_questions, reject_no_fields
from importer.mapping.model import (
    FieldMapping,
    Mapping,
    MissingField,
    ValueFormat,
    countries_from_data,
    field_mapping_from_data,
    field_mapping_to_data,
    sort_field_mappings,
)

__all__ = [
    "Blanks",
    "ColumnProfile",
    "FieldMapping",
    "Mapping",
    "MappingFile",
    "MissingField",
    "ValueFormat",
    "apply_choices",
    "apply_mapping",
    "countries_from_data",
    "draft_mapping",
    "explicit_mappings",
    "field_mapping_from_data",
    "field_mapping_to_data",
    "format_entry",
    "format_ignored",
    "is_report_column",
    "label_columns",
    "list_choices",
    "list_open_questions",
    "match_columns",
    "read_mapping",
    "reject_missing_header",
    "reject_no_fields",
    "render_mapping_file",
    "render_saved_mapping",
    "sort_field_mappings",
]
