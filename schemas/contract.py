"""A vendor's contract as data.

A vendor is an OpenAPI 3.1 document, not code. ``schemas.registry`` finds one, ``schemas.openapi`` reads it into these
classes. The data and the reader are two modules, because everyone imports the data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from schemas.kind import Kind
from schemas.roles import ROLES, guess_role

# A field of type "json" is a member of an open object whose text is a JSON value.
FieldType = Literal["string", "integer", "number", "boolean", "array", "object", "json"]


class ContractError(ValueError):
    """A vendor's document cannot be used. The message names the place in it and what to change."""


class UnsupportedError(ContractError):
    """No cell can hold this part of a body. An optional one is left out, a required one is an error.

    ``place`` is where it stands; ``can_choose`` is true where one of several forms must be chosen.
    """

    def __init__(self, message: str, place: str = "", *, can_choose: bool = False) -> None:
        super().__init__(message)
        self.place = place
        self.can_choose = can_choose


@dataclass(frozen=True, slots=True)
class Limits:
    """Constraints on a value. Lengths are UTF-16 code units, patterns are ECMAScript."""

    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    format: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    multiple_of: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    # Of dates, and only as advice: the first plausible day, and False where a day in the future is implausible.
    earliest: str | None = None
    future: bool | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A leaf of the request, named by its dotted path."""

    path: str
    parts: tuple[str, ...]
    type: FieldType = "string"
    entry_type: FieldType = "string"  # of an array
    kind: Kind = Kind.TEXT
    required: bool = False
    # The path of an optional object: this leaf is required as soon as that object is there.
    required_within: str | None = None
    in_path: bool = False
    limits: Limits = field(default=Limits())
    items: Limits | None = None
    advisory: Limits = field(default=Limits())
    aliases: tuple[str, ...] = ()
    # For a value put together from several columns: the names of the column of each part, in order.
    parts_known_as: tuple[tuple[str, ...], ...] = ()
    of_open: bool = False
    # The role it plays in a contact (schemas/roles.py), and whether that is only a guess by its name.
    role: str = ""
    is_guessed: bool = False
    query_name: str = ""  # of a parameter that stands in the query; ``in_path`` is true for it, too
    step: str = ""  # the name of the second step that takes it; empty for a field of the operation itself
    # Of a phone: the path of the field with its calling code. Where that is filled in, the number is a national one.
    calling_code: str = ""
    description: str = ""
    hint: str = ""
    example: Any = None
    place: str = ""  # in the document

    @property
    def hint_names_option(self) -> bool:
        """Whether the hint is advice of its own, such as ``--set``, instead of what to enter."""
        return "--" in self.hint

    @property
    def open(self) -> bool:
        """Return True for an object that takes members of any name."""
        return self.type == "object"

    def member(self, name: str) -> Field:
        """Return the member ``name`` of this open object: text, unless a mapping says otherwise.

        A required open object is all that the vendor takes of a contact, so there a name such as ``email`` has a role.
        """
        role = guess_role((*self.parts, name), None, "string") if self.required else ""
        known = ROLES.get(role)
        return replace(
            self,
            path=f"{self.path}.{name}",
            parts=(*self.parts, name),
            type="string",
            required=False,
            required_within=None,
            limits=self.items or Limits(),
            items=None,
            aliases=(),
            parts_known_as=(),
            of_open=True,
            kind=known.kind if known else self.kind,
            role=role,
            is_guessed=bool(role),
            hint=known.hint if known else self.hint,
            description=f"{name}, in {self.path}",
            example=None,
        )


@dataclass(frozen=True, slots=True)
class Container:
    """An object of the body that must be there even when empty: always, or as soon as ``within`` is there."""

    parts: tuple[str, ...]
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    """A value of the body that the document itself gives: always there, or as soon as ``within`` is there."""

    parts: tuple[str, ...]
    value: Any
    within: str | None = None
    place: str = ""  # in the document


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An optional part of a request that no cell can hold: its name, its place in the document, and the reason."""

    path: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in a success answer that the user should know: a JSON Pointer to it, and its meaning."""

    at: str
    says: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The places of things in an answer, as JSON Pointers. Of several, the first that holds something counts.

    ``id`` is empty for a deletion, whose answer names no contact. ``gone`` are the statuses with which a vendor says
    that a contact is not there any more.
    """

    id: str
    success: Mapping[str, Any]
    error_text: tuple[str, ...] = ()
    error_code: tuple[str, ...] = ()
    error_fields: tuple[str, ...] = ()
    field_in_text: str | None = None
    retry_after: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    fatal_codes: tuple[str, ...] = ()
    unavailable_is_refusal: bool = False
    gone: tuple[int, ...] = ()
    media_types: frozenset[str] = frozenset()  # of the documented answers


@dataclass(frozen=True, slots=True)
class Lookup:
    """The request that lists contacts like one that may or may not have been created, or may be there already.

    ``query`` pairs a parameter with the fields of which the first that is mapped gives its value; ``constants`` pairs
    one with a text. The contacts are the first of the places ``found`` that holds a list; ``id`` and ``created`` are
    places within an entry. ``total``, if any, is the place of the number of contacts, of which the list may hold only
    the first. With ``omits_empty``, the vendor leaves out fields without a value. With ``opt_in``, it does not document
    the request.
    """

    path: str
    query: tuple[tuple[str, tuple[str, ...]], ...]
    constants: tuple[tuple[str, str], ...]
    found: tuple[str, ...]
    id: str
    created: str
    total: str = ""
    omits_empty: bool = False
    opt_in: bool = False


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The header in which the vendor takes an idempotency key, and the seconds for which it recognises one."""

    header: str
    ttl: float


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a vendor can do with a row."""

    name: str
    method: str
    path: str
    document: str
    fields: tuple[Field, ...]
    answers: Answers
    repeatable: bool
    identity: tuple[tuple[str, ...], ...]
    at_least: int
    containers: tuple[Container, ...]
    body_schema: Mapping[str, Any]
    advise_any_of: tuple[str, ...] = ()
    clear: str | None = None
    lookup: Lookup | None = None
    idempotency: Idempotency | None = None
    opt_in: bool = False  # not in the vendor's own documentation of its API
    constants: tuple[Constant, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    # The objects around the fields, such as ("contact",) or ("contacts", "[0]"): no field's path has them.
    envelope: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    query: tuple[tuple[str, str], ...] = ()
    media_type: str = "application/json"
    then: SecondStep | None = None

    @property
    def is_form(self) -> bool:
        """True if the body is a form, as browsers send them."""
        return self.media_type == "application/x-www-form-urlencoded"

    def field(self, path: str) -> Field | None:
        """Return the field of that path. Members of open objects are made on demand."""
        for known in self.fields:
            if known.path == path and not known.open:
                return known
        for known in self.fields:
            if known.open and path.startswith(known.path + ".") and len(path) > len(known.path) + 1:
                return known.member(path[len(known.path) + 1 :])
        return None

    @property
    def body_fields(self) -> tuple[Field, ...]:
        """Return the fields that travel in the body."""
        return tuple(known for known in self.fields if not known.in_path and not known.step)


@dataclass(frozen=True, slots=True)
class SecondStep:
    """An operation for each contact that the first has made, such as adding it to a list.

    Its field ``id`` takes the contact's id. Its other fields are among those of the first operation, as members of an
    object with the step's name: where a row has none of them, the step is left out, unless ``needs_no_cell``.
    """

    operation: Operation
    id: Field
    needs_no_cell: bool

    def own_field(self, field: Field) -> Field:
        """Return a field of the first operation as the step's own operation knows it."""
        own = self.operation.field(field.path.removeprefix(f"{self.operation.name}."))
        assert own is not None  # noqa: S101 - the first operation has it from there
        return own


def join_path(parts: Iterable[str]) -> str:
    """Return the name of a place in a body: ``emails[0].value`` for its steps ``emails``, ``[0]`` and ``value``."""
    return ".".join(parts).replace(".[", "[")


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A place of the credential in a request: a header with a scheme in front of the key, or a query parameter."""

    name: str
    scheme: str = ""
    in_query: bool = False


@dataclass(frozen=True, slots=True)
class Security:
    """The places of the credential, and whether one is required. Two places take two keys, separated by a blank."""

    keys: tuple[KeyPlace, ...]
    required: bool = True
    key_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """The pace to start with: requests a second, and requests at once."""

    rate: float
    concurrency: int


def api_key_variable(vendor_name: str) -> str:
    """Return the environment variable that holds a vendor's API key, such as ``MY_VENDOR_API_KEY``."""
    return f"{_variable_prefix(vendor_name)}_API_KEY"


def _variable_prefix(vendor_name: str) -> str:
    # A shell can only export names of letters, digits and underscores.
    return re.sub("[^A-Z0-9]", "_", vendor_name.upper())


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's contract.

    ``digest`` is the SHA-256 of the document without its ``x-sandbox`` block: a run is resumed only under the same
    contract, and what the sandbox answers is no part of it. ``delete_operation`` deletes a contact by its id.
    """

    name: str
    title: str
    file: Path
    digest: str
    base_url: str | None
    published_url: str | None
    security: Security | None
    pace: Pace
    operations: Mapping[str, Operation]
    document: Mapping[str, Any]
    delete_operation: Operation | None = None

    @property
    def api_key_variable(self) -> str:
        """The environment variable that holds the API key."""
        return api_key_variable(self.name)

    def practice_key(self, secret: str) -> str:
        """Return a credential in the vendor's form for its sandbox."""
        if self.security is None:
            return secret
        prefix = next(iter(self.security.key_prefixes), "")
        return " ".join([f"{prefix}{secret}"] * len(self.security.keys))

    @property
    def base_url_variable(self) -> str:
        """The environment variable that holds the API's address."""
        return f"{_variable_prefix(self.name)}_BASE_URL"

    @property
    def can_update(self) -> bool:
        """True if the vendor itself documents how a contact is changed."""
        return self.update_operation is not None and not self.update_operation.opt_in

    @property
    def update_operation(self) -> Operation | None:
        """The operation that changes an existing contact by its id; None where the vendor documents none."""
        return next(
            (
                operation
                for operation in self.operations.values()
                if operation.repeatable
                and any(field.in_path and not field.query_name and not field.step for field in operation.fields)
            ),
            None,
        )
