"""The questions of a mapping: one for each field, or column of names, that nothing decides."""

from __future__ import annotations

from collections.abc import Iterator

from importer.mapping import Mapping, list_open_questions
from importer.questions import column_by_values, full_name, object_part, required_field, several_columns
from importer.questions.question import OpenQuestion


def find_unmapped_fields(mapping: Mapping) -> Iterator[OpenQuestion]:
    """Yield the questions that a mapping leaves open, all at once, because each costs the user another start."""
    for missing, text in list_open_questions(mapping):
        if missing[0].is_name:
            yield full_name.ask(missing, text, mapping)
        for each in missing:
            if each.is_name:
                continue
            if each.by_values:
                yield column_by_values.ask(each, text, mapping)
            elif each.tied:
                yield several_columns.ask(each, text, mapping)
            elif each.within is None:
                yield required_field.ask(each, text, mapping)
            else:
                yield object_part.ask(each, text, mapping)
