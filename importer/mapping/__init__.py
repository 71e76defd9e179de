"""Which column feeds which field, and the frame of fields that comes of it."""

from __future__ import annotations

from importer.mapping.apply import apply_mapping
from importer.mapping.columns import labels
from importer.mapping.evidence import Evidence
from importer.mapping.feeds import Feed, Form, Mapping, feed_as_data, feed_of_data
from importer.mapping.match import draft_mapping, in_order, match_columns, said_feeds
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
    "in_order",
    "labels",
    "mapping_text",
    "match_columns",
    "said_feeds",
]
