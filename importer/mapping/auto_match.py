"""Maps the fields that nobody mapped: from the column that names them best, from several in turn, or from parts.

Nothing is guessed where a wrong guess would send wrong data unnoticed. Two columns of one name with different values
stop the run, also for an optional field: whichever were taken, half of the people with such a file would send the
wrong one and never know. A column whose values cannot be the field's is not taken for it by a listed name (``Lead
Status`` for a fixed list), and a note says so; by the field's own name it is, so that wrong values are reported as
problems and do not vanish.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from importer.mapping.column_lookup import label_columns
from importer.mapping.column_profile import ColumnProfile
from importer.mapping.column_role import find_role, is_role_alone
from importer.mapping.full_name import find_name_questions
from importer.mapping.generic_headers import find_likely_kind, is_generic
from importer.mapping.header_match import (
    HeaderMatch,
    MatchLevel,
    MatchRank,
    is_report_column,
    match_headers,
    rank_header,
)
from importer.mapping.header_names import names_utc, parse_header
from importer.mapping.match_notes import (
    note_better_but_blank,
    note_contradiction,
    note_not_taken,
    note_parts,
    note_several_columns,
    note_values,
    note_without_header,
)
from importer.mapping.model import DEFAULT_FORMAT, UTC_FORMAT, FieldMapping, MissingField
from importer.mapping.other_subjects import OTHER_SUBJECT_WORDS, names_other_subject
from importer.model.normalized_name import normalize_name
from schemas.contract import Field, Operation
from schemas.kind import Kind


@dataclass(slots=True)
class AutoMatch:
    """Every field mapping by path, the fields between whose columns nothing decides, and what the user should know."""

    field_mappings: dict[str, FieldMapping]
    ties: list[MissingField] = field(default_factory=list)
    questions: list[MissingField] = field(default_factory=list)  # what only a person can say yes to
    suggestions: dict[str, list[int]] = field(default_factory=dict)  # by path the columns that might be meant
    notes: list[str] = field(default_factory=list)


def match_remaining(
    columns: Sequence[str],
    operation: Operation,
    explicit: dict[str, FieldMapping],
    ignored: set[int],
    profile: ColumnProfile,
) -> AutoMatch:
    """Return the ``explicit`` field mappings and those of further fields, from columns neither used nor ignored."""
    return AutoMatcher(columns, operation, explicit, ignored, profile).match()


class AutoMatcher:
    """Matches columns to fields in steps, the surest first; each step adds to the result and sees what is in it."""

    def __init__(
        self,
        columns: Sequence[str],
        operation: Operation,
        explicit: dict[str, FieldMapping],
        ignored: set[int],
        profile: ColumnProfile,
    ) -> None:
        self._columns = columns
        self._labels = label_columns(columns)
        self._operation = operation
        self._profile = profile
        self._ignored = ignored
        self._taken = ignored | {index for known in explicit.values() for index in known.columns}
        self._explicit = explicit
        self._result = AutoMatch(dict(explicit))

    def match(self) -> AutoMatch:
        """Take every step, once."""
        candidates = self._find_candidates()
        for path, matches in candidates.items():
            self._map_by_header(path, matches)
        self._map_open_members()
        self._map_from_parts()
        self._map_by_values(self._taken | {match.column for matches in candidates.values() for match in matches})
        self._ask_for_names()
        self._note_columns_without_header()
        return self._result

    # Step 1: headers

    def _find_candidates(self) -> dict[str, list[HeaderMatch]]:
        """Return for each field the columns that name it better than any other field, those with values first."""
        candidates: dict[str, list[HeaderMatch]] = {}
        for path, match in self._best_field_of_each_column():
            known = self._operation.field(path)
            if match.level is MatchLevel.SUGGESTED:
                self._result.suggestions.setdefault(path, []).append(match.column)
            elif known and self._contradicts(known, match):
                self._result.notes.append(note_contradiction(known, self._labels[match.column]))
            else:
                candidates.setdefault(path, []).append(match)
        for path, match in self._columns_of_a_role():
            candidates.setdefault(path, []).append(match)
        for path, matches in candidates.items():
            known = self._operation.field(path)
            order = self._order_of_roles if known and _has_roles(known) else HeaderMatch.order
            matches.sort(key=lambda match: (self._profile.is_blank(match.column), order(match)))
        return candidates

    def _contradicts(self, known: Field, match: HeaderMatch) -> bool:
        """Return whether the values cannot be the field's. By the field's own name they are taken all the same."""
        if known.kind is Kind.COUNTRY and self._profile.has_calling_codes(match.column):
            return True
        if match.level is MatchLevel.OWN_NAME:
            return False
        return self._profile.contradicts(match.column, known, certain=match.level is MatchLevel.OTHER_NAME)

    def _columns_of_a_role(self) -> Iterator[tuple[str, HeaderMatch]]:
        """Yield the columns ``Home``, ``Business`` and the like, for the field whose kind their values have."""
        for index, header in enumerate(self._columns):
            kind = (
                find_likely_kind(index, self._profile) if is_role_alone(header) and index not in self._taken else None
            )
            known = next((known for known in self._operation.fields if _has_roles(known) and known.kind == kind), None)
            if known and not rank_header(parse_header(header), (known.path, *known.aliases)):
                yield known.path, HeaderMatch(MatchRank(MatchLevel.VALUES, 0), 0, index)

    def _order_of_roles(self, match: HeaderMatch) -> tuple[bool, int, int, MatchRank, int]:
        role = find_role(self._columns[match.column])
        return match.level is not MatchLevel.OWN_NAME, role, match.number, match.rank, match.column

    def _best_field_of_each_column(self) -> list[tuple[str, HeaderMatch]]:
        best: dict[int, tuple[str, HeaderMatch]] = {}
        for path, matches in match_headers(self._columns, self._operation).items():
            for match in matches:
                known = best.get(match.column)
                if match.column not in self._taken and (known is None or match.rank < known[1].rank):
                    best[match.column] = path, match
        return list(best.values())

    def _map_by_header(self, path: str, matches: list[HeaderMatch]) -> None:
        best, others = matches[0], matches[1:]
        if path in self._result.field_mappings:
            self._note_not_taken(path, matches, "what you set")
            return
        known = self._operation.field(path)
        if known is None:
            return
        if _has_roles(known):
            in_turn = self._fill_in_by_role(matches, Kind(str(known.kind)))
        else:
            in_turn = self._numbered_alike(best, others)
        losers = [match for match in others if match not in in_turn and not self._profile.is_blank(match.column)]
        tied = [match for match in losers if match.ties_with(best) and self._must_not_guess(known, best, match)]
        if tied:
            candidates = tuple(match.column for match in (best, *tied))
            self._result.ties.append(MissingField(known, candidates, tied=True))
            return
        is_utc = known.kind is Kind.DATE_TIME and names_utc(self._columns[best.column])
        value_format = UTC_FORMAT if is_utc else DEFAULT_FORMAT
        columns = tuple(match.column for match in in_turn)
        self._result.field_mappings[path] = FieldMapping(known, columns, value_format=value_format)
        labels = [self._labels[match.column] for match in in_turn if not self._profile.is_blank(match.column)]
        if len(labels) > 1:
            self._result.notes.append(note_several_columns(path, labels))
        self._note_not_taken(path, losers, f"column {self._labels[in_turn[0].column]!r}")
        self._result.notes += [
            note_better_but_blank(path, self._labels[match.column], self._labels[best.column])
            for match in others
            if match not in in_turn and match.rank < best.rank and self._profile.is_blank(match.column)
        ]

    def _note_not_taken(self, path: str, matches: Sequence[HeaderMatch], winner: str) -> None:
        self._result.notes += [note_not_taken(path, self._labels[match.column], winner) for match in matches]

    def _numbered_alike(self, best: HeaderMatch, others: Sequence[HeaderMatch]) -> list[HeaderMatch]:
        """Return the columns that fill in for each other, in their order: ``Phone 1``, ``Phone 2``."""
        core = parse_header(self._columns[best.column]).core
        by_number = {best.number: best}
        for match in others:
            if parse_header(self._columns[match.column]).core == core:
                by_number.setdefault(match.number, match)
        return sorted(by_number.values(), key=lambda match: match.number)

    def _fill_in_by_role(self, matches: Sequence[HeaderMatch], kind: Kind) -> list[HeaderMatch]:
        """Return the columns that fill in for each other: one for each role and number, the surest first.

        Of several columns of one role, other than the best, whose values differ, none is taken.
        """
        by_role: dict[tuple[int, int], list[HeaderMatch]] = {}
        for match in matches:
            if match is matches[0] or self._profile.may_hold(match.column, kind):
                role = find_role(self._columns[match.column])
                by_role.setdefault((role, match.number), []).append(match)
        return [
            first
            for first, *others in by_role.values()
            if first is matches[0] or all(self._profile.are_equal(first.column, other.column) for other in others)
        ]

    def _must_not_guess(self, known: Field, one: HeaderMatch, other: HeaderMatch) -> bool:
        """Return whether to stop the run over two equally good columns.

        Columns of one name are never guessed between; columns of two names only where the field is required.
        """
        if self._profile.are_equal(one.column, other.column):
            return False
        keys = {parse_header(self._columns[match.column]).key for match in (one, other)}
        return known.required or len(keys) == 1

    # Step 2: members of open objects

    def _map_open_members(self) -> None:
        """Map ``customField.plan`` and ``Custom Field: plan``: the open object's name stands before a dot or colon."""
        for index, header in enumerate(self._columns):
            if index in self._taken or is_report_column(header):
                continue
            member = _open_member(header, self._operation)
            if member and member.path not in self._result.field_mappings:
                self._result.field_mappings[member.path] = FieldMapping(member, (index,))

    # Step 3: parts

    def _map_from_parts(self) -> None:
        """Put a name together from its parts, where the contract allows it and no column has the whole name."""
        for known in self._operation.fields:
            if not known.parts_known_as or known.path in self._result.field_mappings:
                continue
            found = [self._find_best_column(names) for names in known.parts_known_as]
            indexes = [index for index in found if index is not None]
            if len(indexes) < len(found):
                continue
            template = tuple(piece for index in indexes for piece in (" ", index))[1:]
            self._result.field_mappings[known.path] = FieldMapping(known, tuple(indexes), template=template)
            self._result.notes.append(note_parts(known.path, [self._labels[index] for index in indexes]))

    def _find_best_column(self, names: Sequence[str]) -> int | None:
        ranked = [
            (rank, index)
            for index, header in enumerate(self._columns)
            if index not in self._ignored
            and not OTHER_SUBJECT_WORDS.intersection(parse_header(header).all_words)
            and (rank := rank_header(parse_header(header), names))
            and rank.level <= MatchLevel.CORE
            and not self._profile.is_blank(index)
        ]
        return min(ranked)[1] if ranked else None

    # Step 4: values

    def _map_by_values(self, named: set[int]) -> None:
        """Map the one generic column that has a kind's values. Ask for others that only their values speak for."""
        for kind in (Kind.EMAIL, Kind.PHONE):
            known = self._find_free_field(kind)
            if known is None:
                continue
            generic = [index for index in self._unnamed(named) if self._is_generic(index, kind)]
            if len(generic) == 1:
                self._result.field_mappings[known.path] = FieldMapping(known, (generic[0],))
                self._result.notes.append(note_values(known.path, self._labels[generic[0]]))
                continue
            suggested = self._result.suggestions.setdefault(known.path, [])
            columns = [index for index in self._unnamed(named) if self._has_values(index, kind, index in suggested)]
            others = [index for index in columns if names_other_subject(self._columns[index], known)]
            mixed = [index for index in self._unnamed(named) if self._is_mixed(index)]
            own = generic or [index for index in columns if index not in others] or mixed
            if own:
                self._result.field_mappings.pop(known.path, None)  # of blank columns
                self._result.questions.append(MissingField(known, tuple(own), by_values=True))
            suggested += [index for index in others if index not in suggested]

    def _unnamed(self, named: set[int]) -> Iterator[int]:
        return (
            index for index, header in enumerate(self._columns) if index not in named and not is_report_column(header)
        )

    def _is_generic(self, index: int, kind: Kind) -> bool:
        return is_generic(self._columns[index]) and find_likely_kind(index, self._profile) is kind

    def _is_mixed(self, index: int) -> bool:
        """Return whether a generic column has addresses in some rows and phones in others."""
        return is_generic(self._columns[index]) and self._profile.is_mixed(index)

    def _has_values(self, index: int, kind: Kind, is_suggested: bool) -> bool:  # noqa: FBT001
        return self._profile.detect_kind(index) is kind or (is_suggested and self._profile.looks_like(index, kind))

    def _find_free_field(self, kind: str) -> Field | None:
        """Return the first top-level field of that kind; None when any field of the kind has values or is tied."""
        fields = [known for known in self._operation.fields if known.kind == kind and known.type == "string"]
        decided = {*self._explicit, *(tie.field.path for tie in self._result.ties)}
        decided |= {path for path, known in self._result.field_mappings.items() if not self._is_blank(known)}
        if any(known.path in decided for known in fields):
            return None
        return next((known for known in fields if len(known.parts) == 1), None)

    def _is_blank(self, known: FieldMapping) -> bool:
        return bool(known.columns) and all(map(self._profile.is_blank, known.columns))

    # Step 5: names

    def _ask_for_names(self) -> None:
        self._result.questions += find_name_questions(
            self._columns,
            self._operation,
            self._result.field_mappings,
            self._explicit,
            self._ignored,
            self._profile,
        )

    # Step 6: columns that cannot be matched

    def _note_columns_without_header(self) -> None:
        indexes = [
            index
            for index, header in enumerate(self._columns)
            if not header.strip() and index not in self._ignored and not self._profile.is_blank(index)
        ]
        if indexes and self._profile.sample is not None:
            self._result.notes.append(note_without_header(indexes))


def _has_roles(known: Field) -> bool:
    """Return whether a contact can have several of these, which fill in for each other."""
    return known.kind in (Kind.EMAIL, Kind.PHONE) and known.type == "string" and len(known.parts) == 1


def _open_member(header: str, operation: Operation) -> Field | None:
    for at, sign in enumerate(header):
        if sign in ".:":
            before, after = header[:at].strip(), header[at + 1 :].strip()
            for known in operation.fields:
                if known.open and before and after and normalize_name(known.path) == normalize_name(before):
                    return known.member(after)
    return None
