"""The columns of a file mapped to the fields of an operation, and a batch of cells turned into a frame of fields."""

from __future__ import annotations

from importer.mapping.apply import Blanks, apply_mapping, is_family_first
from importer.mapping.column_lookup import label_columns
from importer.mapping.column_profile import ColumnProfile
from importer.mapping.condition import Condition, parse_condition
from importer.mapping.file_keys import FILE_KEYS, FileKeys, parse_row_ranges
from importer.mapping.header_match import count_matches, is_report_column
from importer.mapping.manual_choices import apply_choices, list_choices
from importer.mapping.mapping_file import MappingFile, read_mapping
from importer.mapping.mapping_file_writer import format_entry, format_ignored, render_mapping_file, render_saved_mapping
from importer.mapping.match import (
    draft_mapping,
    explicit_mappings,
    match_columns,
    reject_missing_header,
)
from importer.mapping.match_evidence import MatchEvidence
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
from importer.mapping.name_parts import (
    MiddlePart,
    NamePart,
    find_middle,
    find_unclear_names,
    is_one_person,
)
from importer.mapping.other_subjects import names_other_subject
from importer.mapping.value_labels import find_label_columns, is_of_another
from importer.mapping.value_steps import Note

__all__ = [
    "FILE_KEYS",
    "Blanks",
    "ColumnProfile",
    "Condition",
    "FieldMapping",
    "FileKeys",
    "Mapping",
    "MappingFile",
    "MatchEvidence",
    "MiddlePart",
    "MissingField",
    "NamePart",
    "Note",
    "ValueFormat",
    "apply_choices",
    "apply_mapping",
    "count_matches",
    "countries_from_data",
    "draft_mapping",
    "explicit_mappings",
    "field_mapping_from_data",
    "field_mapping_to_data",
    "find_label_columns",
    "find_middle",
    "find_unclear_names",
    "format_entry",
    "format_ignored",
    "is_family_first",
    "is_of_another",
    "is_one_person",
    "is_report_column",
    "label_columns",
    "list_choices",
    "list_open_questions",
    "match_columns",
    "names_other_subject",
    "parse_condition",
    "parse_row_ranges",
    "read_mapping",
    "reject_missing_header",
    "reject_no_fields",
    "render_mapping_file",
    "render_saved_mapping",
    "sort_field_mappings",
]
