"""A column that only its values speak for: the header does not name the field."""

from __future__ import annotations

from importer.mapping import Mapping, MissingField, format_ignored, label_columns
from importer.questions.question import IGNORE, Choice, OpenQuestion, Unanswered
from importer.questions.required_field import column_choice

KIND = "column_by_values"


def ask(missing: MissingField, text: str, mapping: Mapping) -> OpenQuestion:
    """Return the question of the columns whose values fit a field."""
    labels = label_columns(mapping.columns)
    choices = [column_choice(missing, index, mapping) for index in missing.candidates]
    ignored = tuple(format_ignored(labels[index]) for index in missing.candidates)
    return OpenQuestion(
        KIND,
        missing.field.path,
        text,
        f"No header names {missing.field.path}, but the values of a column fit. Is it that?",
        Unanswered.STOP,
        choices=(*choices, Choice(IGNORE, "no: do not import it", ignored)),
        proposal=choices[0].answer,
        evidence="its values fit",
    )
