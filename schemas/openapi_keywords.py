"""Reads the keywords that limit a value, and names the place of any whose value makes no sense."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from schemas.contract import ContractError, Limits, UnsupportedError
from schemas.slow_patterns import check_extent

LIMITS = {
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "format": "format",
    "minimum": "minimum",
    "maximum": "maximum",
    "exclusiveMinimum": "exclusive_minimum",
    "exclusiveMaximum": "exclusive_maximum",
    "multipleOf": "multiple_of",
    "minItems": "min_items",
    "maxItems": "max_items",
}
COUNTS = {"minLength", "maxLength", "minItems", "maxItems"}
NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
MULTIPLE = "multipleOf"
TEXTS = {"pattern", "format", "earliest"}
LISTS = {"enum", "x-aliases"}
# Limits that x-advisory may hold.
ADVICE = {**LIMITS, "earliest": "earliest", "future": "future"}


def read_limits(node: Mapping[str, Any], place: str) -> Limits:
    """Return the limits of a schema. Raises ContractError naming the place."""
    values = {name: node[key] for key, name in LIMITS.items() if key in node}
    for key, value in node.items():
        check_limit(key, value, place)
    enum = node.get("enum", [node["const"]] if "const" in node else None)
    if enum is not None:
        enum = [value for value in enum if value is not None]
        if not all(isinstance(value, str | int | float) for value in enum):
            raise UnsupportedError(f"{place}/enum: only texts and numbers can be listed")
        values["enum"] = tuple(value if isinstance(value, str) else json.dumps(value) for value in enum)
    return Limits(**values)


def check_limit(key: str, value: Any, place: str) -> None:
    """Raise ContractError for a limit of the wrong type, a date that is none, or a pattern that is none."""
    if not _has_right_type(key, value):
        raise ContractError(f"{place}/{key}: {value!r} is not {_expected(key)}")
    if key == "x-aliases" and not all(isinstance(name, str) for name in value):
        raise ContractError(f"{place}/{key}: only texts can be listed")
    if key == "earliest":
        try:
            date.fromisoformat(value)
        except ValueError as error:
            raise ContractError(f"{place}/{key}: {value!r} is not a date") from error
    if key == "pattern":
        try:
            check_pattern(value)
        except ValueError as error:
            raise ContractError(f"{place}/{key}: {error}") from error


def _has_right_type(key: str, value: Any) -> bool:
    if key in COUNTS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if key in NUMBERS:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if key == MULTIPLE:
        return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    if key in TEXTS:
        return isinstance(value, str)
    return isinstance(value, list) if key in LISTS else True


def _expected(key: str) -> str:
    if key in COUNTS:
        return "a whole number of 0 or more"
    if key == MULTIPLE:
        return "a number above 0"
    return "a number" if key in NUMBERS else "a text" if key in TEXTS else "a list"


def check_pattern(pattern: str) -> None:
    """Raise ValueError unless this is an ECMAScript pattern, with the ``u`` flag or without."""
    check_extent(pattern)
    import regress

    for flags in ("u", ""):
        try:
            regress.Regex(pattern, flags)
        except regress.RegressError as error:
            last_error = error
        else:
            return
    raise ValueError(f"{pattern!r} is not an ECMAScript pattern: {last_error}")
