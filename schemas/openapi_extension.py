"""Reads the ``x-importer`` block of an operation: what OpenAPI itself cannot express."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.contract import Answers, ContractError, Idempotency, Lookup, Notice
from schemas.durations import parse_duration


@dataclass(frozen=True, slots=True)
class KeyType:
    """The type of a key's value: a test, its name in messages, and an example."""

    holds: Callable[[Any], bool]
    name: str
    example: str


def _is_list_of(holds: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, list) and all(holds(entry) for entry in value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_pointer(value: Any) -> bool:
    return isinstance(value, str) and (not value or value.startswith("/"))


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(key, str) for key in value)


TEXT = KeyType(_is_text, "a text", "create")
FLAG = KeyType(lambda value: isinstance(value, bool), "true or false, without quotes", "true")
POINTERS = KeyType(_is_list_of(_is_pointer), "a list of JSON pointers", "[/message, /error/message]")
POINTER = KeyType(_is_pointer, "a JSON pointer", "/data/id")
NAMES = KeyType(_is_list_of(_is_text), "a list of texts", "[email, phone]")
MAPPING = KeyType(_is_mapping, "a mapping", "{search: email}")
OPERATION_KEYS: dict[str, KeyType | None] = {
    "operation": TEXT,
    "document": TEXT,
    "repeatable": FLAG,
    "id": KeyType(
        lambda value: value is False or _is_pointer(value), "a JSON pointer, or false if there is none", "/data/id"
    ),
    "success": KeyType(
        lambda value: _is_mapping(value) and all(map(_is_pointer, value)), "pointers with values", "{/success: true}"
    ),
    "identity": KeyType(
        lambda value: _is_list_of(_is_list_of(_is_text))(value) and all(value),
        "a list of lists of fields",
        "[[email], [phone]]",
    ),
    "errors": MAPPING,
    "notices": KeyType(
        _is_list_of(lambda entry: _is_mapping(entry) and set(entry) == {"at", "says"} and _is_pointer(entry["at"])),
        "a list of places and texts",
        "[{at: /warnings, says: Acme has warnings}]",
    ),
    "retry_after": POINTERS,
    "advise_any_of": NAMES,
    "clear": TEXT,
    "fatal_codes": KeyType(
        _is_list_of(lambda value: isinstance(value, str | int)), "a list of codes", "[ACCOUNT_CLOSED]"
    ),
    "unavailable_is_refusal": FLAG,
    "lookup": MAPPING,
    "idempotency": MAPPING,
    "opt_in": FLAG,
    "gone": KeyType(
        _is_list_of(lambda value: isinstance(value, int) and not isinstance(value, bool)),
        "a list of statuses",
        "[404, 410]",
    ),
    "constants": MAPPING,
    "then": KeyType(
        lambda value: _is_mapping(value) and set(value) == {"operation", "id"} and all(map(_is_text, value.values())),
        "an operation's name and its field for the contact's id",
        "{operation: tag, id: contact_id}",
    ),
}
VENDOR_KEYS: dict[str, KeyType | None] = {
    "vendor": TEXT,
    "pace": MAPPING,
    "placeholder": FLAG,
    "published": TEXT,
    "key_prefixes": NAMES,
}
FIELD_KEYS: dict[str, KeyType | None] = {
    "kind": TEXT,
    "hint": TEXT,
    "role": TEXT,
    "value": None,
    "form": KeyType(lambda value: isinstance(value, int) and not isinstance(value, bool), "a number from 0", "0"),
}
ERROR_KEYS: dict[str, KeyType | None] = {
    "text": POINTERS,
    "code": POINTERS,
    "fields": POINTERS,
    "field_in_text": KeyType(_is_text, "a pattern with a group", "\"Field '([^']+)'\""),
}
LOOKUP_KEYS: dict[str, KeyType | None] = {
    "path": KeyType(lambda value: isinstance(value, str) and value.startswith("/"), "a path", "/contacts"),
    "query": MAPPING,
    "constants": MAPPING,
    "found": POINTERS,
    "id": POINTER,
    "created": POINTER,
    "total": POINTER,
    "omits_empty": FLAG,
    "opt_in": FLAG,
}
LOOKUP_REQUIRED = ("path", "query", "found", "id", "created")


def read_answers(ours: Mapping[str, Any], place: str, *, has_id: bool = True) -> Answers:
    """Return the places of things in an answer. Raises ContractError naming the place.

    Without ``has_id``, the answer names no contact.
    """
    errors = check_keys(ours.get("errors", {}), ERROR_KEYS, f"{place}/errors")
    if has_id and "id" not in ours:
        raise ContractError(
            f"{place}/id: is missing: it says where in an answer the id of the contact is, such as /id; "
            "false if the answer has none"
        )
    return Answers(
        id=(ours["id"] or "") if has_id else "",
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
    node = check_keys(ours["lookup"], LOOKUP_KEYS, place)
    for name in LOOKUP_REQUIRED:
        if not node.get(name):
            raise ContractError(f"{place}/{name}: is missing")
    query, constants = node["query"], node.get("constants", {})
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
    node = check_keys(ours["idempotency"], {"header": TEXT, "ttl": None}, place)
    try:
        seconds = parse_duration(node.get("ttl", ""), default_unit="s")
    except ValueError:
        seconds = None
    if not node.get("header") or seconds is None:
        raise ContractError(f'{place}: needs a header, and a ttl such as "24h"')
    return Idempotency(str(node["header"]), seconds)


def only(node: Any, allowed: set[str], place: str) -> dict[str, Any]:
    """Return a node as an object with no other keys than these. Raises ContractError naming the place."""
    return check_keys(node, dict.fromkeys(sorted(allowed)), place)


def check_keys(node: Any, known: Mapping[str, KeyType | None], place: str) -> dict[str, Any]:
    """Return a node as an object of these keys with values of their types; None stands for any type.

    Raises ContractError naming the place, the nearest known key, and an example of a value.
    """
    if not isinstance(node, dict):
        raise ContractError(f"{place}: an object is expected here")
    for key, value in node.items():
        if key not in known:
            from difflib import get_close_matches

            near = get_close_matches(str(key), known, n=1)
            meant = f"; perhaps {near[0]} is meant" if near else ""
            raise ContractError(f"{place}/{key}: is not known{meant}; known are {', '.join(sorted(known))}")
        type_ = known[key]
        if type_ is not None and not type_.holds(value):
            raise ContractError(f"{place}/{key}: {value!r} is not {type_.name}, such as {key}: {type_.example}")
    return dict(node)
