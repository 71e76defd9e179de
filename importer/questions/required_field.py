"""A required field that no column maps to: a column, or the same value in every row."""

from __future__ import annotations

from importer.errors import MappingError
from importer.mapping import FieldMapping, Mapping, MissingField, format_entry, label_columns
from importer.mapping.column_lookup import find_column
from importer.questions.question import Choice, OpenQuestion, Unanswered

KIND = "required_field"


def ask(missing: MissingField, text: str, mapping: Mapping) -> OpenQuestion:
    """Return the question of a field that must be mapped and is not."""
    path, labels = missing.field.path, label_columns(mapping.columns)
    columns = [column_choice(missing, index, mapping) for index in missing.candidates]
    constants = [constant_choice(missing, option) for option in missing.field.limits.enum or ()]
    return OpenQuestion(
        KIND,
        path,
        text,
        f"No column is named like the required field {path}. Which one has it?",
        Unanswered.STOP,
        choices=(*columns, *constants),
        proposal=columns[0].answer if columns else "",
        evidence=f"its name is close to {path}" if columns else "",
        accepts=f"one of the columns {', '.join(labels)}, or =VALUE for the same value in every row",
        context=(missing, mapping),
    )


def read(question: OpenQuestion, text: str) -> Choice:
    """Return the choice that a text means: a column, or ``=VALUE``. Raises ValueError."""
    missing, mapping = question.context
    if text.startswith("="):
        return constant_choice(missing, text[1:])
    try:
        return column_choice(missing, find_column(text, "the answer", mapping.columns), mapping)
    except MappingError as error:
        raise ValueError(str(error)) from error


def column_choice(missing: MissingField, index: int, mapping: Mapping) -> Choice:
    """Return the choice of a column for the field."""
    labels = label_columns(mapping.columns)
    line = format_entry(FieldMapping(missing.field, (index,)), labels)
    return Choice(labels[index], f"the column {labels[index]!r}", (line,))


def constant_choice(missing: MissingField, value: str) -> Choice:
    """Return the choice of one value for every row."""
    line = format_entry(FieldMapping(missing.field, constant=value), ())
    return Choice(f"={value}", f"{value!r} in every row", (line,))
