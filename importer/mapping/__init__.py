"""Which column feeds which field, and the frame of fields that comes of it."""

from __future__ import annotations

from importer.mapping.apply import apply_mapping
from importer.mapping.evidence import Evidence
from importer.mapping.feeds import Feed, Form, Mapping, feed_as_data, feed_of_data
from importer.mapping.match import draft_mapping, match_columns
from importer.mapping.write import mapping_text

__all__ = [
    "Evidence",
    "Feed",
    "Form",
    "Mapping",
    "apply_mapping",
    "draft_mapping",
    "feed_as_data",
    "feed_of_data",
    "mapping_text",
    "match_columns",
]
