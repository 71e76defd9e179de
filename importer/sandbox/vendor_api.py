"""One vendor's API: bodies judged by jsonschema-rs, contacts kept in memory, answers as documented."""

from __future__ import annotations

import copy
import itertools
import time
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs

from schemas.contract import Lookup, Operation, Vendor

PLACES = "json-pointer"


class Contacts:
    """What one vendor has been sent, and the ids it gave."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.by_id: dict[str, dict[str, Any]] = {}
        self.order: list[str] = []
        self._numbers = itertools.count(1001)
        self._validators = {name: _validator(vendor, operation) for name, operation in vendor.operations.items()}

    def errors(self, operation: Operation, body: Any) -> list[tuple[str, str]]:
        """What the document does not allow: pairs of a dotted field and words."""
        found = []
        for error in self._validators[operation.name].iter_errors(body):
            path = [str(step) for step in error.instance_path]
            if error.kind.name == "required":
                path.append(error.kind.property)
            found.append((".".join(path), error.message))
        return found

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a new contact and give it the kind of id the vendor gives."""
        contact_id = self._new_id()
        self.by_id[str(contact_id)] = {"id": contact_id, **copy.deepcopy(body), "_at": time.time()}
        self.order.append(str(contact_id))
        return self.by_id[str(contact_id)]

    def update(self, contact_id: str, body: dict[str, Any]) -> dict[str, Any]:
        """Change a contact; one that was not made here is taken to have been there already."""
        known = self.by_id.get(contact_id)
        if known is None:
            number = int(contact_id) if contact_id.isdigit() else contact_id
            known = self.by_id[contact_id] = {"id": number, "_at": time.time()}
            self.order.append(contact_id)
        known.update(copy.deepcopy(body))
        return known

    def listed(self) -> list[dict[str, Any]]:
        """Every contact, in the order they came."""
        return [self.by_id[contact_id] for contact_id in self.order]

    def _new_id(self) -> int | str:
        if self.vendor.name == "gomobile":
            return str(uuid.uuid4())
        if self.vendor.name == "clemta":
            return f"{int(time.time()):08x}{uuid.uuid4().hex[:16]}"
        return next(self._numbers)


def _validator(vendor: Vendor, operation: Operation) -> Any:
    schema = {**operation.body_schema, "components": vendor.document.get("components", {})}
    return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)


def answer_to(vendor: Vendor, operation: Operation, contact: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The documented success answer for a contact; of another vendor, what its contract looks for in one."""
    shown = _shown(vendor, contact)
    if vendor.name == "iclosed":
        return 201, {"data": {"contact": shown}}
    if vendor.name == "clemta":
        return 200, {"success": True, "message": "Contact created successfully", "data": shown}
    if vendor.name in ("gomobile", "cleartalk"):
        return 201, shown
    answer: dict[str, Any] = {}
    for pointer, value in {**operation.answers.success, operation.answers.id: shown["id"]}.items():
        *above, last = pointer.split("/")[1:]
        place = answer
        for step in above:
            place = place.setdefault(step, {})
        place[last] = value
    return 201, answer


def _shown(vendor: Vendor, contact: dict[str, Any]) -> dict[str, Any]:
    """A contact as its vendor shows it: with the times and owners that the documents show."""
    kept = {key: value for key, value in contact.items() if not key.startswith("_")}
    if vendor.name == "clemta":
        seconds = int(contact["_at"])
        del kept["company_id"]
        return {**kept, "created_at": seconds, "updated_at": seconds}
    made = datetime.fromtimestamp(contact["_at"], tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    stamps = {"createdAt": made, "updatedAt": made}
    if vendor.name == "gomobile":
        return {**kept, "organizationId": "123e4567-e89b-12d3-a456-426614174000", "channels": [], **stamps}
    owner = {"accountId": 1, "userId": 1} if vendor.name == "iclosed" else {"userId": 1}
    return {**kept, **owner, **stamps}


def answer_to_lookup(contacts: Contacts, lookup: Lookup, asked: Mapping[str, str]) -> dict[str, Any] | list[Any]:
    """The contacts that have what is asked for in the fields that the look-up names, the latest first."""
    found = [
        _shown(contacts.vendor, contact)
        for contact in reversed(contacts.listed())
        if all(_has(contact, paths, asked.get(name, "")) for name, paths in lookup.query)
    ]
    if not lookup.found[0]:
        return found
    answer: dict[str, Any] = {"success": True}
    *above, last = lookup.found[0].split("/")[1:]
    place = answer
    for step in above:
        place = place.setdefault(step, {})
    place[last] = found
    return answer


def _has(contact: dict[str, Any], paths: Iterable[str], text: str) -> bool:
    return any(str(contact.get(path, "")).casefold() == text.casefold() for path in paths)


def refusal(vendor: Vendor, errors: list[tuple[str, str]]) -> tuple[int, dict[str, Any]]:
    """The vendor's way of refusing a body, with the fields it refuses."""
    fields: dict[str, list[str]] = {}
    for field, words in errors:
        fields.setdefault(field, []).append(words)
    if vendor.name == "iclosed":
        return 400, {"message": {"details": {"formErrors": fields.pop("", []), "fieldErrors": fields}}}
    if vendor.name == "clemta":
        field, words = errors[0]
        details = f"Field '{field}' is required" if "required" in words else f"Field '{field}': {words}"
        error = {"code": "INVALID_REQUEST", "details": details}
        return 400, {"success": False, "message": "Invalid request data", "data": None, "error": error}
    if vendor.name == "gomobile":
        words = "Validation failed"
        return 400, {"code": "VALIDATION_ERROR", "statusCode": 400, "message": words, "fieldErrors": fields}
    return 400, {"message": "; ".join(f"{field}: {words}" for field, words in errors)}


def unauthorized(vendor: Vendor) -> tuple[int, dict[str, Any]]:
    """The vendor's answer to a missing or empty key."""
    if vendor.name == "clemta":
        error = {"code": "API_KEY_REQUIRED", "details": ""}
        return 401, {"success": False, "message": "API key is required", "data": None, "error": error}
    return 401, {"message": "API key is required"}
