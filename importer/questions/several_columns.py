"""Several columns that name one field equally well, and hold different values."""

from __future__ import annotations

from importer.mapping import Mapping, MissingField, format_ignored, label_columns
from importer.questions.question import IGNORE, Choice, OpenQuestion, Unanswered
from importer.questions.required_field import column_choice

KIND = "several_columns"


def ask(missing: MissingField, text: str, mapping: Mapping) -> OpenQuestion:
    """Return the question of the columns that tie."""
    labels = label_columns(mapping.columns)
    choices = [column_choice(missing, index, mapping) for index in missing.candidates]
    first = choices[0].answer
    if not missing.field.required:
        lines = tuple(format_ignored(labels[index]) for index in missing.candidates)
        choices.append(Choice(IGNORE, "neither: do not import them", lines))
    return OpenQuestion(
        KIND,
        missing.field.path,
        text,
        f"Several columns could be {missing.field.path}, and hold different values. Which one is it?",
        Unanswered.STOP,
        choices=tuple(choices),
        proposal=first,
        evidence="it comes first in the file",
    )
