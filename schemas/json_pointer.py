"""JSON Pointer (RFC 6901): the only place that reads or writes one.

The package ``jsonpointer`` would be one dependency more for these few lines, and raises where an answer without the
place is the normal case.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def get_pointer(document: Any, pointer: str) -> Any:
    """Return the value that a pointer names, or None if there is none. The empty pointer names the document."""
    for step in _steps(pointer):
        if isinstance(document, Mapping):
            document = document.get(step)
        elif isinstance(document, list) and step.isascii() and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def set_pointer(document: dict[str, Any], pointer: str, value: Any) -> None:
    """Put a value below nested objects, which are made where they are missing."""
    *above, last = _steps(pointer)
    for step in above:
        document = document.setdefault(step, {})
    document[last] = value


def escape_step(name: str) -> str:
    """Return a member's name as a step of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _steps(pointer: str) -> list[str]:
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
