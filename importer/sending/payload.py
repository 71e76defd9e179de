"""Builds requests: a row's fields → path, canonical JSON body, and the digests that the journal knows it by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

import polars as pl

from importer.model.delivery import Delivery
from schemas.contract import Field, Kind, Operation

# Cells are text; these types are sent as JSON values of their own.
_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "integer": int,
    "number": lambda text: int(text) if text.lstrip("+-").isdigit() else float(text),
    "boolean": lambda text: text.lower() == "true",
    "json": json.loads,
}

# Sorted keys and no blanks, so that equal contacts have equal bytes and thereby equal fingerprints.
_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))
_IDENTITY_ENCODER = json.JSONEncoder(ensure_ascii=False)


class PayloadBuilder:
    """Builds the requests of one operation from frames with these fields, in this order."""

    def __init__(self, operation: Operation, fields: Sequence[Field]) -> None:
        self._operation = operation
        self._fields = tuple(fields)
        self._containers = [(entry.parts, self._indexes_below(entry.within)) for entry in operation.containers]
        self._body_fields = [
            (index, field.parts, _CONVERTERS.get(field.type)) for index, field in enumerate(fields) if not field.in_path
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
        body = _CANONICAL.encode(self.body(values)).encode()
        fingerprint = hashlib.blake2b(f"{self._operation.method} {path}\n".encode(), digest_size=16)
        fingerprint.update(body)
        return Delivery(row, fingerprint.digest(), self._identity(values), occurrence, path, body)

    def body(self, values: Sequence[Any]) -> dict[str, Any]:
        """Return the JSON body: dotted fields are nested, and required objects are there even when empty."""
        body: dict[str, Any] = {}
        for parts, indexes in self._containers:
            if indexes is None or any(values[index] is not None for index in indexes):
                _put(body, parts, {})
        for index, parts, convert in self._body_fields:
            value = values[index]
            if value is not None:
                _put(body, parts, convert(value) if convert else value)
        return body

    def _indexes_below(self, container: str | None) -> tuple[int, ...] | None:
        """Return the indexes of the values that bring in an optional object; None for one that is always there."""
        if container is None:
            return None
        return tuple(index for index, field in enumerate(self._fields) if field.path.startswith(container + "."))

    def _path(self, values: Sequence[Any]) -> str:
        path = self._operation.path
        for field, value in zip(self._fields, values, strict=True):
            if field.in_path:
                path = path.replace("{" + field.path + "}", quote(value, safe=""))
        return path

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


def _put(body: dict[str, Any], parts: Sequence[str], value: Any) -> None:
    for part in parts[:-1]:
        body = body.setdefault(part, {})
    body[parts[-1]] = value
