"""The interface of a journal: the memory of every run and of every delivery.

SQLite implements it for one machine, PostgreSQL for several: liveness of runs, transactions and the place of the data
are all behind ``Journal``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from importer.model.delivery import NO_EVIDENCE, Delivery, Evidence, LookedUp
from importer.model.status import Status

if TYPE_CHECKING:
    import polars as pl


INTERRUPTED_MESSAGE = "the process ended before the answer was recorded; it may or may not have been applied"

PLAN = "plan.json"  # the file of a run's folder that is written last: with it, the others are all there


class State(StrEnum):
    """The state of a delivery in the journal."""

    INTENDED = "intended"  # its request may be on the way
    CONFIRMED = "confirmed"  # the vendor applied it and gave an id
    REFUSED = "refused"  # the vendor refused it: not applied
    UNCERTAIN = "uncertain"  # it may have been applied; never sent again by itself
    RELEASED = "released"  # certainly not applied; free to be sent


class RunState(StrEnum):
    """The state of a run in the journal."""

    RUNNING = "running"  # its owner is sending, or died without a word
    INTERRUPTED = "interrupted"  # a person, or the death of its process, ended it; it can be resumed
    STOPPED = "stopped"  # it stopped itself; it can be resumed
    FINISHED = "finished"  # every row was attempted
    UNDONE = "undone"  # contacts that it created were deleted


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
    """A claim's answer, with the evidence of the delivery that blocks it (of run ``run``, row ``row``).

    ``run`` of a granted claim names the run of the first try, if that try may have been applied.
    """

    claim: Claim
    run: str = ""
    row: int = 0
    evidence: Evidence = NO_EVIDENCE


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a delivery, or its return to the free ones (``State.RELEASED``)."""

    state: State
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class StatusLine:
    """The status line of an answer whose body is still to come. ``sent_at`` is in Unix seconds."""

    http_status: int
    sent_at: float


@dataclass(frozen=True, slots=True)
class UncertainDelivery:
    """A delivery that the vendor may or may not have applied. ``delivery`` has no request, only the key.

    Times are Unix seconds: it may have been applied between ``intended_at`` and ``settled_at``;
    ``first_lookup_at`` is when the vendor was first asked and had no such contact.
    """

    delivery: Delivery
    intended_at: float
    settled_at: float
    first_lookup_at: float | None
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class WriteBatch:
    """Everything to write in one transaction. Claims come last: they see what the others have written."""

    settlements: Sequence[tuple[Delivery, Settlement]] = ()
    status_lines: Sequence[tuple[Delivery, StatusLine]] = ()
    claims: Sequence[Delivery] = ()
    lookups: Sequence[LookedUp] = ()


@dataclass(frozen=True, slots=True)
class RunRecord:
    """A run as the journal remembers it; ``runs --json`` shows all of it.

    ``contract`` is the digest of the vendor's document, ``host`` and ``pid`` are its owner's. Times are Unix seconds.
    """

    id: str
    file_name: str
    file_sha256: str
    vendor: str
    operation: str
    target: str
    contract: str
    output: str
    options: dict[str, Any] = field(default_factory=dict)
    state: str = RunState.RUNNING
    rows: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    host: str = ""
    pid: int = 0
    started: float = 0.0
    heartbeat: float = 0.0
    ended: float | None = None


class RateStore(Protocol):
    """A small text for each target, which the runs that send there change in turn: the rate that they share.

    Used by one thread at a time. Failures raise JournalError, and leave the text as it was.
    """

    def update(self, target: str, change: Callable[[str | None, float], str]) -> None:
        """Replace the document of a target by what ``change`` makes of it, in one transaction.

        ``change`` is handed the document (None if there is none) and the time, in Unix seconds of the one clock that
        all runs see. It may be called again when the transaction is repeated. Nothing needs to survive a power cut.
        """

    def close(self) -> None:
        """Close the connection, if one was opened."""


class Journal(Protocol):
    """The operations of a journal. Failures raise JournalError.

    Each is a transaction of its own. An instance is used by one thread at a time; ``reconnect`` gives another thread
    its own.
    """

    @property
    def place(self) -> str:
        """Where the journal is, for people: a folder or a server; never a password."""

    def reconnect(self) -> Journal:
        """Return another connection to the same journal, which the caller closes."""

    def close(self) -> None:
        """Close the connection. Release the runs that this instance owns before."""

    def rate_store(self) -> RateStore:
        """Return a store of the rates that the runs of this journal share. It connects when it is first used."""

    def acquire_run(self, run: str) -> bool:
        """Become the owner of a run; False while a live process owns it. Ownership ends with the process."""

    def release_run(self, run: str) -> None:
        """Give up the ownership of a run."""

    def is_owned(self, run: str) -> bool:
        """Return True while a live process, this one included, owns the run, as far as this machine can see locks."""

    def is_alive(self, run: RunRecord) -> bool:
        """Return True while the owner of the run is alive, as far as this machine can know."""

    def start_run(self, run: RunRecord) -> None:
        """Record a run before it sends anything, or once more when it is resumed.

        Raises JournalError when the id is another run's: of one resumed, target, file and ``started`` are the same.
        """

    def end_run(self, run: str, state: RunState, rows: int, counts: dict[str, int]) -> None:
        """Record the end of a run."""

    def reject_replaced(self) -> None:
        """Raise JournalError when what is written goes with the process, because the journal was deleted."""

    def reserve_space(self, run: str) -> None:
        """Make room for answers that come when the disk is full. Raises JournalError when it is full now."""

    def save_in_reserve(self, run: RunRecord, lost: Sequence[tuple[Delivery, Settlement]]) -> None:
        """Keep settlements that could not be written in the reserved space."""

    def restore_reserve(self, run: RunRecord) -> None:
        """Write what was kept in the reserved space, as far as the deliveries are not settled otherwise since."""

    def record_heartbeat(self, run: str) -> None:
        """Record that the owner of a run is alive now."""

    def set_output(self, run: str, output: str) -> None:
        """Record that the reports of a run are in another folder now."""

    def list_runs(self) -> list[RunRecord]:
        """Return every run, the latest first."""

    def mark_intents_uncertain(self, run: str) -> int:
        """Mark as uncertain what a dead run left intended; return how many deliveries that were."""

    def commit_batch(self, run: RunRecord, batch: WriteBatch) -> list[Answer]:
        """Write a batch, waiting for other processes; return the answers to its claims, in order.

        On return, everything is on disk.
        """

    def has_other_deliveries(self, run: RunRecord) -> bool:
        """Return True when other runs may have sent something to the run's target with its operation."""

    def preview_claims(self, run: RunRecord, wanted: Sequence[Delivery]) -> list[Answer]:
        """Return the answers that ``commit_batch`` would give to these claims, without granting any."""

    def stored_digest(self, digest: bytes) -> bytes:
        """Return the fingerprint or identity of a delivery as ``list_uncertain`` returns it."""

    def list_uncertain(self, run: str, operation: str) -> list[UncertainDelivery]:
        """Return the uncertain deliveries of a run, by row, with their digests as the journal keeps them."""

    def record_first_lookup(self, run: RunRecord, delivery: Delivery, at: float) -> None:
        """Record when the vendor was first asked for an uncertain delivery's contact and had none."""

    def find_vendor_ids(self, run: RunRecord, identity: bytes) -> frozenset[str]:
        """Return the ids of this contact in confirmed deliveries to the run's target."""

    def list_lookups(self, run: str) -> dict[int, LookedUp]:
        """Return what the vendor had of the rows that a run looked up, by row: the latest look-up of each."""

    def list_results(self, run: str, operation: str, confirmed: Status) -> Iterator[pl.DataFrame]:
        """Return the results of a run's settled rows, by row, in tables of ``RESULT_SCHEMA`` of bounded length.

        ``confirmed`` is the status of a confirmed row. Rows that could not be sent are ``failed``.
        """

    def release_deleted(self, run: RunRecord, rows: Sequence[int]) -> None:
        """Record that the contacts of these rows of a run are deleted: creating them counts as done no longer.

        That holds for every confirmed delivery of these contacts, also those of other runs.
        """

    def release_rows(self, run: RunRecord, rows: Sequence[int]) -> None:
        """Record that what this run confirmed for these rows, with its operation, no longer holds at the vendor."""

    def count_attempts(self, run: str) -> int:
        """Return the number of requests known of for the rows of a run, those of killed processes included."""

    def erase_vendor_texts(self, run: str) -> None:
        """Erase what the vendor wrote about a run's rows, and showed of their contacts: it is personal data.

        That they were sent stays known.
        """

    def check_integrity(self) -> str:
        """Return the damage to the database as text; empty when there is none."""

    def save_run_files(self, run: str, folder: Path) -> None:
        """Store the rows and the plan of a run where other machines find them, before anything is sent."""

    def load_run_files(self, run: str, folder: Path) -> bool:
        """Bring the rows and the plan of a run into its folder on this machine; False when they are nowhere else."""

    def remove_run_files(self, run: str) -> None:
        """Delete what ``save_run_files`` stored."""

    def runs_with_files(self) -> frozenset[str]:
        """Return the runs of which ``load_run_files`` finds files."""


@runtime_checkable
class LocalJournal(Journal, Protocol):
    """A journal whose statements take microseconds, so that only waiting and the disk are left to a thread."""

    def begin_transaction(self, *, wait: bool) -> bool:
        """Begin a transaction; False when another process is writing and ``wait`` is false."""

    def write_batch(self, run: RunRecord, batch: WriteBatch) -> list[Answer]:
        """Write into the open transaction; return the answers to the claims, in order. A failure undoes it all."""

    def commit_transaction(self) -> None:
        """Commit: on return, everything written is on disk. A failure undoes it all."""
