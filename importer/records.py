"""The vocabulary: the words every room uses, as data.

A *row* is a record of the file, known by the number a spreadsheet program shows. A *problem* is something a person
should know about a row. A *delivery* is one request that is to be applied once. An *outcome* is what one attempt to
send it taught us. Every row that is not blank ends in exactly one *status*.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal

from importer.errors import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

Severity = Literal["error", "warning"]
Source = Literal["check", "vendor", "delivery"]


class Status(StrEnum):
    """Where a row ends. ``VALID`` exists in a check only."""

    CREATED = "created"  # the vendor confirmed it; its id is known
    UPDATED = "updated"  # the same, for an operation that changes a contact
    ALREADY_DONE = "already_done"  # the same delivery was confirmed in an earlier run; not sent again
    DUPLICATE = "duplicate"  # the same body as an earlier row of this file; not sent
    CHANGED = "changed"  # this contact was confirmed in an earlier run with other values; held back
    INVALID = "invalid"  # breaks the documented contract; never sent
    REJECTED = "rejected"  # the vendor refused this row
    FAILED = "failed"  # certainly not applied, tries exhausted
    UNCERTAIN = "uncertain"  # may or may not have been applied; never sent again by itself
    NOT_ATTEMPTED = "not_attempted"  # the run stopped before it
    VALID = "valid"  # would be sent


RUN_STATUSES = tuple(status for status in Status if status is not Status.VALID)
NEEDS_A_PERSON = (Status.CHANGED, Status.INVALID, Status.REJECTED, Status.FAILED)
"""The statuses whose rows go into errors.xlsx, and that end a run with exit code 3."""


def exit_code(counts: Mapping[Status, int], *, stopped: bool, duplicates_are_errors: bool) -> ExitCode:
    """The exit code that these counts cause (an interrupt, code 130, wins over all of them)."""
    if counts.get(Status.UNCERTAIN):
        return ExitCode.UNCERTAIN
    if stopped or counts.get(Status.NOT_ATTEMPTED):
        return ExitCode.STOPPED
    if any(counts.get(status) for status in NEEDS_A_PERSON):
        return ExitCode.ATTENTION
    if duplicates_are_errors and counts.get(Status.DUPLICATE):
        return ExitCode.ATTENTION
    return ExitCode.DONE


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to know about one cell (or row): where, what, and what to do.

    ``field`` is the field's path and ``column`` the file's column that feeds it; both are empty for a problem of
    the whole row. Severity ``error`` keeps the row back, ``warning`` does not.
    """

    row: int
    column: str
    field: str
    value: str
    severity: Severity
    code: str
    message: str
    hint: str
    source: Source


PROBLEM_COLUMNS = ("row", "column", "field", "value", "severity", "code", "message", "hint", "source")


def column_letters(index: int) -> str:
    """What a spreadsheet program calls a column, counted from 0: ``A``, ``Z``, ``AA``."""
    letters = ""
    while index >= 0:
        index, place = divmod(index, 26)
        letters, index = chr(ord("A") + place) + letters, index - 1
    return letters


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


@dataclass(frozen=True, slots=True)
class Mark:
    """Damage that reading saw: the cell (column None for the whole row), and what is known of it."""

    row: int
    column: int | None
    code: str
    value: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some consecutive rows of a table, blank ones left out.

    ``frame`` has ``row`` (UInt32, the number a spreadsheet shows) and ``c0 … cN``: text, or null where the
    file has nothing.
    """

    frame: pl.DataFrame
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was found out about an input file."""

    path: str
    sha256: str
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    notes: tuple[str, ...] = ()
    bare: bool = False
    """Whether no cell of it needs quotes where commas separate: no quotes, commas or line ends are in any."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text cells. ``batches`` can be called again and reads the file anew."""

    facts: FileFacts
    columns: tuple[str, ...]
    header_row: int
    batches: Callable[[], Iterator[Batch]]


@dataclass(slots=True)
class Requests:
    """How many requests left, how many of them were second and later tries, and how many 429s came back."""

    sent: int = 0
    retried: int = 0
    throttled: int = 0


@dataclass(frozen=True, slots=True)
class Example:
    """A kind of problem, how often it came up, and the first rows that have it, each with its value and message."""

    code: str
    severity: Severity
    count: int
    column: str
    field: str
    hint: str
    samples: tuple[tuple[int, str, str], ...]

    @property
    def row(self) -> int:
        """The first row that has it."""
        return self.samples[0][0]

    @property
    def value(self) -> str:
        """Its value there."""
        return self.samples[0][1]

    @property
    def message(self) -> str:
        """What is said of it there."""
        return self.samples[0][2]


@dataclass(frozen=True, slots=True)
class SentRows:
    """How many rows were sent for the last time in a second (Unix time), by how they ended."""

    second: int
    done: int = 0
    refused: int = 0
    uncertain: int = 0


@dataclass(frozen=True, slots=True)
class Traffic:
    """What left from ``begun`` on (Unix seconds) for ``width`` seconds, and the pace, in requests a second."""

    begun: float
    width: float
    requests: int
    throttled: int
    pace: float


@dataclass(frozen=True, slots=True)
class InDoubt:
    """An uncertain row: when its last attempt left (Unix seconds), which it was, and the status line, if one came."""

    row: int
    sent_at: float | None
    attempts: int
    http_status: int | None
    message: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What summary.json holds, and what a caller gets back."""

    run: str
    vendor: str
    operation: str
    target: str | None
    input: Mapping[str, Any]
    counts: Mapping[Status, int]
    problems: Mapping[str, int]
    warnings: Mapping[str, int]
    requests: Requests
    seconds: Mapping[str, float]
    exit_code: int
    outputs: Mapping[str, Path]
    stopped: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    unused_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    changes: Mapping[str, int] = field(default_factory=dict)
    """How many values each kind of cleaning changed."""
    changed: tuple[str, ...] = ()
    """An example of each kind, in words."""
    examples: tuple[Example, ...] = ()
    in_doubt: tuple[InDoubt, ...] = ()
    """The first uncertain rows, at most ``reporting.counting.MOST_IN_DOUBT``."""

    bodies: tuple[tuple[int, str, str], ...] = ()
    """Of a check the first requests that would be sent: row, method and path, JSON body."""
    title: str = ""
    """The vendor's name as people write it."""
    started: float = 0.0
    ended: float = 0.0
    """When the run began and when its reports were written, in Unix seconds."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """What was chosen for it, where that is not what is usual. Never a key."""
    sent: tuple[SentRows, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    """Of the parts of a run that ended by themselves; of one that was killed there is nothing."""

    @property
    def rows(self) -> int:
        """Rows of the file that are not blank."""
        return int(self.input["rows"])
