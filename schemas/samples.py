"""Makes sample rows for an operation from its document: examples first, then what the limits allow."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

import polars as pl

from schemas.contract import Field, Limits, Operation
from schemas.ecma_regex import matches
from schemas.kind import Kind

BY_ROLE = {
    "first_name": ("Ada", "Ben"),
    "last_name": ("Example", "Sample"),
    "full_name": ("Ada Example", "Ben Sample"),
    "email": ("ada@example.com", "ben@example.com"),
    "phone": ("+15555550100", "+15555550101"),
    "birthday": ("1990-02-28", "1991-03-01"),
    "country": ("US", "US"),
    "zip": ("60601", "60602"),
    "state": ("IL", "IL"),
}
BY_KIND = {
    Kind.EMAIL: ("ada@example.com", "ben@example.com"),
    Kind.PHONE: ("+15555550100", "+15555550101"),
    Kind.DATE: ("1990-02-28", "1991-03-01"),
    Kind.DATE_TIME: ("2024-01-15T10:00:00.000Z", "2024-01-16T10:00:00.000Z"),
    Kind.URI: ("https://example.com/ada", "https://example.com/ben"),
    Kind.COUNTRY: ("US", "US"),
}
BY_FORMAT = {"uuid": ("123e4567-e89b-12d3-a456-426614174001", "123e4567-e89b-12d3-a456-426614174002")}
BY_TYPE = {"integer": ("1", "2"), "number": ("1", "2"), "boolean": ("true", "false")}

# For a pattern that the samples above do not fit: the forms that documents ask for most.
COMMON_FORMS = (
    "US", "USA", "USD", "en", "en-US", "IL", "60601", "ada", "Ada", "ada-1", "ADA_1", "ada@example.com", "+15555550100",
    "5555550100", "555-555-0100", "(555) 555-0100", "2024-01-15", "10:00", "10:00:00", "2024-01-15T10:00:00Z",
    "#1a2b3c", "https://example.com", "123e4567-e89b-12d3-a456-426614174001", "1.0", "1,0", "Europe/Paris",
)  # fmt: skip
LONGEST_FILL = 40


def sample_rows(operation: Operation) -> str:
    """Return a CSV file with two rows, whose columns are the required fields and those that play a role."""
    fields = [field for field in operation.fields if (field.required or field.role) and not field.open]
    if not any(not field.in_path for field in fields):
        fields += [field for field in operation.body_fields if not field.open and not field.required_within][:3]
    within = {prefix for field in fields for prefix in _objects_above(field)}
    paths = {field.path for field in fields}
    fields += [
        field
        for field in operation.fields
        if field.required_within and field.path not in paths and not field.open and field.required_within in within
    ]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.path for field in fields])
    writer.writerows([_sample(field, row) for field in fields] for row in (0, 1))
    return text.getvalue()


def _objects_above(field: Field) -> list[str]:
    from schemas.contract import join_path

    return [join_path(field.parts[:size]) for size in range(1, len(field.parts))]


def _sample(field: Field, row: int) -> str:
    is_list = field.type == "array"
    limits, type_ = (field.items or Limits(), field.entry_type) if is_list else (field.limits, field.type)
    count = max(field.limits.min_items or 1, 1) if is_list else 1
    return ";".join(_value(field, limits, type_, row + entry) for entry in range(count))


def _value(field: Field, limits: Limits, type_: str, row: int) -> str:
    if limits.enum:
        return limits.enum[row % len(limits.enum)]
    if type_ in BY_TYPE:
        row %= 2
        low = limits.minimum if limits.minimum is not None else limits.exclusive_minimum
        if limits.multiple_of:
            return f"{limits.multiple_of * (math.ceil((low or 0) / limits.multiple_of) + 1 + row):g}"
        return str(int(low) + 1 + row) if low is not None and type_ != "boolean" else BY_TYPE[type_][row]
    texts = BY_ROLE.get(field.role) or BY_KIND.get(field.kind) or BY_FORMAT.get(limits.format or "")
    text = texts[row % 2] if texts else f"sample {row + 1}"
    if limits.pattern:
        text = next((known for known in _candidates(field, limits, text) if _fits(known, limits)), text)
    text = text.ljust(limits.min_length or 0, "x")
    return text[: limits.max_length] if limits.max_length else text


def _candidates(field: Field, limits: Limits, text: str) -> Iterator[str]:
    if isinstance(field.example, str):
        yield field.example
    yield text
    yield from COMMON_FORMS
    lengths = {limits.min_length, limits.max_length, *range(1, LONGEST_FILL)} - {None}
    yield from (char * length for char in "1Aa0" for length in lengths)


def _fits(text: str, limits: Limits) -> bool:
    holds = pl.select(matches(str(limits.pattern))(pl.lit(text))).item()
    return bool(holds) and (limits.min_length or 0) <= len(text) <= (limits.max_length or len(text))
