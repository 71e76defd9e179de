"""One column of full names where the vendor has two fields."""

from __future__ import annotations

from collections.abc import Sequence

from importer.mapping import FieldMapping, Mapping, MissingField, format_entry, format_ignored, label_columns
from importer.questions.question import IGNORE, Choice, OpenQuestion, Unanswered
from importer.questions.required_field import column_choice

KIND = "full_name"
SPLIT = "split"


def ask(names: Sequence[MissingField], text: str, mapping: Mapping) -> OpenQuestion:
    """Return the question of a column of names, and of the fields that it could fill."""
    labels = label_columns(mapping.columns)
    index = names[0].candidates[0]
    paths = " and ".join(missing.field.path for missing in names)
    choices = [_whole(missing, index, mapping) for missing in names]
    parts = [FieldMapping(missing.field, (index,), part=missing.part) for missing in names if missing.part]
    if parts:
        lines = tuple(format_entry(part, labels) for part in parts)
        choices.insert(0, Choice(SPLIT, f"split it into {paths}", lines))
    return OpenQuestion(
        KIND,
        labels[index],
        text,
        f"The column {labels[index]!r} seems to hold names. What becomes of them?",
        Unanswered.STOP,
        choices=(*choices, Choice(IGNORE, "do not import it", (format_ignored(labels[index]),))),
        proposal=choices[0].answer,
        evidence="its values look like full names" if parts else "its header names it",
    )


def _whole(missing: MissingField, index: int, mapping: Mapping) -> Choice:
    choice = column_choice(missing, index, mapping)
    return Choice(missing.field.path, f"send it unchanged as {missing.field.path}", choice.lines)
