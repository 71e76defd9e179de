"""The mapping of a file as a person looks at it: each column with values, its field, and why it was matched."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class MatchedBy(StrEnum):
    """The evidence by which a column was matched to a field."""

    OWN_NAME = "own name"  # the header is the field's own name
    OTHER_NAME = "other name"  # the header is another name of the field, or one with a number or word around it
    VALUES = "values"  # the header does not say it; the values do
    MAPPING_FILE = "mapping file"
    OPTION = "--map"
    CONSTANT = "--set"
    EARLIER_RUN = "earlier run"  # the file is a report of a run, whose mapping it keeps


@dataclass(frozen=True, slots=True)
class MappedColumn:
    """A column and the field that it maps to. ``column`` is blank for a constant, which is the one sample then.

    ``cleaned`` is a text of the column and what cleaning makes of it, None where cleaning changes none of the first
    rows.
    """

    column: str
    samples: tuple[str, ...]
    field: str
    matched_by: MatchedBy
    cleaned: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class MappingView:
    """The mapped columns in the order of the contract's fields, and the names of the columns that are not imported."""

    mapped: tuple[MappedColumn, ...]
    unused: tuple[str, ...]
    columns: int
    """How many columns the file has, without those that only our own reports have."""
