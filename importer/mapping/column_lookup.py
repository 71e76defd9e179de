"""The columns of a file as people name them: by header, or by header and letter where a header stands twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from importer.errors import MappingError
from importer.mapping.header_names import nearest
from importer.model.table import column_letters
from importer.normalize import normalize_name

MOST_LISTED = 30
_LETTERED = re.compile(r"^(?P<header>.*?)\s*\[(?P<letters>[A-Za-z]{1,3})\]$", re.DOTALL)


def find_column(header: str, said: str, columns: Sequence[str]) -> int:
    """The position of a column that was named. Raises MappingError with the nearest names, or all of the same name."""
    same = [index for index, name in enumerate(columns) if name == header]
    same = same or [
        index for index, name in enumerate(columns) if name.strip() and normalize_name(name) == normalize_name(header)
    ]
    lettered = _LETTERED.match(header)
    if not same and lettered:
        same = [
            index
            for index, name in enumerate(columns)
            if column_letters(index) == lettered["letters"].upper()
            and normalize_name(name) == normalize_name(lettered["header"])
        ]
    if len(same) > 1:
        named = " or ".join(repr(name_of(index, columns)) for index in same)
        raise MappingError(f"{said}: the file has {len(same)} columns named {header!r}; say {named}")
    if not same:
        near = nearest(header, columns)
        hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
        raise MappingError(f"{said}: the file has no column {header!r}; {hint}its columns are {listed(columns)}")
    return same[0]


def name_of(index: int, columns: Sequence[str]) -> str:
    """The name that ``find_column`` knows this column by: its header, with its letter where that is not enough."""
    header = columns[index].strip()
    alone = bool(header) and sum(normalize_name(name) == normalize_name(header) for name in columns) == 1
    return columns[index] if alone else f"{header} [{column_letters(index)}]".strip()


def labels(columns: Sequence[str]) -> tuple[str, ...]:
    """``name_of`` for every column."""
    counts = Counter(normalize_name(name) for name in columns if name.strip())
    return tuple(
        name if counts[normalize_name(name)] == 1 else f"{name.strip()} [{column_letters(index)}]".strip()
        for index, name in enumerate(columns)
    )


def listed(columns: Sequence[str]) -> str:
    """The headers in a message."""
    shown = ", ".join(repr(name) for name in columns[:MOST_LISTED] if name.strip())
    return shown + (f" and {len(columns) - MOST_LISTED} more" if len(columns) > MOST_LISTED else "")
