"""A part of an object that cannot be sent without it, where other parts are mapped."""

from __future__ import annotations

from importer.mapping import Mapping, MissingField, format_ignored, label_columns
from importer.questions.question import IGNORE, Choice, OpenQuestion, Unanswered
from importer.questions.required_field import column_choice, constant_choice

KIND = "object_part"


def ask(missing: MissingField, text: str, mapping: Mapping) -> OpenQuestion:
    """Return the question of a part that is missing."""
    labels = label_columns(mapping.columns)
    siblings = [known for known in mapping.field_mappings if known.field.path.startswith(f"{missing.within}.")]
    ignored = dict.fromkeys(labels[index] for known in siblings for index in known.columns)
    return OpenQuestion(
        KIND,
        missing.field.path,
        text,
        f"{missing.within} cannot be sent without {missing.field.path}. Which column has it?",
        Unanswered.STOP,
        choices=(
            *(column_choice(missing, index, mapping) for index in missing.candidates),
            *(constant_choice(missing, option) for option in missing.field.limits.enum or ()),
            Choice(IGNORE, f"do not import {missing.within}", tuple(map(format_ignored, ignored))),
        ),
        proposal=IGNORE,
        evidence=f"nothing else in the file names {missing.field.path}",
        accepts=f"one of the columns {', '.join(labels)}, or =VALUE for the same value in every row",
        context=(missing, mapping),
    )
