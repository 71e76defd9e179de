"""Which column feeds which field, and the frame of fields that comes of it."""

from __future__ import annotations

from importer.mapping.apply import apply_mapping
from importer.mapping.match import Feed, Mapping, match_columns

__all__ = ["Feed", "Mapping", "apply_mapping", "match_columns"]
