"""The kinds of questions. To add one, add a module and an entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from importer.questions import (
    blank_words,
    choice_values,
    column_by_values,
    date_order,
    encoded_text,
    encoding,
    full_name,
    middle_names,
    no_record,
    object_part,
    phone_country,
    repeated_contacts,
    required_field,
    saved_mapping,
    several_columns,
    sheet,
    time_zone,
    too_long,
)
from importer.questions.question import Choice, OpenQuestion

ReadText = Callable[[OpenQuestion, str], Choice]
ReadParts = Callable[[OpenQuestion, Mapping[str, str]], Choice]


@dataclass(frozen=True, slots=True)
class QuestionKind:
    """A kind of question: its title, and how an answer is read that is none of the choices."""

    title: str
    read: ReadText | None = None
    read_parts: ReadParts | None = None


QUESTION_KINDS: Mapping[str, QuestionKind] = {
    saved_mapping.KIND: QuestionKind("Saved mapping"),
    sheet.KIND: QuestionKind("Sheet"),
    encoding.KIND: QuestionKind("Encoding", encoding.read),
    encoded_text.KIND: QuestionKind("Encoded texts"),
    full_name.KIND: QuestionKind("Full names"),
    middle_names.KIND: QuestionKind("Words in the middle of names"),
    column_by_values.KIND: QuestionKind("Column without a telling header"),
    several_columns.KIND: QuestionKind("Several columns for one field"),
    required_field.KIND: QuestionKind("Required field", required_field.read),
    object_part.KIND: QuestionKind("Part of an object", required_field.read),
    date_order.KIND: QuestionKind("Order of dates"),
    phone_country.KIND: QuestionKind("Country of phone numbers", phone_country.read),
    time_zone.KIND: QuestionKind("Time zone", time_zone.read),
    choice_values.KIND: QuestionKind("Values of a list", read_parts=choice_values.read_parts),
    too_long.KIND: QuestionKind("Long values"),
    repeated_contacts.KIND: QuestionKind("Repeated contacts"),
    no_record.KIND: QuestionKind("Rows that may be no contacts"),
    blank_words.KIND: QuestionKind("Words for nothing"),
}
