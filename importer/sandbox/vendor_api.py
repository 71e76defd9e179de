"""One vendor's contacts in the sandbox, and the judgement of bodies by the vendor's document.

Bodies are judged by jsonschema-rs, not by the importer's own checks: two independent readings of one document show
where one of them is wrong. No vendor is known by name here; what is special about one stands in its document.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema_rs

from importer.sandbox.answers import CREATED_AT, AnswerTemplates, Violation
from schemas.contract import ContractError, Lookup, Operation, SecondStep, Vendor

REMARKS = {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly"}


class VendorApi:
    """The contacts that one vendor was sent, kept in memory, and its answers."""

    def __init__(self, vendor: Vendor) -> None:
        self.vendor = vendor
        self.answers = AnswerTemplates(vendor)
        self._contacts: dict[str, dict[str, Any]] = {}  # by id, in the order they came
        steps = [operation.then.operation for operation in vendor.operations.values() if operation.then]
        known = [*vendor.operations.values(), *steps]
        self._validators = {operation.name: _validator(vendor, operation) for operation in known}

    def violations(self, operation: Operation, body: Any) -> list[Violation]:
        """Return what the document does not allow in a body."""
        found = []
        for error in self._validators[operation.name].iter_errors(body):
            path = [str(step) for step in error.instance_path]
            is_missing = error.kind.name == "required"
            if is_missing:
                path.append(error.kind.property)
            found.append(Violation(".".join(path), error.message, is_missing))
        return found

    def create(self, body: dict[str, Any]) -> dict[str, Any]:
        """Keep a new contact under a new id, and return it."""
        contact_id = self.answers.new_id()
        contact = {"id": contact_id, **copy.deepcopy(body), CREATED_AT: time.time()}
        self._contacts[str(contact_id)] = contact
        return contact

    def update(self, contact_id: str, body: dict[str, Any], *, whole: bool = False) -> dict[str, Any]:
        """Change a contact, and return it. One that was not created here is taken to have existed already.

        With ``whole``, the body is all that the contact has from now on.
        """
        contact = self._contacts.get(contact_id)
        if contact is not None and whole:
            contact = self._contacts[contact_id] = {"id": contact["id"], CREATED_AT: contact[CREATED_AT]}
        if contact is None:
            number = int(contact_id) if contact_id.isdigit() else contact_id
            contact = self._contacts[contact_id] = {"id": number, CREATED_AT: time.time()}
        contact.update(copy.deepcopy(body))
        return contact

    def follow(self, step: SecondStep, contact_id: str, values: dict[str, Any]) -> dict[str, Any] | None:
        """Keep a second step with its contact, under the step's name, and return the contact; None without one."""
        contact = self._contacts.get(contact_id)
        if contact is not None:
            contact.setdefault(step.operation.name, []).append(copy.deepcopy(values))
        return contact

    def delete(self, contact_id: str) -> bool:
        """Delete a contact. Return False if there is none of that id."""
        return self._contacts.pop(contact_id, None) is not None

    def contacts(self) -> list[dict[str, Any]]:
        """Return every contact, in the order they came."""
        return list(self._contacts.values())

    def look_up(self, lookup: Lookup, query: Mapping[str, str]) -> dict[str, Any] | list[Any]:
        """Return the answer with the contacts that match the fields which the lookup names, the latest first."""
        found = [
            contact
            for contact in reversed(self.contacts())
            if all(_matches(contact, paths, query.get(name, "")) for name, paths in lookup.query)
        ]
        return self.answers.listed(lookup, found)


def _validator(vendor: Vendor, operation: Operation) -> Any:
    schema = without_remarks(operation.body_schema)
    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except jsonschema_rs.ValidationError as error:
        raise ContractError(
            f"{vendor.file}: the schema of {operation.name} is not JSON Schema: {error.message}"
        ) from error


def _matches(contact: Mapping[str, Any], paths: Iterable[str], text: str) -> bool:
    return any(str(contact.get(path, "")).casefold() == text.casefold() for path in paths)


def without_remarks(schema: Any) -> Any:
    """Return a schema with nothing but what constrains: documents write what they like into the rest."""
    if isinstance(schema, list):
        return [without_remarks(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in REMARKS and not key.startswith("x-")}
    for key in ("items", "additionalProperties"):
        if key in kept:
            kept[key] = without_remarks(kept[key])
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {name: without_remarks(entry) for name, entry in kept["properties"].items()}
    return kept
