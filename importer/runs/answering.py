"""Answers the questions of a file, by the proposals or a person, and does the work again with the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from importer.observer import Observer
from importer.questions import UnansweredQuestionsError, accept_proposals, apply_answers
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
            answers = list(accept_proposals(questions)) if settings.accept_proposals else []
            taken = {answer.question.key for answer in answers}
            left = [question for question in questions if question.key not in taken]
            if left and observer.can_answer:
                answers += observer.on_questions(left)
            elif left or not answers:
                raise UnansweredQuestionsError(left or error.questions) from error
            for answer in answers:
                if not answer.by_person:
                    observer.on_note(f"{answer.question.prompt} Taken as proposed: {answer.said}")
            answered |= {question.key for question in questions}
            settings = apply_answers(settings, answers)
