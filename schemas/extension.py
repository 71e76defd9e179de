"""Reads what OpenAPI has no word for: the ``x-importer`` block of an operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.contract import Answers, ContractError, Notice

OPERATION_KEYS = {
    "operation",
    "document",
    "repeatable",
    "id",
    "success",
    "identity",
    "errors",
    "notices",
    "retry_after",
    "advise_any_of",
    "clear",
    "fatal_codes",
    "unavailable_is_refusal",
}


def read_answers(ours: Mapping[str, Any], place: str) -> Answers:
    """Where in an answer to look for what. Raises ContractError naming the place."""
    errors = only(ours.get("errors", {}), {"text", "code", "fields", "field_in_text"}, f"{place}/errors")
    if "id" not in ours:
        raise ContractError(f"{place}/id: is missing: it says where in an answer the id of the contact is")
    return Answers(
        id=ours["id"],
        success=dict(ours.get("success", {})),
        error_text=tuple(errors.get("text", ())),
        error_code=tuple(errors.get("code", ())),
        error_fields=tuple(errors.get("fields", ())),
        field_in_text=errors.get("field_in_text"),
        retry_after=tuple(ours.get("retry_after", ())),
        notices=tuple(Notice(entry["at"], entry["says"]) for entry in ours.get("notices", ())),
        fatal_codes=tuple(ours.get("fatal_codes", ())),
        unavailable_is_refusal=bool(ours.get("unavailable_is_refusal", False)),
    )


def only(node: Any, allowed: set[str], place: str) -> dict[str, Any]:
    """An object that has these keys and no others. Raises ContractError naming the place."""
    if not isinstance(node, dict):
        raise ContractError(f"{place}: an object is expected here")
    for key in node:
        if key not in allowed:
            raise ContractError(f"{place}/{key}: is not known; known are {', '.join(sorted(allowed))}")
    return dict(node)
