"""The columns of a file mapped to the fields of an operation, and a batch of cells turned into a frame of fields."""

from __future__ import annotations

from importer.mapping.apply import Blanks, apply_mapping
from importer.mapping.column_lookup import label_columns
from importer.mapping.column_profile import ColumnProfile
from importer.mapping.header_match import is_report_column
from importer.mapping.manual_choices import apply_choices, list_choices
from importer.mapping.mapping_file_writer import render_mapping_file
from importer.mapping.match import (
    draft_mapping,
    explicit_mappings,
    match_columns,
    reject_missing_header,
)
from importer.mapping.model import (
    FieldMapping,
    Mapping,
    countries_from_data,
    field_mapping_from_data,
    field_mapping_to_data,
    sort_field_mappings,
)
from importer.mapping.name_parts import is_one_person

__all__ = [
    "Blanks",
    "ColumnProfile",
    "FieldMapping",
    "Mapping",
    "apply_choices",
    "apply_mapping",
    "countries_from_data",
    "draft_mapping",
    "explicit_mappings",
    "field_mapping_from_data",
    "field_mapping_to_data",
    "is_one_person",
    "is_report_column",
    "label_columns",
    "list_choices",
    "match_columns",
    "reject_missing_header",
    "render_mapping_file",
    "sort_field_mappings",
]
