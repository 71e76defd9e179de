"""Say by what evidence each column was matched to its field."""

from __future__ import annotations

from importer.mapping.header_match import MatchLevel, match_headers
from importer.mapping.match import explicit_mappings
from importer.mapping.model import FieldMapping, Mapping
from importer.model.mapping_view import MatchedBy
from importer.model.normalized_name import normalize_name
from importer.settings import Settings
from schemas.contract import Operation


class MatchEvidence:
    """The evidence for the mapping of one file. ``from_run`` is True if a report's own run has chosen the columns."""

    def __init__(self, mapping: Mapping, operation: Operation, settings: Settings, *, from_run: bool) -> None:
        self._mapping = mapping
        self._explicit, _, _ = explicit_mappings(mapping.columns, operation, settings)
        self._options = {path: MatchedBy.CONSTANT for path, _ in settings.constants}
        self._options |= {path: MatchedBy.OPTION for _, path in settings.columns}
        self._from_run = from_run
        self._levels = {
            (path, match.column): match.level
            for path, matches in match_headers(mapping.columns, operation).items()
            for match in matches
        }

    def of(self, field_mapping: FieldMapping, column: int | None) -> MatchedBy:
        """Return the evidence for one column of a field; ``column`` is None for a constant."""
        path = field_mapping.field.path
        if path in self._options:
            return self._options[path]
        if path in self._explicit:
            return MatchedBy.MAPPING_FILE
        if self._from_run:
            return MatchedBy.EARLIER_RUN
        if column is None:
            return MatchedBy.CONSTANT
        return self._by_header(field_mapping, column)

    def _by_header(self, field_mapping: FieldMapping, column: int) -> MatchedBy:
        path = field_mapping.field.path
        level = self._levels.get((path, column))
        if level is MatchLevel.OWN_NAME or normalize_name(self._mapping.columns[column]) == normalize_name(path):
            return MatchedBy.OWN_NAME
        named_by_parts = level is None and (field_mapping.template or "." in path)
        if level in (MatchLevel.OTHER_NAME, MatchLevel.CORE) or named_by_parts:
            return MatchedBy.OTHER_NAME
        return MatchedBy.VALUES
