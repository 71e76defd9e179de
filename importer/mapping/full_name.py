"""One column of full names where a contract has two fields, and words that mean a full name or half of one (``Nom``).

Contacts without names would be sent in silence, or with the full name in one field; so a person says what is meant.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from importer.mapping.column_profile import ColumnProfile
from importer.mapping.header_match import MatchLevel, rank_header
from importer.mapping.header_names import NEUTRAL_WORDS, parse_header
from importer.mapping.model import FieldMapping, MissingField
from importer.mapping.name_parts import NamePart
from importer.mapping.other_subjects import OTHER_SUBJECT_WORDS
from importer.model.normalized_name import normalize_name
from importer.model.report_columns import REPORT_PREFIX
from schemas.contract import Field, Operation

FIRST_NAMES, LAST_NAMES = {"firstname", "givenname", "forename"}, {"lastname", "familyname", "surname"}
FULL_NAMES = (
    "full name", "name", "complete name", "contact name", "display name", "person name", "names", "nom complet",
    "nom et prénom", "nom prénom", "prénom et nom", "prénom nom", "nombre completo", "nombre y apellidos",
    "nombre y apellido", "apellidos y nombre", "vollständiger name", "vor- und nachname", "name, vorname",
    "vorname nachname", "voller name", "nome completo", "nome e cognome", "nome cognome", "cognome e nome",
    "nome e sobrenome", "nome e apelido", "volledige naam", "naam", "voor- en achternaam", "nom", "nombre", "nome",
    "氏名", "名前", "お名前", "姓名", "이름", "성명", "الاسم", "الاسم الكامل",
)  # fmt: skip
_FIRST_WORDS = {
    "first",
    "given",
    "forename",
    "prenom",
    "nombre",
    "nombres",
    "vor",
    "vorname",
    "nome",
    "voornaam",
    "voor",
}
_LAST_WORDS = {
    "last", "family", "surname", "nom", "apellido", "apellidos", "nachname", "familienname", "cognome", "sobrenome",
    "apelido", "achternaam", "achter",
}  # fmt: skip
_NAME_WORDS = {"name", "names", "nom", "nombre", "nome", "naam", "full", "complet", "completo"}
_ALSO_WHOLE = frozenset({"nombre", "nombres", "nome"})
# Each is a person's full name in one file and half of it in another.
AMBIGUOUS_NAMES = frozenset({"nom", "nombre", "nome", "naam", "name"})
_PERSON_WORDS = NEUTRAL_WORDS | {
    "user", "student", "patient", "guest", "buyer", "purchaser", "donor", "billing", "player", "card", "cardholder",
    "candidate", "employee", "volunteer", "s", "de", "du", "del", "des", "der", "do", "da", "della", "van", "le", "la",
    "teilnehmer", "inscrit", "asistente", "klant", "lid", "nominativo", "ansprechpartner", "interessent", "mitglied",
    "personne", "persona", "who", "wer", "qui", "quien", "and", "et", "y", "und", "e", "en", "&",
}  # fmt: skip


def names_family_first(header: str) -> bool:
    """Return whether a header of full names puts the family name first: ``Nom et prénom``, ``Name (Last First)``."""
    words = [word for word in parse_header(header).all_words if word in _FIRST_WORDS | _LAST_WORDS]
    if not words or normalize_name(header) in AMBIGUOUS_NAMES:
        return False
    at_first = [place for place, word in enumerate(words) if word in _FIRST_WORDS - _ALSO_WHOLE]
    at_last = [place for place, word in enumerate(words) if word in _LAST_WORDS]
    ambiguous = [place for place, word in enumerate(words) if word in _ALSO_WHOLE]  # "nombre" after "apellidos"
    return bool(at_last) and min(at_last) < min([*at_first, *ambiguous], default=-1)


@dataclass(frozen=True, slots=True)
class _NameFields:
    first: Field
    last: Field
    full: Field | None


def find_name_questions(
    columns: Sequence[str],
    operation: Operation,
    found: Mapping[str, FieldMapping],
    decided: Collection[str],
    ignored: Collection[int],
    profile: ColumnProfile,
) -> list[MissingField]:
    """Return the fields for names that a column of full names could fill and that only a person can decide on.

    ``found`` are the field mappings so far; those of the paths ``decided`` are a person's own.
    """
    fields = _find_name_fields(operation)
    if fields is None or {fields.first.path, fields.last.path} & set(decided):
        return []
    first, last = (_filled(found.get(field.path), profile) for field in (fields.first, fields.last))
    if (first and last) or (fields.full and _filled(found.get(fields.full.path), profile)):
        return []
    taken = {index for known in found.values() for index in known.columns} | set(ignored)
    column = _find_full_name(columns, taken, profile)
    half = first or last
    if half is None:
        return [] if column is None else _ask(fields, column)
    if half.column is not None and _is_full(columns[half.column], half.column, profile):
        return _ask(fields, half.column)
    if column is None or normalize_name(columns[column]) not in AMBIGUOUS_NAMES:
        return []
    missing, part = (fields.last, NamePart.LAST) if first else (fields.first, NamePart.FIRST)
    return [MissingField(missing, (column,), is_name=True, part=part if profile.has_full_names(column) else None)]


def _find_name_fields(operation: Operation) -> _NameFields | None:
    """Return the operation's fields for first, last and full names; None where it has no first or no last name."""

    def find(names: set[str]) -> Field | None:
        return next((field for field in operation.fields if names & _names_of(field)), None)

    first, last, full = find(FIRST_NAMES), find(LAST_NAMES), find({"fullname", "nomcomplet", "displayname"})
    return _NameFields(first, last, full) if first and last else None


def _filled(known: FieldMapping | None, profile: ColumnProfile) -> FieldMapping | None:
    """Return the mapping unless all its columns are blank, as Calendly leaves first and last names."""
    is_blank = known is not None and bool(known.columns) and all(map(profile.is_blank, known.columns))
    return None if is_blank else known


def _names_of(field: Field) -> set[str]:
    return {normalize_name(name) for name in (field.path, *field.aliases)} if len(field.parts) == 1 else set()


def _is_full(header: str, column: int, profile: ColumnProfile) -> bool:
    return parse_header(header).core in AMBIGUOUS_NAMES and profile.has_full_names(column)


def _ask(fields: _NameFields, column: int) -> list[MissingField]:
    if fields.full:
        return [MissingField(fields.full, (column,), is_name=True)]
    return [
        MissingField(fields.first, (column,), is_name=True, part=NamePart.FIRST),
        MissingField(fields.last, (column,), is_name=True, part=NamePart.LAST),
    ]


def _find_full_name(columns: Sequence[str], taken: Collection[int], profile: ColumnProfile) -> int | None:
    ranked = [
        (rank, index)
        for index, header in enumerate(columns)
        if index not in taken and profile.examples(index) and (rank := _rank_full_name(header, index, profile))
    ]
    return min(ranked)[1] if ranked else None


def _rank_full_name(header: str, column: int, profile: ColumnProfile) -> tuple[int, int] | None:
    """Return how well a header and its values are a person's full name, the smallest the best."""
    words = parse_header(header).all_words
    if not words or header.lower().startswith(REPORT_PREFIX) or OTHER_SUBJECT_WORDS.intersection(words):
        return None
    rank = rank_header(parse_header(header), FULL_NAMES)
    if rank and rank.level <= MatchLevel.CORE:
        return rank
    rest = set(words) - _PERSON_WORDS
    if rest and rest <= _NAME_WORDS:
        return MatchLevel.SUGGESTED, 0
    if rest & _FIRST_WORDS and rest & _LAST_WORDS and rest <= _FIRST_WORDS | _LAST_WORDS | _NAME_WORDS:
        return MatchLevel.SUGGESTED, 0  # "Nachname, Vorname", "First and last name"
    is_person = not rest and len(words) <= 2 and profile.has_full_names(column)  # "Customer", "Attendee"
    return (MatchLevel.SUGGESTED, 1) if is_person else None
