"""The interface of a journal, so that a server database can stand in SQLite's place for several machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from importer.model.delivery import NOTHING_KNOWN, Delivery, Evidence


class State(StrEnum):
    """What the journal knows of a delivery."""

    INTENDED = "intended"  # its request may be on the way
    CONFIRMED = "confirmed"  # the vendor applied it and gave an id
    REFUSED = "refused"  # the vendor refused it: not applied
    UNCERTAIN = "uncertain"  # it may have been applied; never sent again by itself
    RELEASED = "released"  # certainly not applied; free to be sent


class Claim(StrEnum):
    """The answer to "may I send this?"."""

    GRANTED = "granted"  # the intent is on disk: send it
    CONFIRMED = "confirmed"  # it was confirmed before
    CHANGED = "changed"  # its contact was confirmed in an earlier run, with other values
    UNCERTAIN = "uncertain"  # it, or its contact with other values, may have been applied before
    REFUSED = "refused"  # this same run has had it refused
    BUSY = "busy"  # another live run is sending it now


@dataclass(frozen=True, slots=True)
class Answer:
    """A claim's answer, with what is known of the delivery that stands in the way (of run ``run``, row ``row``).

    Of a granted one, ``run`` names the run of the first try, where that may have been applied.
    """

    claim: Claim
    run: str = ""
    row: int = 0
    evidence: Evidence = NOTHING_KNOWN


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a delivery ended, or that it is free again (``State.RELEASED``)."""

    state: State
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Note:
    """The status line of an answer whose body is still to come."""

    http_status: int
    sent_at: float


@dataclass(frozen=True, slots=True)
class UncertainDelivery:
    """A delivery of which nobody knows whether it was applied; when it may have been, and when the vendor was asked.

    Times are Unix seconds.
    """

    row: int
    fingerprint: bytes
    occurrence: int
    identity: bytes | None
    intended_at: float
    settled_at: float
    looked_at: float | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Work:
    """What has come together since the last commit. Claims come last: they see what the others have written."""

    settlements: Sequence[tuple[Delivery, Settlement]] = ()
    notes: Sequence[tuple[Delivery, Note]] = ()
    claims: Sequence[Delivery] = ()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the journal remembers it."""

    id: str
    file_name: str
    file_sha256: str
    vendor: str
    operation: str
    target: str
    contract: str
    output: str
    options: dict[str, Any] = field(default_factory=dict)
    state: str = "running"
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    host: str = ""
    pid: int = 0
    started: float = 0.0
    heartbeat: float = 0.0
    ended: float | None = None


class Journal(Protocol):
    """The verbs of a journal; failures raise JournalError. All but begin, write and commit are one transaction each."""

    def begin_run(self, run: RunRecord) -> None:
        """Remember a run before it sends anything."""

    def end_run(self, run: str, state: str, rows: int, counts: dict[str, int]) -> None:
        """Remember how a run ended."""

    def beat(self, run: str) -> None:
        """Say that the run's owner is alive."""

    def runs(self) -> list[RunRecord]:
        """Every run, the latest first."""

    def give_up_intents(self, run: str) -> int:
        """Mark what a dead run left ``intended`` as ``uncertain``; how many there were."""

    def begin(self, *, wait: bool) -> bool:
        """Begin a transaction; False when another process is writing and this one is not to wait for it."""

    def write(self, run: RunRecord, work: Work) -> list[Answer]:
        """Write into the transaction; the answers to the claims, in their order. A failure ends the transaction."""

    def commit(self) -> None:
        """End the transaction: what was written is on disk. A failure undoes it all."""

    def apply(self, run: RunRecord, work: Work) -> list[Answer]:
        """A transaction of its own: begin, waiting for others, write, commit."""

    def peek(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """What ``write`` would answer to these claims, without granting any."""

    def doubts(self, run: str, operation: str) -> list[UncertainDelivery]:
        """The uncertain deliveries of a run, by row."""

    def looked(self, run: RunRecord, delivery: Delivery, at: float) -> None:
        """Remember when the vendor was first asked for an uncertain delivery's contact and had none."""

    def ids_of(self, run: RunRecord, identity: bytes) -> frozenset[str]:
        """The ids of this contact that are known from confirmed deliveries to the run's target."""

    def settled(self, run: str, operation: str) -> Iterator[list[tuple[Any, ...]]]:
        """What a run has settled, and what could not be sent ("released").

        Lists of (row, state, vendor id, status, attempts, code, message, sent, detail).
        """

    def move_output(self, run: str, output: str) -> None:
        """Remember that the reports of a run are in another folder now."""

    def attempts(self, run: str) -> int:
        """How many requests are known of for the rows of a run: those of a process that was killed, too."""

    def forget_words(self, run: str) -> None:
        """Forget what the vendor said of a run's rows: it may quote them. That they were sent stays known."""

    def integrity(self) -> str:
        """What is wrong with the database; empty when nothing is."""

    def close(self) -> None:
        """Let go of the database."""
