"""A vendor's answers, made from its document: the ``x-sandbox`` block and, where that is silent, the contract.

A template is a JSON value in which a text such as ``{contact}`` stands for a value. docs/contracts.md lists them.
"""

from __future__ import annotations

import copy
import itertools
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from schemas.contract import ContractError, Lookup, Operation, Vendor
from schemas.json_pointer import get_pointer, set_pointer
from schemas.openapi_extension import only
from schemas.openapi_responses import success_answers

# A member with this prefix is the sandbox's own and is never shown by a vendor's API.
CREATED_AT = "_at"
FIRST_NUMBER = 1001
DEFAULT_ADDED = {"createdAt": "{time}", "updatedAt": "{time}"}
DEFAULT_REFUSED = {"message": "{message}"}
DEFAULT_UNAUTHORIZED = {"message": "API key is required"}

Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Violation:
    """A part of a body that the document does not allow: the dotted field, a message, and if it is missing."""

    field: str
    message: str
    is_missing: bool = False

    def __str__(self) -> str:
        """Return it as a sentence of its own."""
        return f"Field '{self.field}' is required" if self.is_missing else f"Field '{self.field}': {self.message}"


class AnswerTemplates:
    """Makes one vendor's answers: status and JSON body."""

    def __init__(self, vendor: Vendor) -> None:
        place = "#/x-sandbox"
        node = only(
            vendor.document.get("x-sandbox", {}),
            {"id", "contact", "accepted", "deleted", "refused", "unauthorized"},
            place,
        )
        contact = only(node.get("contact", {}), {"hide", "add"}, f"{place}/contact")
        kind = node.get("id", "number")
        if kind not in ID_KINDS:
            raise ContractError(f"{place}/id: {kind!r} is none of {', '.join(ID_KINDS)}")
        self._vendor = vendor
        self._ids = ID_KINDS[kind]()
        self._hidden = frozenset(contact.get("hide", ()))
        self._added = contact.get("add", DEFAULT_ADDED)
        self._accepted = node.get("accepted")
        self._deleted = node.get("deleted")
        self._examples: dict[str, dict[str, Any]] = {}
        self._refused = node.get("refused", DEFAULT_REFUSED)
        self._unauthorized = node.get("unauthorized", DEFAULT_UNAUTHORIZED)

    def new_id(self) -> int | str:
        """Return an id of the vendor's kind for a new contact."""
        return next(self._ids)

    def accepted(self, operation: Operation, contact: Mapping[str, Any]) -> Answer:
        """Return the success answer of an operation, with the contact where the contract looks for its id."""
        shown = self._shown(contact)
        status = _success_status(self._vendor, operation)
        if self._accepted is not None:
            return status, _fill(self._accepted, {"contact": shown})
        answer = self._documented(operation)
        if not operation.answers.id:
            return status, answer or shown
        above, _, name = operation.answers.id.rpartition("/")
        known = get_pointer(answer, above)
        shown = {**known, **shown} if isinstance(known, dict) else shown
        if above:
            set_pointer(answer, above, shown)
        else:
            answer = shown
        set_pointer(answer, f"{above}/{name}", contact["id"])
        for pointer, value in operation.answers.success.items():
            set_pointer(answer, pointer, value)
        return status, answer

    def _documented(self, operation: Operation) -> dict[str, Any]:
        """Return the example of a success that the document gives; empty if it has none."""
        if operation.name not in self._examples:
            node = self._vendor.document["paths"][operation.path][operation.method.lower()]
            found = (example for _, example in success_answers(self._vendor.document, node, "#"))
            self._examples[operation.name] = next((example for example in found if isinstance(example, dict)), {})
        return copy.deepcopy(self._examples[operation.name])

    def listed(self, lookup: Lookup, contacts: Sequence[Mapping[str, Any]]) -> dict[str, Any] | list[Any]:
        """Return the answer to a lookup: the contacts at the first place where the contract looks for a list."""
        found = [self._shown(contact) for contact in contacts]
        if not lookup.found[0]:
            return found
        answer: dict[str, Any] = {"success": True}
        set_pointer(answer, lookup.found[0], found)
        if lookup.total:
            set_pointer(answer, lookup.total, len(found))
        return answer

    def refused(self, violations: Sequence[Violation]) -> Answer:
        """Return the refusal of a body."""
        by_field: dict[str, list[str]] = {}
        for violation in violations:
            by_field.setdefault(violation.field, []).append(violation.message)
        values = {
            "errors": by_field,
            "field_errors": {field: messages for field, messages in by_field.items() if field},
            "form_errors": by_field.get("", []),
            "first_error": str(violations[0]),
            "message": "; ".join(f"{violation.field}: {violation.message}" for violation in violations),
        }
        return 400, _fill(self._refused, values)

    def deleted(self, operation: Operation, *, is_known: bool) -> Answer:
        """Return the answer to a deletion: the contract's success, or that there is no such contact."""
        if not is_known:
            missing = Violation("", "there is no such contact")
            _, answer = self.refused([missing])
            return (operation.answers.gone or (404,))[0], answer
        if self._deleted is not None:
            return 200, _fill(self._deleted, {})
        answer = {}
        for pointer, value in operation.answers.success.items():
            set_pointer(answer, pointer, value)
        return 200, answer

    def unauthorized(self) -> Answer:
        """Return the answer to a missing or empty key."""
        return 401, _fill(self._unauthorized, {})

    def _shown(self, contact: Mapping[str, Any]) -> dict[str, Any]:
        """Return a contact as the vendor shows it."""
        created = datetime.fromtimestamp(contact[CREATED_AT], tz=UTC)
        values = {
            "seconds": int(contact[CREATED_AT]),
            "time": created.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        shown = {key: value for key, value in contact.items() if key != CREATED_AT and key not in self._hidden}
        return {**shown, **_fill(self._added, values)}


def _success_status(vendor: Vendor, operation: Operation) -> int:
    """Return the documented success status: 201 for a new contact if there is a choice, 200 for a change."""
    usual = 200 if "{" in operation.path else 201
    responses = vendor.document["paths"][operation.path][operation.method.lower()].get("responses", {})
    documented = {int(status) for status in map(str, responses) if status in ("200", "201", "202")}
    return usual if usual in documented or not documented else min(documented)


def _fill(template: Any, values: Mapping[str, Any]) -> Any:
    """Return a template with its placeholders replaced. A text that names no value stays as it is."""
    if isinstance(template, dict):
        return {key: _fill(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [_fill(value, values) for value in template]
    if isinstance(template, str) and template[:1] == "{" and template[-1:] == "}":
        return values.get(template[1:-1], template)
    return template


def _uuids() -> Iterator[str]:
    while True:
        yield str(uuid.uuid4())


def _hex_ids() -> Iterator[str]:
    """Yield 24 hexadecimal digits that begin with the time, as MongoDB makes them."""
    while True:
        yield f"{int(time.time()):08x}{uuid.uuid4().hex[:16]}"


ID_KINDS: dict[str, Callable[[], Iterator[int | str]]] = {
    "number": lambda: itertools.count(FIRST_NUMBER),
    "uuid": _uuids,
    "hex": _hex_ids,
}
