"""The limits of a field as text, for ``vendors show`` and for templates."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.contract import Field, Limits


LONGEST_PATTERN_SHOWN = 40
TYPE_NAMES = {"array": "several, separated by ;", "object": "any text"}


def describe_limits(field: Field) -> str:
    """Return the documented limits, then those that only warn, separated by commas."""
    parts = [] if field.type == "string" else [TYPE_NAMES.get(field.type, field.type)]
    parts += _describe(field.items or field.limits)
    parts += [f"{part} (warning only)" for part in _describe(field.advisory)]
    return ", ".join(parts)


def _describe(limits: Limits) -> list[str]:
    pattern = limits.pattern or ""
    shown = "" if len(pattern) > LONGEST_PATTERN_SHOWN else f" {pattern}"
    entries = (
        (limits.enum, f"one of {', '.join(limits.enum or ())}"),
        (limits.min_length, f"at least {_characters(limits.min_length)}"),
        (limits.max_length is not None, f"at most {_characters(limits.max_length)}"),
        (limits.format, f"format {limits.format}"),
        (pattern, f"pattern{shown}"),
        (limits.minimum is not None, f"at least {limits.minimum}"),
        (limits.maximum is not None, f"at most {limits.maximum}"),
        (limits.exclusive_minimum is not None, f"above {limits.exclusive_minimum}"),
        (limits.exclusive_maximum is not None, f"below {limits.exclusive_maximum}"),
        (limits.multiple_of, f"a multiple of {limits.multiple_of}"),
        (limits.earliest, f"not before {limits.earliest}"),
        (limits.future is False, "not in the future"),
    )
    return [text for is_set, text in entries if is_set]


def _characters(count: int | None) -> str:
    return f"{count} character{'' if count == 1 else 's'}"
