"""A vendor's contract as data: Vendor, Operation, Field, and how to load one.

A vendor is an OpenAPI 3.1 document, not code. The four known vendors are the ``*.yaml`` files beside this
module; ``load_vendor`` also takes a path to another document, so a fifth vendor is a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

FieldType = Literal["string", "integer", "number", "boolean", "array", "object", "json"]
"""``json`` is for members of open objects only: the text is a JSON value."""


class ContractError(ValueError):
    """A vendor's document cannot be used; the message names the place in it and what to change."""


class Kind(StrEnum):
    """What a field holds, as a person would say; cleaning goes by it."""

    TEXT = "text"
    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    DATE = "date"
    DATE_TIME = "date-time"
    COUNTRY = "country"
    CHOICE = "choice"
    URI = "uri"
    ID = "id"
    ZIP = "zip"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a value must keep to. Lengths are UTF-16 code units, patterns are ECMAScript."""

    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    format: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    exclusive_maximum: float | None = None
    min_items: int | None = None
    max_items: int | None = None
    # Dates only, and only as advice: the first day that is not a surprise, and whether the future is one.
    earliest: str | None = None
    future: bool | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A leaf of the request, named by its dotted path."""

    path: str
    parts: tuple[str, ...]
    type: FieldType = "string"
    kind: Kind = Kind.TEXT
    required: bool = False
    # A required leaf of an optional object (the path says which): required as soon as that object is there.
    required_within: str | None = None
    in_path: bool = False
    limits: Limits = field(default=Limits())
    items: Limits | None = None
    advisory: Limits = field(default=Limits())
    aliases: tuple[str, ...] = ()
    # What the columns are called whose texts, in this order, make up the value.
    parts_known_as: tuple[tuple[str, ...], ...] = ()
    of_open: bool = False
    description: str = ""
    hint: str = ""
    example: Any = None

    @property
    def hint_names_option(self) -> bool:
        """Whether the hint is advice of its own, such as ``--set``, instead of what to enter."""
        return "--" in self.hint

    @property
    def open(self) -> bool:
        """Whether this is an object that takes members of any name."""
        return self.type == "object"

    def member(self, name: str) -> Field:
        """The member ``name`` of this open object: text, unless a mapping says otherwise."""
        kind = self.items or Limits()
        return replace(
            self,
            path=f"{self.path}.{name}",
            parts=(*self.parts, name),
            type="string",
            required=False,
            required_within=None,
            limits=kind,
            items=None,
            aliases=(),
            parts_known_as=(),
            of_open=True,
            description=f"{name}, in {self.path}",
            example=None,
        )


@dataclass(frozen=True, slots=True)
class Container:
    """An object of the body that must be there even when empty: always, or as soon as ``within`` is there."""

    parts: tuple[str, ...]
    within: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Something in a success answer that a person should know: where it is, and what it means."""

    at: str
    says: str


@dataclass(frozen=True, slots=True)
class Answers:
    """Where to look in an answer; every place is a JSON Pointer, the first that holds something wins."""

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


@dataclass(frozen=True, slots=True)
class Lookup:
    """How to ask a vendor for contacts like one that may or may not have been made.

    ``query`` pairs a parameter with the fields of which the first that is fed gives its value, ``constants`` one with
    a text. The contacts are the first of the places ``found`` that holds a list; ``id`` and ``created`` are places
    within one of them.
    """

    path: str
    query: tuple[tuple[str, tuple[str, ...]], ...]
    constants: tuple[tuple[str, str], ...]
    found: tuple[str, ...]
    id: str
    created: str
    opt_in: bool = False


@dataclass(frozen=True, slots=True)
class Idempotency:
    """The header in which the vendor takes a key, and the seconds for which it knows one again."""

    header: str
    ttl: float


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a vendor can be asked to do with a row."""

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

    def field(self, path: str) -> Field | None:
        """The field of that path; a member of an open object is made when it is asked for."""
        for known in self.fields:
            if known.path == path and not known.open:
                return known
        for known in self.fields:
            if known.open and path.startswith(known.path + ".") and len(path) > len(known.path) + 1:
                return known.member(path[len(known.path) + 1 :])
        return None

    @property
    def body_fields(self) -> tuple[Field, ...]:
        """The fields that travel in the body."""
        return tuple(known for known in self.fields if not known.in_path)


@dataclass(frozen=True, slots=True)
class Security:
    """How the credential travels: the header, what stands before the key, and whether it must be there."""

    header: str
    scheme: str = ""
    required: bool = True
    key_prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pace:
    """Where to start: requests a second, and how many at once."""

    rate: float
    concurrency: int


def parse_rate(text: str) -> float:
    """Requests a second from ``20/s``, ``100/min`` or ``5000/h``. Raises ValueError."""
    number, _, unit = str(text).partition("/")
    seconds = {"s": 1, "sec": 1, "second": 1, "": 1, "min": 60, "m": 60, "minute": 60, "h": 3600, "hour": 3600}
    try:
        rate = float(number) / seconds[unit.strip().lower()]
    except (KeyError, ValueError):
        rate = 0.0
    if not 0 < rate < 1e6:
        raise ValueError(f"{text!r} is not a rate such as 20/s or 100/min")
    return rate


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's contract. ``digest`` is the SHA-256 of the document it was read from."""

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
