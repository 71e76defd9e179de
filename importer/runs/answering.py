"""Answers the questions of a file, by the proposals or a person, and does the work again with the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from importer.mapping import read_mapping
from importer.observer import Observer
from importer.questions import (
    GivenAnswer,
    OpenQuestion,
    UnansweredQuestionsError,
    accept_proposals,
    apply_answers,
    find_given_answers,
)
from importer.runs.file_settings import with_file_keys
from importer.settings import Settings

Result = TypeVar("Result")


def repeat_until_answered(attempt: Callable[[Settings], Result], settings: Settings, observer: Observer) -> Result:
    """Return the result of an attempt, repeated with more answers as long as it asks questions.

    Raises UnansweredQuestionsError with the questions that nobody answers.
    """
    answered = set[str]()
    while True:
        try:
            return attempt(settings)
        except UnansweredQuestionsError as error:
            questions = [question for question in error.questions if question.key not in answered]
            answers = list(find_given_answers(questions, adopt_mapping_options(settings)))
            left = _without(questions, answers)
            if settings.accept_proposals:
                answers += accept_proposals(left)
                left = _without(questions, answers)
            if left and observer.can_answer:
                answers += observer.on_questions(left)
            elif left or not answers:
                raise UnansweredQuestionsError(left or error.questions) from error
            for answer in answers:
                if not answer.by_person:
                    observer.on_note(f"{answer.question.prompt} Taken as proposed: {answer.said}")
            answered |= {question.key for question in questions}
            settings = apply_answers(settings, answers)


def _without(questions: Sequence[OpenQuestion], answers: Sequence[GivenAnswer]) -> list[OpenQuestion]:
    answered = {answer.question.key for answer in answers}
    return [question for question in questions if question.key not in answered]


def adopt_mapping_options(settings: Settings) -> Settings:
    """Return the settings with the keys and answers of the mapping file, where they give no others."""
    if settings.mapping is None:
        return settings
    answers = tuple(dict.fromkeys((*read_mapping(settings.mapping).answers, *settings.answers)))
    return replace(with_file_keys(settings), answers=answers)
