"""Fields that must be mapped and are not: required ones, ties, and parts of an object that is mapped in part.

They stop a run before any row is judged. The web app and ``contact-importer mapping`` show them instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from importer.errors import MappingError
from importer.mapping.auto_match import AutoMatch
from importer.mapping.column_lookup import label_columns, list_headers
from importer.mapping.model import FieldMapping, Mapping, MissingField
from importer.mapping.toml_text import format_key, quote
from schemas.contract import Operation
from schemas.dataframe_schema import required_fields

MOST_CHOICES = 8
_ID_NAME = re.compile(r"(?:[a-z]I|\b[Ii]|_i|I)[Dd]$|identifier$|Identifier$")


def find_missing_fields(
    field_mappings: Sequence[FieldMapping], operation: Operation, auto_match: AutoMatch
) -> Iterator[MissingField]:
    """Yield the unmapped required fields, and the unmapped parts that a partly mapped object cannot do without."""
    mapped = {field_mapping.field.path for field_mapping in field_mappings}
    tied = {missing.field.path for missing in (*auto_match.ties, *auto_match.questions)}
    for field in required_fields(operation):
        if field.path not in mapped and field.path not in tied:
            yield MissingField(field, tuple(auto_match.suggestions.get(field.path, ())))
    for field in operation.fields:
        part_of = field.required_within
        if part_of is None or field.open or field.path in mapped:
            continue
        if any(path.startswith(part_of + ".") for path in mapped):
            yield MissingField(field, tuple(auto_match.suggestions.get(field.path, ())), part_of)


def reject_missing_fields(mapping: Mapping, operation: Operation) -> None:
    """Raise MappingError when a field is missing, with the columns there are and a ``--map`` to paste."""
    messages = [text for _, text in list_open_questions(mapping)]
    if messages:
        raise MappingError("\n".join(messages))
    reject_no_fields(mapping, operation)


def reject_no_fields(mapping: Mapping, operation: Operation) -> None:
    """Raise MappingError when no column maps to any field."""
    columns = f"Columns found: {list_headers(mapping.columns)}."
    if not any(feed.columns and not feed.field.in_path for feed in mapping.field_mappings):
        fields = sorted(
            (field for field in operation.fields if not field.in_path), key=lambda field: not field.required
        )
        first = next((field.path + ".NAME" * field.open for field in fields), None)
        if first is None:  # such as a deletion, which takes an id alone
            return
        raise MappingError(f'no column maps to any field of {operation.name}. {columns} Use --map "Column={first}"')


def list_open_questions(mapping: Mapping) -> Iterator[tuple[list[MissingField], str]]:
    """Yield the missing fields of each question with its message, all at once: each costs the user another start."""
    columns = f"Columns found: {list_headers(mapping.columns)}."
    names = [missing for missing in mapping.missing if missing.is_name]
    if names:
        yield names, _name_message(names, mapping)
    for missing in mapping.missing:
        if missing.by_values:
            yield [missing], _values_message(missing, mapping)
        if missing.tied:
            yield [missing], _tie_message(missing, mapping)
    open_questions = [each for each in mapping.missing if not (each.is_name or each.by_values or each.tied)]
    required = [missing for missing in open_questions if missing.within is None]
    if required:
        yield required, _required_message(required, mapping, columns)
        return
    for part in open_questions:
        yield [part], _part_message(part, mapping, columns)


def _tie_message(tie: MissingField, mapping: Mapping) -> str:
    labels = label_columns(mapping.columns)
    names = " and ".join(repr(labels[index]) for index in tie.candidates)
    return (
        f"the columns {names} name {tie.field.path} equally well, and have different values. "
        f"Choose one: {_map_options(tie, labels)}"
    )


def _values_message(question: MissingField, mapping: Mapping) -> str:
    labels = label_columns(mapping.columns)
    names = " and ".join(repr(labels[index]) for index in question.candidates)
    what = "column" if len(question.candidates) == 1 else "columns"
    ignored = ", ".join(quote(labels[index]) for index in question.candidates)
    return (
        f"{question.field.path} may be in the {what} {names}: the values fit, but the header does not say so. "
        f"If it is, use {_map_options(question, labels)}. "
        f"If it is not, put this line into a mapping file and use it with --mapping FILE: ignore = [{ignored}]"
    )


def _name_message(names: Sequence[MissingField], mapping: Mapping) -> str:
    """Return the message for a column of names, with the lines of a mapping file that split it."""
    labels = label_columns(mapping.columns)
    index = names[0].candidates[0]
    label, paths = labels[index], " and ".join(missing.field.path for missing in names)
    options = " or ".join(f'--map "{label}={missing.field.path}"' for missing in names)
    ignore = f"put ignore = [{quote(label)}] into a mapping file and use it with --mapping FILE"
    if not any(missing.part for missing in names):
        return f"the column {label!r} may be meant for {paths}. If it is, use {options}. If it is not, {ignore}"
    lines = "\n".join(f"  {format_key(each.field.path)} = {{ {_part_source(label, each)} }}" for each in names)
    count = "this line" if len(names) == 1 else "these lines"
    return (
        f"the column {label!r} seems to hold full names, and nothing says how to split it into {paths}. "
        f"To split it, put {count} into a mapping file and use it with --mapping FILE "
        f"(contact-importer mapping writes such a file):\n{lines}\n"
        f"To send it as it is, use {options}. To leave it out, {ignore}"
    )


def _part_source(label: str, missing: MissingField) -> str:
    return f"column = {quote(label)}" + (f', part = "{missing.part}"' if missing.part else "")


def _required_message(required: Sequence[MissingField], mapping: Mapping, columns: str) -> str:
    labels = label_columns(mapping.columns)
    first = required[0]
    paths = [missing.field.path for missing in required]
    what = "the required field" if len(required) == 1 else "the required fields"
    sentences = [f"no column maps to {what} {', '.join(paths)}. {columns}"]
    sentences += [
        f"{missing.field.path} may be meant by a column that is not used without your consent: "
        f"{_map_options(missing, labels)}."
        for missing in required
        if missing.candidates
    ]
    example = labels[first.candidates[0]] if first.candidates else (mapping.unused or ("Column",))[0]
    sentences.append(f'Name the column, for example --map "{example}={first.field.path}"{_constant_advice(first)}')
    return " ".join(sentences)


def _part_message(part: MissingField, mapping: Mapping, columns: str) -> str:
    sibling = next(known for known in mapping.field_mappings if known.field.path.startswith(f"{part.within}."))
    return (
        f"no column maps to {part.field.path}, and {part.within} cannot be sent without it; {sibling.field.path} is "
        f"mapped from {mapping.header_of(sibling) or 'what you set'!r}. {columns} "
        f'Use --map "Column={part.field.path}", or --set {part.field.path}=VALUE'
        f"{_list_choices(part)} for the rows that have {sibling.field.path}, "
        f"or leave {part.within} out with a mapping file: ignore = [...]"
    )


def _constant_advice(missing: MissingField) -> str:
    """Return the advice to give every row the same value; of an id, each contact has its own."""
    path = missing.field.path
    if _ID_NAME.search(missing.field.parts[-1]) and not missing.field.in_path:
        return "; it needs a value of its own for each row, such as the contact's number in your own system"
    return f", or give every row the same value: --set {path}=VALUE{_list_choices(missing)}"


def _list_choices(missing: MissingField) -> str:
    choices = missing.field.limits.enum or ()
    more = ", …" if len(choices) > MOST_CHOICES else ""
    return f" (one of {', '.join(choices[:MOST_CHOICES])}{more})" if choices else ""


def _map_options(missing: MissingField, labels: Sequence[str]) -> str:
    return " or ".join(f'--map "{labels[index]}={missing.field.path}"' for index in missing.candidates)
