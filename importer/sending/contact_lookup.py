"""Looks up the contacts that a vendor has of a row, before anything is sent: the request, and what its answer holds.

A contact is like a row when the fields to match by are equal, as far as the vendor shows them; vendors search loosely,
so that a list may hold others, too. An answer that may not show all of them counts as no answer, unless the contacts
that it shows are too many already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from importer.model.delivery import LookedUp, Outcome, Verdict
from importer.sending.http_client import Exchange
from importer.sending.lookup import has_same_value, list_entries
from importer.sending.outcome import id_text, judge
from importer.sending.payload import find_part
from schemas.contract import Lookup, Operation
from schemas.json_pointer import get_pointer

LOOKUP_FAILED = "lookup_failed"
SEVERAL = 2


class ContactLookup:
    """The look-ups of one operation's rows, by the first of ``groups`` of which a row has every field."""

    def __init__(self, operation: Operation, lookup: Lookup, groups: tuple[tuple[str, ...], ...]) -> None:
        self._operation = operation
        self._lookup = lookup
        self._groups = groups

    def group_of(self, values: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the fields by which a row is matched; none if it lacks the values."""
        return next((group for group in self._groups if all(values.get(path) for path in group)), ())

    def path(self, values: Mapping[str, Any]) -> str | None:
        """Return the path and query that look up a row, or None if the row lacks the values for it."""
        query = self._query(values)
        return f"{self._lookup.path}?{urlencode([*query, *self._lookup.constants])}" if query else None

    def _query(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return the parameters with their values; none if the row lacks one of them."""
        asked = self._asked(values)
        return [(name, str(values[path])) for name, path in asked] if len(asked) == len(self._lookup.query) else []

    def _asked(self, values: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Return the parameters with the fields that give their values."""
        group, asked = self.group_of(values), []
        for name, paths in self._lookup.query if group else ():
            of_group = [path for path in paths if path in group] or paths
            asked += [(name, path) for path in of_group if values.get(path)][:1]
        return asked

    def read(
        self, exchange: Exchange, row: int, values: Mapping[str, Any], *, now: float, secret: str | None
    ) -> LookedUp | Outcome:
        """Return what the vendor has of a row; an outcome where the answer does not tell. ``now`` is in Unix seconds.

        A look-up applies nothing, so the outcome is never uncertain.
        """
        if exchange.status is None or not 200 <= exchange.status < 300 or exchange.failure is not None:
            return _failed(judge(exchange, self._operation.answers, now=now, secret=secret))
        body = _parse(exchange.body)
        entries = list_entries(body, self._lookup)
        if entries is None:
            return _unreadable(exchange, f"the answer {'is not JSON' if body is None else 'holds no list of contacts'}")
        likeness = [self._is_like(entry, values) for entry in entries]
        if None in likeness:
            return _unreadable(exchange, f"the answer shows contacts without {' and '.join(self.group_of(values))}")
        like = [entry for entry, is_like in zip(entries, likeness, strict=True) if is_like]
        found = dict.fromkeys(id_text(get_pointer(entry, self._lookup.id), secret) for entry in like)
        ids = tuple(vendor_id for vendor_id in found if vendor_id)
        if len(ids) < len(found):
            return _unreadable(exchange, "the answer shows the contact without its id")
        total = get_pointer(body, self._lookup.total) if self._lookup.total else None
        if len(ids) < SEVERAL and isinstance(total, int) and total > len(entries):
            return _unreadable(exchange, f"the answer holds only {len(entries)} of {total} contacts")
        return LookedUp(row, ids, dict(self._shown(like[0], values)) if len(ids) == 1 else {}, now)

    def _is_like(self, entry: Mapping[str, Any], values: Mapping[str, Any]) -> bool | None:
        """Return True if each of the fields to match by that the entry shows is equal; None if it shows none."""
        fields = [field for path in self.group_of(values) if (field := self._operation.field(path))]
        shown = [field for field in fields if _shows(entry, field.parts, self._lookup)]
        if not shown:
            return None
        return all(has_same_value(field, values[field.path], find_part(entry, field.parts)) for field in shown)

    def _shown(self, entry: Mapping[str, Any], values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """Yield the fields that an entry shows, with their values, and those that it was asked for."""
        asked = {path for _, path in self._asked(values)}
        for field in self._operation.body_fields:
            shown = find_part(entry, field.parts)
            if field.open:
                members = shown if isinstance(shown, Mapping) else {}
                yield from ((f"{field.path}.{name}", value) for name, value in members.items())
                if _shows(entry, field.parts, self._lookup):  # what it does not have is empty
                    names = [
                        path.removeprefix(f"{field.path}.") for path in values if path.startswith(f"{field.path}.")
                    ]
                    yield from ((f"{field.path}.{name}", None) for name in names if name not in members)
            elif field.path in asked and shown is None:
                yield field.path, values[field.path]  # the vendor shows only what has this value
            elif _shows(entry, field.parts, self._lookup):
                yield field.path, shown


def _shows(entry: Mapping[str, Any], parts: tuple[str, ...], lookup: Lookup) -> bool:
    """Return True if the absence of a value from an entry means that there is none."""
    above = find_part(entry, parts[:-1])
    return lookup.omits_empty or (isinstance(above, Mapping) and parts[-1] in above)


def _parse(content: bytes) -> Any:
    """Return the JSON value; None for what is none."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return None


def _failed(outcome: Outcome) -> Outcome:
    """Return the outcome of a look-up that failed: what might have been applied by another request was not by this."""
    is_uncertain = outcome.verdict is Verdict.UNCERTAIN
    reason = f"the vendor answered {outcome.http_status or 'nothing'}" if is_uncertain else outcome.message
    is_open = outcome.verdict in (Verdict.THROTTLED, Verdict.STOP, Verdict.BLOCKED)
    return replace(
        outcome,
        verdict=outcome.verdict if is_open else Verdict.NOT_SENT,
        # The vendor refuses this look-up, and would refuse it again.
        code=LOOKUP_FAILED if outcome.verdict is Verdict.REFUSED else outcome.code,
        message=f"the contact could not be looked up ({reason}); nothing was sent",
        field_errors=(),
    )


def _unreadable(exchange: Exchange, defect: str) -> Outcome:
    message = f"the contact could not be looked up ({defect}); nothing was sent"
    return Outcome(Verdict.NOT_SENT, exchange.status, code=LOOKUP_FAILED, message=message)
