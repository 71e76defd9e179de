"""The difference between a file and the contacts that the vendor has, before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Difference(StrEnum):
    """The difference between a row and the vendor's contacts; ``meaning`` continues "N rows:"."""

    meaning: str

    def __new__(cls, name: str, meaning: str = "") -> Self:
        """Make a member whose value is the name alone."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.meaning = meaning
        return member

    CREATE = "create", "the vendor does not have them"
    UPDATE = "update", "the vendor has them with other values"
    EXISTS = "exists", "the vendor has them with these values"
    AMBIGUOUS = "ambiguous", "several contacts or rows may be meant"
    UNKNOWN = "unknown", "could not be looked up"


@dataclass(frozen=True, slots=True)
class ComparedContact:
    """One row that was compared, with the id of the vendor's contact where there is one."""

    row: int
    difference: Difference
    vendor_id: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a contact that differs: the vendor's value and the row's, as texts.

    ``old`` is None where the vendor does not show the field.
    """

    row: int
    vendor_id: str
    field: str
    old: str | None
    new: str | None

    @property
    def old_text(self) -> str:
        """The vendor's value for people."""
        return "(not shown)" if self.old is None else self.old or "(empty)"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every row that was compared, and every field that differs, by row. ``rows`` is how many could be compared."""

    rows: int
    contacts: tuple[ComparedContact, ...]
    changes: tuple[FieldChange, ...]

    @property
    def counts(self) -> Mapping[Difference, int]:
        """How many rows there are of each difference."""
        counts = Counter(contact.difference for contact in self.contacts)
        return {difference: counts[difference] for difference in Difference}

    @property
    def fields(self) -> Mapping[str, int]:
        """In how many contacts each field differs, the most frequent first."""
        return dict(Counter(change.field for change in self.changes).most_common())
