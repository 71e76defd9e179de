"""Which column feeds which field, and the frame of fields that comes of it."""

from __future__ import annotations

from importer.mapping.apply import apply_mapping
from importer.mapping.column_lookup import labels
from importer.mapping.column_profile import Evidence
from importer.mapping.header_match import is_report_column
from importer.mapping.manual_choices import choices_of, with_choices
from importer.mapping.mapping_file_writer import mapping_text
from importer.mapping.match import describe_mapping, draft_mapping, in_order, match_columns, reject_value_matches
from importer.mapping.model import FieldMapping, Form, Mapping, field_mapping_from_data, field_mapping_to_data

__all__ = [
    "Evidence",
    "FieldMapping",
    "Form",
    "Mapping",
    "apply_mapping",
    "choices_of",
    "describe_mapping",
    "draft_mapping",
    "field_mapping_from_data",
    "field_mapping_to_data",
    "in_order",
    "is_report_column",
    "labels",
    "mapping_text",
    "match_columns",
    "reject_value_matches",
    "with_choices",
]
