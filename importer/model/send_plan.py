"""The rows that a run will send and those that stay behind, before the first one is sent."""

from __future__ import annotations

from dataclasses import dataclass

from importer.model.problem import PROBLEM_KINDS
from importer.model.status import Status


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Rows that stay behind for one reason: their status and, of invalid and skipped ones, the problem's code."""

    count: int
    status: Status
    code: str = ""
    column: str = ""

    @property
    def reason(self) -> str:
        """The reason in English: of the problem where there is one, else of the status."""
        if not self.code:
            return f"{self.status.info.label}: {self.status.info.meaning}"
        kind = PROBLEM_KINDS.get(self.code)
        column = f"{self.column}: " if self.column else ""
        return f"{self.status.info.label}: {column}{kind.title if kind else self.code}"


@dataclass(frozen=True, slots=True)
class SendPlan:
    """The number of rows to send, the vendor's title, its address, and what stays behind, the most frequent first.

    ``lookups`` is how many contacts are looked up first. ``seconds`` is how long that and the sending take at the first
    pace, if every row is sent; 0 where nothing is looked up.
    """

    rows: int
    vendor: str
    address: str
    held: tuple[HeldBack, ...] = ()
    lookups: int = 0
    seconds: float = 0.0
    deletes: bool = False  # the contacts are deleted

    @property
    def lookup_text(self) -> str:
        """What the look-ups and the sending take, such as ``200 look-ups and at most 150 contacts to send: …``."""
        minutes = round(self.seconds / 60)
        takes = f"{minutes:,} minute{'' if minutes == 1 else 's'}" if minutes else f"{self.seconds:.0f} seconds"
        lookups = f"{self.lookups:,} look-up{'' if self.lookups == 1 else 's'}"
        return f"{lookups} and at most {self.rows:,} contacts to send: about {takes} at this pace"

    @property
    def held_rows(self) -> int:
        """How many rows stay behind."""
        return sum(entry.count for entry in self.held)
