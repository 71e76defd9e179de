"""Looks up a contact that may or may not have been created: the request, and what its answer proves.

*Created* takes exactly one contact that has the row's identity and no field with another value than was sent (as far as
the vendor shows it), was created while the request was under way, and is not known to belong to another row. *Absent*
takes a list without any contact of that identity. Everything between the two stays uncertain, and the message says why:
a wrong "created" would lose a row, and a wrong "absent" would create a contact twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from schemas.contract import Field, Lookup, Operation
from schemas.json_pointer import get_pointer
from schemas.kind import Kind

# The clocks may differ by this much, and a vendor may apply a request this long after we gave up on it.
EARLY_SECONDS, LATE_SECONDS = 120.0, 300.0
# From here on a number is a time in milliseconds, not in seconds.
EARLIEST_MILLISECONDS = 1e11
MOST_IDS_SHOWN = 3


class Found(StrEnum):
    """The proof that one lookup gives."""

    CREATED = "created"  # the request was applied, and the id is known
    ABSENT = "absent"  # the vendor has no such contact now
    UNSURE = "unsure"  # neither


@dataclass(frozen=True, slots=True)
class Question:
    """An uncertain row: the values it was sent with by field path, the Unix times, and the ids of other rows."""

    row: int
    values: Mapping[str, Any]
    started: float
    ended: float
    other_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class LookupResult:
    """The result of one lookup: what it proves, the contact's id if it was created, and a message."""

    found: Found
    vendor_id: str | None = None
    message: str = ""


def lookup_url(lookup: Lookup, values: Mapping[str, Any]) -> str | None:
    """Return the path and query that look up a row, or None if the row lacks the values for it."""
    query = []
    for name, paths in lookup.query:
        text = next((str(values[path]) for path in paths if values.get(path)), None)
        if text is None:
            return None
        query.append((name, text))
    return f"{lookup.path}?{urlencode([*query, *lookup.constants])}"


def judge_lookup(status: int | None, content: bytes, operation: Operation, question: Question) -> LookupResult:
    """Return what the answer to a lookup proves."""
    lookup = operation.lookup
    if lookup is None or status is None or not 200 <= status < 300:
        return LookupResult(Found.UNSURE, message=f"the vendor could not be asked (answered {status or 'nothing'})")
    try:
        body = json.loads(content)
    except ValueError:
        return LookupResult(Found.UNSURE, message="the vendor's answer to the question is not JSON")
    entries = list_entries(body, lookup)
    if entries is None:
        return LookupResult(Found.UNSURE, message="the vendor's answer to the question holds no list of contacts")
    return _judge_entries(entries, lookup, operation, question)


def list_entries(body: Any, lookup: Lookup) -> list[dict[str, Any]] | None:
    """Return the contacts in the answer to a look-up; None if there is no list of objects."""
    places = (get_pointer(body, pointer) for pointer in lookup.found)
    entries = next((place for place in places if isinstance(place, list)), None)
    return entries if entries is not None and all(isinstance(entry, dict) for entry in entries) else None


def has_same_value(field: Field | None, sent: Any, shown: Any) -> bool:
    """Compare a sent value with the vendor's, leniently: vendors normalise case, phone numbers and times."""
    if isinstance(sent, list):
        shown_list = shown if isinstance(shown, list) else [shown]
        return [str(text).casefold() for text in sent] == [str(text).casefold() for text in shown_list]
    if isinstance(sent, int | float) and isinstance(shown, int | float):
        return sent == shown
    if field is not None and field.kind is Kind.PHONE:
        return _digits(sent) == _digits(shown)
    if field is not None and field.kind is Kind.DATE_TIME:
        sent_time, shown_time = _unix_seconds(sent), _unix_seconds(shown)
        if sent_time is not None and shown_time is not None:
            return sent_time == shown_time
    return str(sent).strip().casefold() == str(shown).strip().casefold()


def _judge_entries(
    entries: list[dict[str, Any]], lookup: Lookup, operation: Operation, question: Question
) -> LookupResult:
    """Judge the listed contacts, by exclusion: identity, other rows, time, number, values, id."""
    same = [entry for entry in entries if _has_identity(entry, operation, question)]
    same = [entry for entry in same if str(get_pointer(entry, lookup.id)) not in question.other_ids]
    if not same:
        return LookupResult(Found.ABSENT, message="the vendor has no contact like it")
    in_time = [entry for entry in same if _is_in_time(get_pointer(entry, lookup.created), question)]
    if not in_time:
        message = f"the vendor has this contact ({_ids(same, lookup)}), but not from when this was sent"
        return LookupResult(Found.UNSURE, message=message)
    if len(in_time) > 1:
        message = f"the vendor has {len(in_time)} such contacts ({_ids(in_time, lookup)})"
        return LookupResult(Found.UNSURE, message=message)
    differing = _differing_fields(in_time[0], operation, question)
    if differing:
        message = f"the vendor has this contact ({_ids(in_time, lookup)}), but with another {', '.join(differing)}"
        return LookupResult(Found.UNSURE, message=message)
    vendor_id = get_pointer(in_time[0], lookup.id)
    if vendor_id is None or vendor_id == "":
        return LookupResult(Found.UNSURE, message="the vendor shows this contact without its id")
    return LookupResult(Found.CREATED, str(vendor_id), "the vendor was asked, and has it")


def _has_identity(entry: Mapping[str, Any], operation: Operation, question: Question) -> bool:
    """Return True if the entry shows some field of the row's identity, and every one it shows is equal."""
    for group in operation.identity:
        if all(question.values.get(path) for path in group):
            shown = [path for path in group if _field_value(entry, path) is not None]
            return bool(shown) and all(_is_equal(path, entry, operation, question) for path in shown)
    return False


def _differing_fields(entry: Mapping[str, Any], operation: Operation, question: Question) -> list[str]:
    """Return the sent fields that the vendor shows with other values."""
    return [
        path
        for path, value in question.values.items()
        if value is not None
        and _field_value(entry, path) is not None
        and not _is_equal(path, entry, operation, question)
    ]


def _is_equal(path: str, entry: Mapping[str, Any], operation: Operation, question: Question) -> bool:
    return has_same_value(operation.field(path), question.values[path], _field_value(entry, path))


def _field_value(entry: Mapping[str, Any], path: str) -> Any:
    value: Any = entry
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _is_in_time(created: Any, question: Question) -> bool:
    created_at = _unix_seconds(created)
    return created_at is not None and question.started - EARLY_SECONDS <= created_at <= question.ended + LATE_SECONDS


def _unix_seconds(value: Any) -> float | None:
    """Return the Unix time of a number (seconds or milliseconds) or an ISO date and time, which is UTC by default."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000 if value >= EARLIEST_MILLISECONDS else float(value)
    try:
        date = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()


def _digits(value: Any) -> str:
    return "".join(char for char in str(value) if char.isdigit())


def _ids(entries: Iterable[Mapping[str, Any]], lookup: Lookup) -> str:
    return ", ".join(str(get_pointer(entry, lookup.id)) for entry in list(entries)[:MOST_IDS_SHOWN])
