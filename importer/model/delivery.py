"""A delivery, the outcome of an attempt to send it, and the result of its row.

``Evidence`` is all that is known of how a delivery ended. Journal and result log store the same evidence;
``encode_field_errors`` and ``encode_notices`` are the only form of its lists on disk. ``result_table`` has the schema.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from importer.model.status import Status


class Verdict(StrEnum):
    """The proof that one attempt gives."""

    CONFIRMED = "confirmed"  # applied; the id is known
    REFUSED = "refused"  # not applied, and the same request would be refused again
    NOT_SENT = "not_sent"  # never left, so certainly not applied; may be tried again
    THROTTLED = "throttled"  # refused for now; may be tried again after a pause
    UNCERTAIN = "uncertain"  # may or may not have been applied
    BLOCKED = "blocked"  # not applied: something in front of the API answered, not the API
    STOP = "stop"  # not applied, and no other row would fare better: the run stops


@dataclass(frozen=True, slots=True)
class FieldError:
    """A vendor's complaint about one field, in the vendor's words."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """The conclusion from one attempt. ``retry_after`` is in seconds.

    ``is_foreign`` marks an answer that is not the API's, such as a firewall's page; ``stops`` ends the run whatever the
    verdict on this row.
    """

    verdict: Verdict
    http_status: int | None = None
    vendor_id: str | None = None
    code: str = ""
    message: str = ""
    field_errors: tuple[FieldError, ...] = ()
    notices: tuple[str, ...] = ()
    retry_after: float | None = None
    is_foreign: bool = False
    stops: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to be applied once, known by (target, operation, fingerprint, occurrence)."""

    row: int
    fingerprint: bytes
    identity: bytes | None
    occurrence: int
    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What the vendor had of a row's contact when it was looked up, at ``at`` (Unix seconds).

    ``ids`` are those of all contacts like it. Of exactly one, ``values`` are its values, by field path, as far as the
    vendor shows the fields.
    """

    row: int
    ids: tuple[str, ...]
    values: Mapping[str, Any]
    at: float


def encode_lookup(found: LookedUp) -> tuple[str, str]:
    """Return the ids and the values of a look-up as JSON."""
    return json.dumps(found.ids), json.dumps(found.values)


def decode_lookup(row: int, ids: str, values: str, at: float) -> LookedUp:
    """Return the look-up that ``encode_lookup`` wrote."""
    return LookedUp(row, tuple(json.loads(ids)), json.loads(values), at)


LOOKUP_TEMPLATE = "{}; asked, {}"  # message, result of the last look-up


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known of how a delivery ended.

    ``sent_at`` is the time of the last attempt, in Unix seconds. ``notices`` are the vendor's remarks on a contact
    that it accepted. ``lookup_message`` is the result of the last look-up of an uncertain delivery at the vendor.
    """

    vendor_id: str | None = None
    http_status: int | None = None
    attempts: int = 0
    code: str = ""
    message: str = ""
    sent_at: float | None = None
    field_errors: tuple[FieldError, ...] = ()
    notices: tuple[str, ...] = ()
    lookup_message: str = ""

    @property
    def full_message(self) -> str:
        """The message, with the result of the last look-up where there was one."""
        return LOOKUP_TEMPLATE.format(self.message, self.lookup_message) if self.lookup_message else self.message


NO_EVIDENCE = Evidence()


@dataclass(frozen=True, slots=True)
class RowResult:
    """The end of one row that was offered for sending.

    ``created_by`` is the run and the row that created the contact of a changed row.
    """

    row: int
    status: Status
    evidence: Evidence = NO_EVIDENCE
    created_by: tuple[str, int] | None = None


def encode_field_errors(errors: tuple[FieldError, ...]) -> str | None:
    """Return field errors as JSON, a list of objects; None when there are none."""
    return json.dumps([{"field": error.field, "message": error.message} for error in errors]) if errors else None


def decode_field_errors(text: str | None) -> tuple[FieldError, ...]:
    """Return the field errors that ``encode_field_errors`` wrote."""
    return tuple(FieldError(**entry) for entry in json.loads(text)) if text else ()


def encode_notices(notices: tuple[str, ...]) -> str | None:
    """Return notices as JSON, a list of strings; None when there are none."""
    return json.dumps(notices) if notices else None


def decode_notices(text: str | None) -> tuple[str, ...]:
    """Return the notices that ``encode_notices`` wrote."""
    return tuple(json.loads(text)) if text else ()
