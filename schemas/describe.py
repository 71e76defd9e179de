"""What a field takes, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.contract import Field, Limits


def describe_limits(field: Field) -> str:
    """The documented limits, then those that only warn."""
    said = (
        []
        if field.type == "string"
        else [{"array": "several, separated by ;", "object": "any text"}.get(field.type, field.type)]
    )
    said += _said(field.items or field.limits)
    said += [f"{words} (warning only)" for words in _said(field.advisory)]
    return ", ".join(said)


def _said(limits: Limits) -> list[str]:
    said = []
    if limits.enum:
        said.append(f"one of {', '.join(limits.enum)}")
    if limits.min_length:
        said.append(f"at least {limits.min_length} characters")
    if limits.max_length is not None:
        said.append(f"at most {limits.max_length} characters")
    if limits.format:
        said.append(f"format {limits.format}")
    if limits.pattern:
        said.append("pattern" if len(limits.pattern) > 40 else f"pattern {limits.pattern}")
    if limits.minimum is not None:
        said.append(f"at least {limits.minimum}")
    if limits.maximum is not None:
        said.append(f"at most {limits.maximum}")
    if limits.earliest:
        said.append(f"not before {limits.earliest}")
    if limits.future is False:
        said.append("not in the future")
    return said
