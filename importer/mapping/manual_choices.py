"""The field that a person chooses for each column in the web app: from a mapping to choices, and back."""

from __future__ import annotations

from collections.abc import Mapping as ReadOnlyDict
from collections.abc import Sequence
from dataclasses import replace

from importer.mapping.match import find_field, list_unused_columns
from importer.mapping.model import FieldMapping, Mapping, sort_field_mappings
from schemas.contract import Operation


def list_choices(mapping: Mapping) -> tuple[str, ...]:
    """Return for every column the path of the (first) field that it maps to, or an empty text."""
    choices = [""] * len(mapping.columns)
    for field_mapping in mapping.field_mappings:
        for index in field_mapping.columns:
            choices[index] = choices[index] or field_mapping.field.path
    return tuple(choices)


def apply_choices(
    mapping: Mapping, operation: Operation, choices: Sequence[str], constants: ReadOnlyDict[str, str]
) -> Mapping:
    """Return the mapping with the chosen field for each column, and constants for fields without a column.

    A field whose columns are the same as before keeps its template and its replacements of values. Of several columns
    for one field the first that is not blank counts. Raises MappingError for a field that does not exist.
    """
    before = {field_mapping.field.path: field_mapping for field_mapping in mapping.field_mappings}
    chosen: dict[str, FieldMapping] = {}
    for path, columns in _columns_by_field(choices).items():
        known = before.get(path)
        unchanged = known is not None and sorted(set(known.columns)) == columns
        chosen[path] = known if known and unchanged else FieldMapping(find_field(path, operation, path), tuple(columns))
    for path, known in before.items():
        if path not in chosen and _shares_unchanged_columns(known, list_choices(mapping), choices):
            chosen[path] = known
    for path, text in constants.items():
        if text.strip() and path not in chosen:
            known = before.get(path)
            if known is None or known.constant != text:
                known = FieldMapping(find_field(path, operation, path), constant=text)
            chosen[path] = known
    field_mappings = sort_field_mappings(chosen, operation)
    unused = list_unused_columns(field_mappings, mapping.columns)
    return replace(mapping, field_mappings=field_mappings, unused=unused, notes=(), missing=())


def _columns_by_field(choices: Sequence[str]) -> dict[str, list[int]]:
    columns: dict[str, list[int]] = {}
    for index, path in enumerate(choices):
        if path:
            columns.setdefault(path, []).append(index)
    return columns


def _shares_unchanged_columns(known: FieldMapping, before: Sequence[str], choices: Sequence[str]) -> bool:
    """Return whether a field has no choice of its own, because other fields are shown for all its columns.

    It then stays as long as nobody chooses anything else for these columns.
    """
    has_choice = not known.columns or any(before[index] == known.field.path for index in known.columns)
    return not has_choice and all(choices[index] == before[index] for index in known.columns)
