"""Reads the ``x-importer`` block of an operation: what OpenAPI itself cannot express."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.contract import Answers, ContractError, Idempotency, Lookup, Notice
from schemas.durations import parse_duration

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
    "lookup",
    "idempotency",
    "opt_in",
    "gone",
}
LOOKUP_REQUIRED = ("path", "query", "found", "id", "created")


def read_answers(ours: Mapping[str, Any], place: str, *, has_id: bool = True) -> Answers:
    """Return the places of things in an answer. Raises ContractError naming the place.

    Without ``has_id``, the answer names no contact.
    """
    errors = only(ours.get("errors", {}), {"text", "code", "fields", "field_in_text"}, f"{place}/errors")
    if has_id and "id" not in ours:
        raise ContractError(f"{place}/id: is missing: it says where in an answer the id of the contact is")
    return Answers(
        id=ours["id"] if has_id else "",
        success=dict(ours.get("success", {})),
        error_text=tuple(errors.get("text", ())),
        error_code=tuple(errors.get("code", ())),
        error_fields=tuple(errors.get("fields", ())),
        field_in_text=errors.get("field_in_text"),
        retry_after=tuple(ours.get("retry_after", ())),
        notices=tuple(Notice(entry["at"], entry["says"]) for entry in ours.get("notices", ())),
        fatal_codes=tuple(ours.get("fatal_codes", ())),
        unavailable_is_refusal=bool(ours.get("unavailable_is_refusal", False)),
        gone=tuple(int(status) for status in ours.get("gone", ())),
    )


def read_lookup(ours: Mapping[str, Any], place: str) -> Lookup | None:
    """Return the lookup of a contact, or None if the vendor has none. Raises ContractError naming the place."""
    if "lookup" not in ours:
        return None
    place = f"{place}/lookup"
    node = only(ours["lookup"], {*LOOKUP_REQUIRED, "constants", "total", "omits_empty", "opt_in"}, place)
    for name in LOOKUP_REQUIRED:
        if not node.get(name):
            raise ContractError(f"{place}/{name}: is missing")
    query, constants = only(node["query"], None, f"{place}/query"), only(node.get("constants", {}), None, place)
    return Lookup(
        path=str(node["path"]),
        query=tuple(
            (str(name), (fields,) if isinstance(fields, str) else tuple(fields)) for name, fields in query.items()
        ),
        constants=tuple((str(name), str(text)) for name, text in constants.items()),
        found=tuple(str(pointer) for pointer in node["found"]),
        id=str(node["id"]),
        created=str(node["created"]),
        total=str(node.get("total", "")),
        omits_empty=bool(node.get("omits_empty", False)),
        opt_in=bool(node.get("opt_in", False)),
    )


def read_idempotency(ours: Mapping[str, Any], place: str) -> Idempotency | None:
    """Return the idempotency key's header and lifetime, or None. Raises ContractError naming the place."""
    if "idempotency" not in ours:
        return None
    place = f"{place}/idempotency"
    node = only(ours["idempotency"], {"header", "ttl"}, place)
    try:
        seconds = parse_duration(node.get("ttl", ""), default_unit="s")
    except ValueError:
        seconds = None
    if not node.get("header") or seconds is None:
        raise ContractError(f'{place}: needs a header, and a ttl such as "24h"')
    return Idempotency(str(node["header"]), seconds)


def only(node: Any, allowed: set[str] | None, place: str) -> dict[str, Any]:
    """Return a node as an object with no other keys than these (None: any). Raises ContractError naming the place."""
    if not isinstance(node, dict):
        raise ContractError(f"{place}: an object is expected here")
    for key in node:
        if allowed is not None and key not in allowed:
            raise ContractError(f"{place}/{key}: is not known; known are {', '.join(sorted(allowed))}")
    return dict(node)
