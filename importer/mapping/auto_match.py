"""The fields that nobody spoke of: fed by the column that names them best, by several in turn, or by their parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from importer.mapping.column_lookup import name_of
from importer.mapping.column_profile import Evidence
from importer.mapping.header_match import Level, Match, is_report_column, matches_by_field, rank_among
from importer.mapping.header_names import parse_name
from importer.mapping.model import FieldMapping, MissingField
from importer.model.table import column_letters
from importer.normalize import normalize_name
from schemas.contract import Field, Operation


@dataclass(slots=True)
class AutoMatch:
    """What was found out: every feed, the fields between whose columns nothing decides, and what to say."""

    feeds: dict[str, FieldMapping]
    ties: list[MissingField] = field(default_factory=list)
    suggestions: dict[str, list[int]] = field(default_factory=dict)
    """By field the columns that might be meant."""
    said: list[str] = field(default_factory=list)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it."""
        return tuple(self.said)


def match_remaining(
    columns: Sequence[str], operation: Operation, found: dict[str, FieldMapping], ignored: set[int], evidence: Evidence
) -> AutoMatch:
    """Add feeds for the fields that ``found`` does not have, from the columns that it does not use."""
    return AutoMatcher(columns, operation, evidence, ignored).match(found)


class AutoMatcher:
    """Matches the columns that nobody has mapped to the fields that are still free."""

    def __init__(self, columns: Sequence[str], operation: Operation, evidence: Evidence, ignored: set[int]) -> None:
        self._columns = columns
        self._operation = operation
        self._evidence = evidence
        self._ignored = ignored

    def match(self, found: dict[str, FieldMapping]) -> AutoMatch:
        rest = AutoMatch(dict(found))
        taken = self._ignored | {index for feed in found.values() for index in feed.columns}
        candidates = self._candidates(taken, rest)
        for path, options in candidates.items():
            self._by_name(path, options, rest)
        self._members(taken, rest)
        named = taken | {match.column for options in candidates.values() for match in options}
        self._by_parts(rest)
        self._by_values(named, rest)
        rest.said += self._blank_headers()
        return rest

    def _candidates(self, taken: set[int], rest: AutoMatch) -> dict[str, list[Match]]:
        """For each field the columns that name it better than any other field."""
        best: dict[int, tuple[Match, str]] = {}
        for path, matches in matches_by_field(self._columns, self._operation).items():
            for match in matches:
                known = best.get(match.column)
                if match.column not in taken and (known is None or match.rank < known[0].rank):
                    best[match.column] = match, path
        candidates: dict[str, list[Match]] = {}
        for match, path in best.values():
            known_field = self._operation.field(path)
            if match.level is Level.SUGGESTED:
                rest.suggestions.setdefault(path, []).append(match.column)
            elif known_field and match.level < Level.OWN_NAME and self._evidence.contradicts(match.column, known_field):
                rest.said.append(self._contradiction(match.column, known_field))
            else:
                candidates.setdefault(path, []).append(match)
        for options in candidates.values():
            options.sort(key=lambda match: (self._evidence.is_blank(match.column), match))
        return candidates

    def _contradiction(self, column: int, known: Field) -> str:
        name = self._name(column)
        if not known.limits.enum:
            return (
                f'column {name!r} was not taken for {known.path}, because of its values (--map "{name}={known.path}")'
            )
        return (
            f"column {name!r} was not taken for {known.path}, because none of its values is one of "
            f"{', '.join(known.limits.enum)}; a mapping file can translate them: "
            f'{known.path} = {{ column = "{name}", values = {{ … }} }}'
        )

    def _by_name(self, path: str, options: list[Match], rest: AutoMatch) -> None:
        known = self._operation.field(path)
        first, others = options[0], options[1:]
        core = parse_name(self._columns[first.column]).core
        turns = [first]
        for match in others:
            own = parse_name(self._columns[match.column])
            if own.core == core and match.number not in {turn.number for turn in turns}:
                turns.append(match)
        losers = [match for match in others if match not in turns and not self._evidence.is_blank(match.column)]
        if path in rest.feeds:
            self._say_losers(path, "what you set", options, rest)
            return
        if known is None:
            return
        tied = [match for match in losers if match.ties(first) and self._tie_counts(known, first, match)]
        if tied:
            rest.ties.append(MissingField(known, tuple(match.column for match in (first, *tied)), tied=True))
            return
        turns.sort(key=lambda match: match.number)
        rest.feeds[path] = FieldMapping(known, tuple(match.column for match in turns))
        if len(turns) > 1:
            names = ", ".join(repr(self._name(match.column)) for match in turns)
            rest.said.append(f"{path} takes the first of the columns {names} that is not blank")
        self._say_losers(path, f"column {self._name(turns[0].column)!r}", losers, rest)
        rest.said += [
            f"column {self._name(match.column)!r} names {path} better and is blank as far as was looked; column "
            f'{self._name(first.column)!r} feeds it (to change it: --map "{self._name(match.column)}={path}")'
            for match in others
            if match.rank < first.rank and self._evidence.is_blank(match.column)
        ]

    def _tie_counts(self, known: Field, first: Match, other: Match) -> bool:
        """Columns of one name are never guessed between; of other names only where the field may not be wrong."""
        if self._evidence.same(first.column, other.column):
            return False
        whole, others = (parse_name(self._columns[match.column]).whole for match in (first, other))
        return known.required or whole == others

    def _say_losers(self, path: str, winner: str, losers: Sequence[Match], rest: AutoMatch) -> None:
        rest.said += [
            f"column {self._name(match.column)!r} could feed {path} too; {winner} does "
            f'(to change it: --map "{self._name(match.column)}={path}")'
            for match in losers
        ]

    def _members(self, taken: set[int], rest: AutoMatch) -> None:
        """``customField.plan``, ``Custom Field: plan``: what stands before the dot or colon names the open object."""
        for index, header in enumerate(self._columns):
            if index in taken or is_report_column(header):
                continue
            member = _open_member(header, self._operation)
            if member and member.path not in rest.feeds:
                rest.feeds[member.path] = FieldMapping(member, (index,))

    def _by_parts(self, rest: AutoMatch) -> None:
        """A name from its parts, where the contract says that it may be put together and nothing else feeds it."""
        for known in self._operation.fields:
            if not known.parts_known_as or known.path in rest.feeds:
                continue
            parts = [self._best(names) for names in known.parts_known_as]
            if all(part is not None for part in parts):
                indexes = [part for part in parts if part is not None]
                template = [piece for index in indexes for piece in (" ", index)][1:]
                rest.feeds[known.path] = FieldMapping(known, tuple(indexes), template=tuple(template))
                names = " and ".join(repr(self._name(index)) for index in indexes)
                rest.said.append(f"{known.path} is put together from the columns {names}")

    def _best(self, names: Sequence[str]) -> int | None:
        ranked = [
            (rank, index)
            for index, header in enumerate(self._columns)
            if index not in self._ignored
            and (rank := rank_among(parse_name(header), names))
            and -rank[0] >= Level.CORE
            and not self._evidence.is_blank(index)
        ]
        return min(ranked)[1] if ranked else None

    def _by_values(self, named: set[int], rest: AutoMatch) -> None:
        """Columns whose headers say nothing, and whose values do."""
        free = [
            index
            for index in range(len(self._columns))
            if index not in named and not is_report_column(self._columns[index])
        ]
        for kind, index_list in self._by_kind(free).items():
            known = next((known for known in self._open_for(kind, rest)), None)
            if known is None:
                continue
            if len(index_list) > 1:
                rest.suggestions.setdefault(known.path, []).extend(index_list)
                continue
            rest.feeds[known.path] = FieldMapping(known, (index_list[0],))
            rest.said.append(
                f"{known.path} is fed by column {self._name(index_list[0])!r}, because of its values "
                f'(to change it: --map "Column={known.path}")'
            )

    def _by_kind(self, free: Sequence[int]) -> dict[str, list[int]]:
        kinds: dict[str, list[int]] = {}
        for index in free:
            kind = self._evidence.looks_like(index)
            if kind:
                kinds.setdefault(kind, []).append(index)
        return kinds

    def _open_for(self, kind: str, rest: AutoMatch) -> Iterator[Field]:
        """Fields of that kind that nothing feeds; none when another of the kind is fed."""
        fields = [known for known in self._operation.fields if known.kind == kind and known.type == "string"]
        tied = {gap.field.path for gap in rest.ties}
        if not any(known.path in rest.feeds or known.path in tied for known in fields):
            yield from (known for known in fields if len(known.parts) == 1)

    def _blank_headers(self) -> Iterator[str]:
        blank = [
            column_letters(index)
            for index, header in enumerate(self._columns)
            if not header.strip() and index not in self._ignored and not self._evidence.is_blank(index)
        ]
        if blank and self._evidence.sample is not None:
            many = len(blank) > 1
            yield (
                f"column{'s' if many else ''} {', '.join(blank[:5])}{', …' if len(blank) > 5 else ''} "
                f"{'have' if many else 'has'} no header and feed{'' if many else 's'} nothing"
            )

    def _name(self, index: int) -> str:
        return name_of(index, self._columns)


def _open_member(header: str, operation: Operation) -> Field | None:
    for at, sign in enumerate(header):
        if sign in ".:":
            before, after = header[:at].strip(), header[at + 1 :].strip()
            for known in operation.fields:
                if known.open and before and after and normalize_name(known.path) == normalize_name(before):
                    return known.member(after)
    return None
