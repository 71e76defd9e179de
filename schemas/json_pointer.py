"""JSON Pointer (RFC 6901): the only place that reads or writes one.

The package ``jsonpointer`` would be one dependency more for these few lines, and raises where an answer without the
place is the normal case.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any


def get_pointer(document: Any, pointer: str) -> Any:
    """Return the value that a pointer names, or None if there is none. The empty pointer names the document."""
    for step in split_pointer(pointer):
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isascii() and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def set_pointer(document: dict[str, Any], pointer: str, value: Any) -> None:
    """Put a value below nested objects and lists, which are made where they are missing."""
    steps, place = split_pointer(pointer), document
    for step, below in itertools.pairwise(steps):
        place = _enter(place, step, [] if below == "0" else {})
    _enter(place, steps[-1], value)
    if isinstance(place, dict):
        place[steps[-1]] = value


def _enter(place: Any, step: str, empty: Any) -> Any:
    """Return the member or the first entry of that name, made where it is missing."""
    if isinstance(place, list):
        place[:] = place or [empty]
        return place[0]
    if not isinstance(place.get(step), dict | list):
        place[step] = empty
    return place[step]


def escape_step(name: str) -> str:
    """Return a member's name as a step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def split_pointer(pointer: str) -> list[str]:
    """Return the steps of a pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
