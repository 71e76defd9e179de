"""Which column feeds which field, and the frame of fields that comes of it."""

from __future__ import annotations

from importer.mapping.apply import apply_mapping
from importer.mapping.choose import choices_of, with_choices
from importer.mapping.columns import labels
from importer.mapping.evidence import Evidence
from importer.mapping.feeds import Feed, Form, Mapping, feed_as_data, feed_of_data
from importer.mapping.match import draft_mapping, in_order, match_columns, refuse_values, said_feeds
from importer.mapping.scores import is_ours
from importer.mapping.write import mapping_text

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
