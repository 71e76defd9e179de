"""Builds requests: a row's fields → path, canonical JSON body, and the digests that the journal knows it by."""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import polars as pl

from importer.model.delivery import Delivery
from schemas.contract import Field, Operation
from schemas.kind import Kind

# Cells are text; these types are sent as JSON values of their own.
_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "number": lambda text: int(text) if text.lstrip("+-").isdigit() else float(text),
    "boolean": lambda text: text.lower() == "true",
    "json": json.loads,
}

# Sorted keys and no blanks, so that equal contacts have equal bytes and thereby equal fingerprints.
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
ENTRY = "[0]"  # the step to the one entry of a list
_IDENTITY_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _converter_of(field: Field) -> Callable[[Any], Any] | None:
    convert = _CONVERTERS.get(field.entry_type if field.type == "array" else field.type)
    if field.type != "array" or convert is None:
        return convert
    return lambda texts: [convert(text) for text in texts]


class PayloadBuilder:
    """Builds the requests of one operation from frames with these fields, in this order."""

    def __init__(self, operation: Operation, fields: Sequence[Field]) -> None:
        self._operation = operation
        fields = self._fields = tuple(field for field in fields if not field.step)
        # What is there without a cell: empty objects, and the constants of the document.
        self._given = [
            *((entry.parts, self._indexes_below(entry.within), {}) for entry in operation.containers),
            *((entry.parts, self._indexes_below(entry.within), entry.value) for entry in operation.constants),
        ]
        self._body_fields = [
            (index, (*operation.envelope, *field.parts), _converter_of(field))
            for index, field in enumerate(fields)
            if not field.in_path
        ]
        indexes = {field.path: index for index, field in enumerate(fields)}
        self._identities = [
            [(path, indexes[path], operation.field(path)) for path in group]
            for group in operation.identity
            if all(path in indexes for path in group)
        ]

    def deliveries(self, frame: pl.DataFrame, occurrences: dict[int, int]) -> Iterator[Delivery]:
        """Yield a delivery for each row of a frame with ``row`` and the fields.

        ``occurrences`` says, by row, how many equal rows come before it; 0 where it has no entry.
        """
        for values in frame.select("row", *(field.path for field in self._fields)).iter_rows():
            yield self.delivery(values[0], values[1:], occurrences.get(values[0], 0))

    def delivery(self, row: int, values: Sequence[Any], occurrence: int = 0) -> Delivery:
        """Return the delivery of one row. Null values are not sent."""
        path = self._path(values)
        body = self._encode(self.body(values))
        fingerprint = hashlib.blake2b(f"{self._operation.method} {path}\n".encode(), digest_size=16)
        fingerprint.update(body)
        return Delivery(row, fingerprint.digest(), self._identity(values), occurrence, path, body)

    def _encode(self, body: dict[str, Any]) -> bytes:
        if self._operation.is_form:
            return urlencode(sorted(_form_pairs(body))).encode()
        return _CANONICAL.encode(unwrap_list(body)).encode()

    def body(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the JSON body: dotted fields are nested, and required objects are there even when empty."""
        body: dict[str, Any] = {}
        for parts, indexes, value in self._given:
            if indexes is None or any(values[index] is not None for index in indexes):
                put_value(body, parts, copy.deepcopy(value))
        for index, parts, convert in self._body_fields:
            value = values[index]
            if value is not None:
                put_value(body, parts, convert(value) if convert else value)
        return body

    def _indexes_below(self, container: str | None) -> tuple[int, ...] | None:
        """Return the indexes of the values that bring in an optional object; None for one that is always there."""
        if container is None:
            return None
        return tuple(
            index
            for index, field in enumerate(self._fields)
            if field.path.startswith((f"{container}.", f"{container}["))
        )

    def _path(self, values: Sequence[Any]) -> str:
        path = self._operation.path
        query = []
        for field, value in zip(self._fields, values, strict=True):
            if field.query_name:
                query += [(field.query_name, value)] if value is not None else []
            elif field.in_path:
                path = path.replace("{" + field.path + "}", quote(value, safe=""))
        for name, value in self._operation.query:
            if "{" + name + "}" in path:
                path = path.replace("{" + name + "}", quote(value, safe=""))
            else:
                query.append((name, value))
        return f"{path}?{urlencode(query)}" if query else path

    def _identity(self, values: Sequence[Any]) -> bytes | None:
        """Return a digest of the first of the contract's identities that the row has completely."""
        for group in self._identities:
            if all(values[index] for _, index, _ in group):
                text = _IDENTITY_ENCODER.encode(
                    [[path, _normalize_identity(str(values[index]), field)] for path, index, field in group]
                )
                return hashlib.blake2b(text.encode(), digest_size=16).digest()
        return None


def _normalize_identity(text: str, field: Field | None) -> str:
    """Return the form in which two spellings of one identity are equal: a phone's digits, other text without case."""
    if field is not None and field.kind is Kind.PHONE:
        return "".join(char for char in text if char.isdigit())
    return text.strip().casefold()


def put_value(body: dict[str, Any], parts: Sequence[str], value: Any) -> None:
    """Put a value at its place. A step ``[0]`` is the one entry of a list; a list as a body is kept as that member."""
    place: Any = body
    for part, below in itertools.pairwise(parts):
        empty: Any = [] if below == ENTRY and part != ENTRY else {}
        place = _step(place, part, empty)
    if parts[-1] == ENTRY and isinstance(place, list):
        place[:] = place or [value]
    elif isinstance(value, dict) and not value:
        place.setdefault(parts[-1], value)
    else:
        place[parts[-1]] = value


def _step(place: Any, part: str, empty: Any) -> Any:
    if isinstance(place, list):
        if not place:
            place.append(empty)
        return place[0]
    return place.setdefault(part, empty)


def read_values(operation: Operation, fields: Sequence[Field], body: bytes) -> dict[str, Any]:
    """Return the values that a request sends, by field path: JSON values, or the texts of a form."""
    places = {field.path: (*operation.envelope, *field.parts) for field in fields if not field.in_path}
    if operation.is_form:
        pairs = parse_qsl(body.decode(), keep_blank_values=True)
        found = {path: _form_value(pairs, steps) for path, steps in places.items()}
    else:
        sent = json.loads(body)
        found = {path: find_part(sent, steps) for path, steps in places.items()}
    return {path: value for path, value in found.items() if value is not None}


def find_part(value: Any, steps: Sequence[str]) -> Any:
    """Return the part of a JSON value at the end of these steps; None if there is none."""
    for step in steps:
        if step == ENTRY and isinstance(value, list):
            value = value[0] if value else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _form_value(pairs: Sequence[tuple[str, str]], steps: Sequence[str]) -> Any:
    name = steps[0] + "".join(step if step.startswith("[") else f"[{step}]" for step in steps[1:])
    entries = [text for known, text in pairs if known.startswith(f"{name}[")]
    return next((text for known, text in pairs if known == name), entries or None)


def unwrap_list(body: dict[str, Any]) -> Any:
    """Return a body, or a list of it where the document asks for a list of one."""
    return [body[ENTRY]] if ENTRY in body else body


def _form_pairs(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield the pairs of a form: ``address[city]`` for a member, ``tags[0]`` for an entry."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _form_pairs(member, f"{name}[{key}]" if name else key)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _form_pairs(member, f"{name}[{index}]")
    else:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)
