"""A delivery, the outcome of an attempt to send it, and the result of its row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from importer.model.status import Status


class Verdict(StrEnum):
    """What one attempt proves."""

    CONFIRMED = "confirmed"  # applied; the id is known
    REFUSED = "refused"  # not applied, and the same request would be refused again
    NOT_SENT = "not_sent"  # never left, so certainly not applied; may be tried again
    THROTTLED = "throttled"  # refused for now; may be tried again after a pause
    UNCERTAIN = "uncertain"  # may or may not have been applied
    STOP = "stop"  # not applied, and no other row would fare better: the run stops


@dataclass(frozen=True, slots=True)
class FieldError:
    """A vendor's complaint about one field, in the vendor's words."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attempt taught us. ``retry_after`` is in seconds; times are Unix seconds."""

    verdict: Verdict
    http_status: int | None = None
    vendor_id: str | None = None
    code: str = ""
    message: str = ""
    field_errors: tuple[FieldError, ...] = ()
    notices: tuple[str, ...] = ()
    retry_after: float | None = None


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
class Evidence:
    """What is known of a delivery: how its last attempt, at ``sent_at`` (Unix seconds), ended."""

    vendor_id: str | None = None
    http_status: int | None = None
    attempts: int = 0
    code: str = ""
    message: str = ""
    sent_at: float | None = None
    field_errors: tuple[FieldError, ...] = ()


NOTHING_KNOWN = Evidence()


@dataclass(frozen=True, slots=True)
class RowResult:
    """How one row that was offered for sending ended."""

    row: int
    status: Status
    evidence: Evidence = NOTHING_KNOWN
    notices: tuple[str, ...] = ()
    like: tuple[str, int] | None = None
    """Of a changed row: the run and the row that made its contact."""
