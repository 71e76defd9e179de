"""Ranks headers as names of fields: the field's own name, another name in the contract, or words around one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from importer.mapping.column_role import without_role
from importer.mapping.header_names import HeaderName, parse_header
from importer.mapping.other_subjects import names_other_subject
from importer.model.normalized_name import normalize_name
from importer.model.report_columns import REPORT_PREFIX
from schemas.contract import Field, Operation
from schemas.kind import Kind

# A shop's orders name the customer so ("Billing First Name"). A contract with billing fields takes them for those.
# A "Billing contact" is somebody else.
_BILLING = re.compile(r"^\s*billing[\s_.:-]+(?!contacts?(?![a-z]))", re.IGNORECASE)


class MatchLevel(IntEnum):
    """The certainty of a match; the smallest is the surest."""

    OWN_NAME = 1  # the field's own name
    OTHER_NAME = 2  # a name that the contract lists
    CORE = 3  # one of these names with a number or neutral words around it
    VALUES = 4  # a word that only its values explain: "Contact", "Home"
    SUGGESTED = 5  # one of these names among other words: shown to the user, never taken


class MatchRank(NamedTuple):
    """The level of a match, then the place of the name in the contract's list."""

    level: MatchLevel
    place: int


@dataclass(frozen=True, slots=True, order=True)
class HeaderMatch:
    """A column whose header names a field; of several, the smallest is the best."""

    rank: MatchRank
    number: int  # the number in the header: Phone 1 comes before Phone 2
    column: int

    @property
    def level(self) -> MatchLevel:
        """The certainty of the match."""
        return self.rank.level

    def order(self) -> tuple[MatchRank, int, int]:
        """Return what sorts the matches of a field, the best first."""
        return self.rank, self.number, self.column

    def ties_with(self, other: HeaderMatch) -> bool:
        """Return whether only the order of the columns prefers one of the two."""
        return (self.rank, self.number) == (other.rank, other.number)


def match_headers(headers: Sequence[str], operation: Operation) -> dict[str, list[HeaderMatch]]:
    """Return for each field's path the columns whose headers name it, the best first."""
    found: dict[str, list[HeaderMatch]] = {}
    names = headers if _knows_billing(operation) else [_BILLING.sub("", header) or header for header in headers]
    for field in operation.fields:
        if not field.open:
            matches = [_match_header(index, header, field) for index, header in enumerate(names)]
            found[field.path] = sorted(match for match in matches if match)
    return found


def count_matches(headers: Sequence[str], operation: Operation) -> int:
    """Return how many fields these headers name, without their values."""
    found = match_headers(headers, operation).values()
    return sum(1 for matches in found if matches and matches[0].level < MatchLevel.SUGGESTED)


def _knows_billing(operation: Operation) -> bool:
    names = (name for field in operation.fields for name in (field.path, *field.aliases))
    return any("billing" in parse_header(name).words for name in names)


def _match_header(column: int, header: str, field: Field) -> HeaderMatch | None:
    if is_report_column(header):  # only the id of an update may come from a report's column
        is_id = field.in_path and header.strip().lower() in field.aliases
        return HeaderMatch(MatchRank(MatchLevel.OTHER_NAME, 0), 0, column) if is_id else None
    name = parse_header(header)
    names = (field.path, *field.aliases)
    rank = rank_header(name, names)
    if field.kind in (Kind.EMAIL, Kind.PHONE) and (rank is None or rank.level is MatchLevel.SUGGESTED):
        rank = _rank_without_role(name, names) or rank
    if rank and names_other_subject(header, field):
        rank = MatchRank(MatchLevel.SUGGESTED, rank.place)
    return None if rank is None else HeaderMatch(rank, name.number or 0, column)


def rank_header(name: HeaderName, known_names: Sequence[str]) -> MatchRank | None:
    """Return how well a header is one of these names, the field's own first; None when it is none of them."""
    if not name.key:
        return None
    keys = [normalize_name(known) for known in known_names]
    if name.key in keys:
        place = keys.index(name.key)
        return MatchRank(MatchLevel.OTHER_NAME if place else MatchLevel.OWN_NAME, place)
    if name.core in keys:
        return MatchRank(MatchLevel.CORE, keys.index(name.core))
    cores = [parse_header(known).core for known in known_names]
    if name.core in cores:
        return MatchRank(MatchLevel.CORE, cores.index(name.core))
    for place, known in enumerate(known_names):
        words = set(parse_header(known).words)
        if words and words < set(name.words):
            return MatchRank(MatchLevel.SUGGESTED, place)
    return None


def _rank_without_role(name: HeaderName, known_names: Sequence[str]) -> MatchRank | None:
    """Return the rank of ``Business Phone 2`` as ``Phone 2``; None where it is not a name even so."""
    core = without_role(name)
    cores = [parse_header(known).core for known in known_names]
    return MatchRank(MatchLevel.CORE, cores.index(core)) if core and core in cores else None


def is_report_column(header: str) -> bool:
    """Return whether a column is one of those that our reports add (``import_row`` …)."""
    return header.strip().lower().startswith(REPORT_PREFIX)
