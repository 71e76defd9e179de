"""Asking a vendor for a contact that may or may not have been made: one request, and what its answer proves.

Found means: exactly one contact has the identity and every field that was sent, as far as the vendor shows them, was
made while the request was under way, and is not known to have come from another row. Absent means: no contact has the
identity at all. Everything between the two stays in doubt, and says why.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from importer.sending.outcome import look_up
from schemas.contract import Kind, Lookup, Operation

EARLY_SECONDS, LATE_SECONDS = 120.0, 300.0
"""How far a vendor's clock and ours may be apart, and how long after we gave up it may still have applied."""


class Found(StrEnum):
    """What one look proves."""

    MADE = "made"  # it was applied; the id is known
    ABSENT = "absent"  # the vendor has no such contact now
    UNSURE = "unsure"  # neither


@dataclass(frozen=True, slots=True)
class Question:
    """A row in doubt: the values it was sent with by field path, when, and the ids that are other rows' contacts."""

    row: int
    values: Mapping[str, Any]
    begun: float
    ended: float
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look found."""

    found: Found
    vendor_id: str | None = None
    message: str = ""


def address(lookup: Lookup, values: Mapping[str, Any]) -> str | None:
    """The path and query that ask for a row; None when it has nothing to ask with."""
    query = []
    for name, paths in lookup.query:
        text = next((str(values[path]) for path in paths if values.get(path)), None)
        if text is None:
            return None
        query.append((name, text))
    return f"{lookup.path}?{urlencode([*query, *lookup.constants])}"


def judge_lookup(status: int | None, content: bytes, operation: Operation, question: Question) -> Finding:
    """What an answer to a look proves."""
    lookup = operation.lookup
    if lookup is None or status is None or not 200 <= status < 300:
        return Finding(Found.UNSURE, message=f"the vendor could not be asked (answered {status or 'nothing'})")
    try:
        body = json.loads(content)
    except ValueError:
        return Finding(Found.UNSURE, message="the vendor's answer to the question is not JSON")
    places = (look_up(body, place) if place else body for place in lookup.found)
    entries = next((place for place in places if isinstance(place, list)), None)
    if entries is None:
        return Finding(Found.UNSURE, message="the vendor's answer to the question holds no list of contacts")
    return _judge_entries([entry for entry in entries if isinstance(entry, dict)], lookup, operation, question)


def _judge_entries(entries: list[dict[str, Any]], lookup: Lookup, operation: Operation, question: Question) -> Finding:
    same = [entry for entry in entries if _same_contact(entry, operation, question)]
    same = [entry for entry in same if str(look_up(entry, lookup.id)) not in question.taken]
    if not same:
        return Finding(Found.ABSENT, message="the vendor has no contact like it")
    inside = [entry for entry in same if _made_between(look_up(entry, lookup.created), question)]
    if not inside:
        ids = _ids(same, lookup)
        return Finding(Found.UNSURE, message=f"the vendor has this contact ({ids}), but not from when this was sent")
    differing = [(entry, _differing(entry, operation, question)) for entry in inside]
    exact = [entry for entry, fields in differing if not fields]
    if len(exact) == 1 and len(inside) == 1:
        found = look_up(exact[0], lookup.id)
        if found is None or found == "":
            return Finding(Found.UNSURE, message="the vendor shows this contact without its id")
        return Finding(Found.MADE, str(found), "the vendor was asked, and has it")
    if len(inside) > 1:
        return Finding(Found.UNSURE, message=f"the vendor has {len(inside)} such contacts ({_ids(inside, lookup)})")
    fields = ", ".join(differing[0][1])
    return Finding(
        Found.UNSURE, message=f"the vendor has this contact ({_ids(inside, lookup)}), but with another {fields}"
    )


def _same_contact(entry: Mapping[str, Any], operation: Operation, question: Question) -> bool:
    """Whether the entry has the identity of the row, in what the vendor shows of it."""
    for group in operation.identity:
        if all(question.values.get(path) for path in group):
            shown = [path for path in group if _at(entry, path) is not None]
            return bool(shown) and all(_equal(path, entry, operation, question) for path in shown)
    return False


def _differing(entry: Mapping[str, Any], operation: Operation, question: Question) -> list[str]:
    """The sent fields that the vendor shows with other values."""
    return [
        path
        for path, value in question.values.items()
        if value is not None and _at(entry, path) is not None and not _equal(path, entry, operation, question)
    ]


def _equal(path: str, entry: Mapping[str, Any], operation: Operation, question: Question) -> bool:
    ours, theirs = question.values[path], _at(entry, path)
    field = operation.field(path)
    if isinstance(ours, list):
        shown = theirs if isinstance(theirs, list) else [theirs]
        return [str(text).casefold() for text in ours] == [str(text).casefold() for text in shown]
    if field is not None and field.kind is Kind.PHONE:
        return _digits(ours) == _digits(theirs)
    moments = (_moment(ours), _moment(theirs)) if field is not None and field.kind is Kind.DATE_TIME else (None, None)
    if None not in moments:
        return moments[0] == moments[1]
    return str(ours).strip().casefold() == str(theirs).strip().casefold()


def _at(entry: Mapping[str, Any], path: str) -> Any:
    place: Any = entry
    for part in path.split("."):
        place = place.get(part) if isinstance(place, Mapping) else None
    return place


def _made_between(created: Any, question: Question) -> bool:
    moment = _moment(created)
    return moment is not None and question.begun - EARLY_SECONDS <= moment <= question.ended + LATE_SECONDS


def _moment(value: Any) -> float | None:
    """Unix seconds of a number (seconds, or milliseconds) or of an ISO date and time."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / 1000 if value >= 1e11 else float(value)
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _digits(value: Any) -> str:
    return "".join(char for char in str(value) if char.isdigit())


def _ids(entries: Iterable[Mapping[str, Any]], lookup: Lookup) -> str:
    return ", ".join(str(look_up(entry, lookup.id)) for entry in list(entries)[:3])
