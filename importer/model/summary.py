"""The summary of a run: what summary.json holds and what a caller gets back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from importer.model.comparison import Comparison
from importer.model.problem import Severity
from importer.model.status import Status
from importer.settings import AnsweredQuestion

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(slots=True)
class Requests:
    """How many requests left, how many of them were second and later tries, and how many 429s came back.

    ``looked_up`` is how many of them were look-ups.
    """

    sent: int = 0
    retried: int = 0
    throttled: int = 0
    looked_up: int = 0


@dataclass(frozen=True, slots=True)
class SharedValue:
    """A text that several cells have with the same problem: how many, and the first of their rows."""

    value: str
    message: str
    count: int
    rows: tuple[int, ...]


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
    shared: tuple[SharedValue, ...] = ()
    """The texts that several of these cells have, the most frequent first."""
    others: tuple[tuple[int, str, str], ...] = ()
    """The first of the other cells, as in ``samples``."""

    @property
    def unshown(self) -> int:
        """How many cells are neither in ``shared`` nor in ``others``."""
        return self.count - sum(entry.count for entry in self.shared) - len(self.others)

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
class UncertainRow:
    """An uncertain row: when its last attempt left (Unix seconds), which it was, and the status line, if one came."""

    row: int
    sent_at: float | None
    attempts: int
    http_status: int | None
    message: str
    code: str = ""
    contact: str = ""
    """Its name and e-mail address, as the file has them. Not in summary.json, which may be sent to a webhook."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What summary.json holds, and what a caller gets back."""

    run: str
    """The id of the run."""
    vendor: str
    operation: str
    target: str | None
    """The address, with a digest of the key; None for a check."""
    input: Mapping[str, Any]
    """The file: ``path``, ``sha256``, ``sheet``, ``encoding``, ``delimiter``, ``rows``."""
    counts: Mapping[Status, int]
    """How many rows ended in each status; they add up to ``rows``."""
    problems: Mapping[str, int]
    """How many problems there are of each code."""
    warnings: Mapping[str, int]
    """How many warnings there are of each code."""
    requests: Requests
    seconds: Mapping[str, float]
    """The seconds of each stage, and in total."""
    exit_code: int
    outputs: Mapping[str, Path]
    """The paths of the reports, by kind: ``result``, ``errors``, ``workbook``, ``report``, ``summary``."""
    stopped: str = ""
    """The reason why the run stopped early, if it did."""
    skipped: Mapping[str, int] = field(default_factory=dict)
    """How many rows are skipped for each reason."""
    found_no_api: bool = False
    """It stopped because no API answered at the address, which a resume would keep."""
    unsent: str = ""
    """Of rows to fix, what of their file has not been sent."""
    mapping: Mapping[str, str] = field(default_factory=dict)
    unused_columns: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[AnsweredQuestion, ...] = ()
    changes: Mapping[str, int] = field(default_factory=dict)
    """How many values each kind of cleaning changed."""
    changed: tuple[str, ...] = ()
    """An example of each kind, in words."""
    examples: tuple[Example, ...] = ()
    uncertain_rows: tuple[UncertainRow, ...] = ()
    """The first uncertain rows, at most ``reporting.counts.MOST_UNCERTAIN_ROWS``."""

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

    practice: bool = False
    """It went to a practice copy on this machine."""
    match: Mapping[str, Any] = field(default_factory=dict)
    """How rows were matched with the vendor's contacts; empty if they were not."""
    comparison: Comparison | None = None
    """Of a check against the vendor: the differences."""
    can_ask: bool = True
    """The vendor documents how it can be asked about uncertain rows."""

    @property
    def rows(self) -> int:
        """Rows of the file that are not blank."""
        return int(self.input["rows"])
