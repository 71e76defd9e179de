"""Columns as people name them: by header, or by header and letter (``Email [B]``) where a header stands twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from importer.errors import MappingError
from importer.mapping.header_names import nearest_names
from importer.model.normalized_name import normalize_name
from importer.model.table import column_letters

MOST_HEADERS_LISTED = 30
_LABEL_WITH_LETTERS = re.compile(r"^(?P<header>.*?)\s*\[(?P<letters>[A-Za-z]{1,3})\]$", re.DOTALL)


def find_column(name: str, option: str, columns: Sequence[str]) -> int:
    """Return the position of the column with this header or label.

    ``option`` is what the user wrote and begins the message. Raises MappingError when there is no such column, with
    the nearest headers, or when there are several, with the label of each.
    """
    found = [index for index, header in enumerate(columns) if header == name]
    found = found or [
        index
        for index, header in enumerate(columns)
        if header.strip() and normalize_name(header) == normalize_name(name)
    ]
    found = found or _find_by_letters(name, columns)
    if len(found) > 1:
        labels = label_columns(columns)
        choices = " or ".join(repr(labels[index]) for index in found)
        raise MappingError(f"{option}: the file has {len(found)} columns named {name!r}; use {choices}")
    if not found:
        near = nearest_names(name, columns)
        hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
        raise MappingError(f"{option}: the file has no column {name!r}; {hint}its columns are {list_headers(columns)}")
    return found[0]


def _find_by_letters(label: str, columns: Sequence[str]) -> list[int]:
    parts = _LABEL_WITH_LETTERS.match(label)
    if not parts:
        return []
    return [
        index
        for index, header in enumerate(columns)
        if column_letters(index) == parts["letters"].upper()
        and normalize_name(header) == normalize_name(parts["header"])
    ]


def label_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """Return a name for each column that ``find_column`` finds: its header, with its letters where need be."""
    counts = Counter(normalize_name(header) for header in columns if header.strip())
    return tuple(
        header
        if header.strip() and counts[normalize_name(header)] == 1
        else f"{header.strip()} [{column_letters(index)}]".strip()
        for index, header in enumerate(columns)
    )


def list_headers(columns: Sequence[str]) -> str:
    """Return the headers as a message lists them, the first 30 of them."""
    shown = ", ".join(repr(header) for header in columns[:MOST_HEADERS_LISTED] if header.strip())
    more = len(columns) - MOST_HEADERS_LISTED
    return shown + (f" and {more} more" if more > 0 else "")
