"""Which column feeds which field, and the frame of fields that comes of it."""

from __future__ import annotations

from importer.mapping.apply import apply_mapping
from importer.mapping.column_lookup import labels
from importer.mapping.column_profile import Evidence
from importer.mapping.header_match import is_ours
from importer.mapping.manual_choices import choices_of, with_choices
from importer.mapping.mapping_file_writer import mapping_text
from importer.mapping.match import draft_mapping, in_order, match_columns, refuse_values, said_feeds
from importer.mapping.model import Feed, Form, Mapping, feed_as_data, feed_of_data

__all__ = [
    "Evidence",
    "Feed",
    "Form",
    "Mapping",
    "apply_mapping",
    "choices_of",
    "draft_mapping",
    "feed_as_data",
    "feed_of_data",
    "in_order",
    "is_ours",
    "labels",
    "mapping_text",
    "match_columns",
    "refuse_values",
    "said_feeds",
    "with_choices",
]
