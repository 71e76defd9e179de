"""What a person picks for each column, on the page: from a mapping to choices, and back."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from collections.abc import Sequence

from importer.mapping.header_match import is_report_column
from importer.mapping.match import field_of, in_order
from importer.mapping.model import FieldMapping, Mapping
from schemas.contract import Operation


def choices_of(mapping: Mapping) -> tuple[str, ...]:
    """For every column the field that it feeds; of several the first, and an empty text for none."""
    picked = [""] * len(mapping.columns)
    for feed in mapping.feeds:
        for index in feed.columns:
            picked[index] = picked[index] or feed.field.path
    return tuple(picked)


def with_choices(
    mapping: Mapping, operation: Operation, choices: Sequence[str], constants: Lookup[str, str]
) -> Mapping:
    """The mapping with these fields for its columns, and these texts for fields that no column feeds.

    A feed whose columns are the same as before stays as it was, with its template and its translations. Of several
    columns for one field the first that is not blank counts. Raises MappingError for a field that there is not.
    """
    before, known = choices_of(mapping), {feed.field.path: feed for feed in mapping.feeds}
    wanted: dict[str, list[int]] = {}
    for index, path in enumerate(choices):
        if path:
            wanted.setdefault(path, []).append(index)
    feeds: dict[str, FieldMapping] = {}
    for path, columns in wanted.items():
        feed = known.get(path)
        same = feed is not None and sorted(set(feed.columns)) == columns
        feeds[path] = feed if feed and same else FieldMapping(field_of(path, operation, path), tuple(columns))
    for path, feed in known.items():  # what shares its columns with another feed has no choice of its own
        alone = not feed.columns or any(before[index] == path for index in feed.columns)
        if not alone and path not in feeds and all(choices[index] == before[index] for index in feed.columns):
            feeds[path] = feed
    for path, text in constants.items():
        if text.strip() and path not in feeds:
            feeds[path] = FieldMapping(field_of(path, operation, path), constant=text)
    used = {index for feed in feeds.values() for index in feed.columns}
    unused = tuple(
        name
        for index, name in enumerate(mapping.columns)
        if index not in used and name.strip() and not is_report_column(name)
    )
    return Mapping(in_order(feeds, operation), mapping.columns, unused, (), mapping.country)
