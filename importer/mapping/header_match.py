"""How well a header names a field: its own name, another name that the contract lists, words around one of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from importer.mapping.header_names import Name, parse_name
from importer.model.report_columns import REPORT_PREFIX
from importer.normalize import normalize_name
from schemas.contract import Field, Operation


class Level(IntEnum):
    """How sure a match is. Below ``VALUES`` it is only suggested."""

    OWN_NAME = 5  # the field's own name
    OTHER_NAME = 4  # a name that the contract lists
    CORE = 3  # one of these with a number, or words that change nothing
    VALUES = 2  # the header says nothing, the values do
    SUGGESTED = 1  # one of these among other words


@dataclass(frozen=True, slots=True, order=True)
class Match:
    """A column that may feed a field; the smallest is the best."""

    rank: tuple[int, int]
    """The level, negated, and the place of the name in the contract's list."""
    number: int
    column: int

    @property
    def level(self) -> Level:
        """How sure it is."""
        return Level(-self.rank[0])

    def ties(self, other: Match) -> bool:
        """Whether nothing but the order of the columns speaks for one of the two."""
        return (self.rank, self.number) == (other.rank, other.number)


def matches_by_field(headers: Sequence[str], operation: Operation) -> dict[str, list[Match]]:
    """For each field's path the columns whose headers name it, the best first."""
    found: dict[str, list[Match]] = {}
    for field in operation.fields:
        if not field.open:
            every = [_match(index, header, field) for index, header in enumerate(headers)]
            found[field.path] = sorted(match for match in every if match)
    return found


def _match(column: int, header: str, field: Field) -> Match | None:
    if is_report_column(header):
        own = field.in_path and header.strip().lower() in field.aliases
        return Match((-Level.OTHER_NAME, 0), 0, column) if own else None
    rank = rank_among(parse_name(header), (field.path, *field.aliases))
    return None if rank is None else Match(rank, parse_name(header).number or 0, column)


def rank_among(name: Name, known: Sequence[str]) -> tuple[int, int] | None:
    """The level (negated) and the place at which a header is one of these names, its own first."""
    if not name.whole:
        return None
    plains = [normalize_name(entry) for entry in known]
    if name.whole in plains:
        place = plains.index(name.whole)
        return -(Level.OTHER_NAME if place else Level.OWN_NAME), place
    if name.core in plains:
        return -Level.CORE, plains.index(name.core)
    cores = [parse_name(entry).core for entry in known]
    if name.core in cores:
        return -Level.CORE, cores.index(name.core)
    for place, entry in enumerate(known):
        words = set(parse_name(entry).words)
        if words and words < set(name.words):
            return -Level.SUGGESTED, place
    return None


def is_report_column(header: str) -> bool:
    """Whether a column is one of our reports' own."""
    return header.strip().lower().startswith(REPORT_PREFIX)
