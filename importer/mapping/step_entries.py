"""The keys ``split``, ``replace``, ``replace_regex`` and ``case`` of a mapping file, read and written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from importer.errors import MappingError
from importer.mapping.toml_text import quote
from importer.mapping.value_steps import NO_STEPS, Case, Split, ValueSteps

STEP_KEYS = ("split", "replace", "replace_regex", "case")
MOST_PIECES = 1_000


def read_steps(entry: dict[str, Any], place: str) -> ValueSteps:
    """Return the steps of an entry. ``place`` is the file and the key, for the message of a MappingError."""
    if not any(name in entry for name in STEP_KEYS):
        return NO_STEPS
    if "case" in entry and entry["case"] not in tuple(Case):
        raise MappingError(f'{place}: case is {", ".join(Case)}, such as case = "upper"')
    return ValueSteps(
        _read_split(entry["split"], place) if "split" in entry else None,
        _read_pairs(entry.get("replace", {}), f"{place}: replace"),
        _read_patterns(entry.get("replace_regex", {}), f"{place}: replace_regex"),
        Case(entry["case"]) if "case" in entry else None,
    )


def _read_split(value: Any, place: str) -> Split:
    good = isinstance(value, dict) and set(value) <= {"by", "take"} and isinstance(value.get("by"), str) and value["by"]
    take = value.get("take", 1) if good else None
    if type(take) is not int or not 1 <= abs(take) <= MOST_PIECES:
        raise MappingError(
            f'{place}: split must be a separator and the number of a piece, such as split = {{ by = "-", take = 2 }}; '
            "take = -1 is the last piece"
        )
    return Split(value["by"], take)


def _read_pairs(value: Any, place: str) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict) or "" in value or not all(isinstance(new, str) for new in value.values()):
        name = place.rpartition(" ")[2]
        raise MappingError(f'{place} must be a table of texts and their replacements, such as {name} = {{ "x" = "" }}')
    return tuple(value.items())


def _read_patterns(value: Any, place: str) -> tuple[tuple[str, str], ...]:
    pairs = _read_pairs(value, place)
    for pattern, new in pairs:
        try:
            pl.Series([""]).str.replace_all(pattern, new)
        except pl.exceptions.PolarsError as error:
            raise MappingError(f"{place}: {pattern!r} is no regular expression that polars knows") from error
    return pairs


def format_steps(steps: ValueSteps) -> Iterator[str]:
    """Yield the steps as they stand in an entry of a mapping file."""
    if steps.split is not None:
        yield f"split = {{ by = {quote(steps.split.by)}, take = {steps.split.take} }}"
    for name, pairs in (("replace", steps.replace), ("replace_regex", steps.replace_regex)):
        if pairs:
            yield f"{name} = {{ {', '.join(f'{quote(text)} = {quote(new)}' for text, new in pairs)} }}"
    if steps.case is not None:
        yield f"case = {quote(steps.case)}"
