"""Questions about a file: one cause, asked once, with what it changes and how its answer is written down.

One module a kind, listed in ``registry.py``. ``collector.py`` finds those that a check itself shows.
"""

from __future__ import annotations

from importer.questions import (
    choice_values,
    date_order,
    encoded_text,
    encoding,
    no_record,
    phone_country,
    repeated_contacts,
    saved_mapping,
    sheet,
    time_zone,
    too_long,
)
from importer.questions.answers import (
    accept_proposals,
    answer_parts,
    apply_answers,
    find_given_answers,
    is_answered,
    read_answer,
)
from importer.questions.collector import QuestionCollector
from importer.questions.question import Choice, GivenAnswer, OpenQuestion, Part, Unanswered, UnansweredQuestionsError
from importer.questions.registry import QUESTION_KINDS
from importer.questions.unmapped_fields import find_unmapped_fields

__all__ = [
    "QUESTION_KINDS",
    "Choice",
    "GivenAnswer",
    "OpenQuestion",
    "Part",
    "QuestionCollector",
    "Unanswered",
    "UnansweredQuestionsError",
    "accept_proposals",
    "answer_parts",
    "apply_answers",
    "choice_values",
    "date_order",
    "encoded_text",
    "encoding",
    "find_given_answers",
    "find_unmapped_fields",
    "is_answered",
    "no_record",
    "phone_country",
    "read_answer",
    "repeated_contacts",
    "saved_mapping",
    "sheet",
    "time_zone",
    "too_long",
]
