"""Answers to questions, and the settings that they become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from importer.errors import SettingsError
from importer.questions.question import IGNORE, LEAVE, Choice, GivenAnswer, OpenQuestion, leave_rows, remember
from importer.questions.registry import QUESTION_KINDS
from importer.settings import AnsweredBy, AnsweredQuestion, Settings


def read_answer(question: OpenQuestion, text: str) -> Choice:
    """Return the choice that a text means. Raises ValueError that says what may be answered."""
    known = next((choice for choice in question.choices if choice.answer.casefold() == text.casefold()), None)
    if known is not None:
        return known
    if question.ignored is not None and text.casefold() == IGNORE:
        return question.ignored
    if question.parts and text.casefold() == LEAVE:
        return leave_rows(question.kind, question.subject)
    read = QUESTION_KINDS[question.kind].read
    if question.parts:
        raise ValueError(f"say {LEAVE} to leave the rows out, or what each value means in a mapping file")
    if read is None:
        raise ValueError(f"answer {', '.join(choice.answer for choice in question.choices)}")
    return read(question, text)


def answer_parts(question: OpenQuestion, meant: Mapping[str, str], *, by_person: bool) -> GivenAnswer:
    """Return the answer that gives values their meanings; a value that is not in ``meant`` is left as it is."""
    read = QUESTION_KINDS[question.kind].read_parts
    if read is None:
        raise ValueError(f"{question.kind} has no values")
    choice = read(question, meant)
    return GivenAnswer(question, choice, choice.answer, by_person)


def accept_proposals(questions: Sequence[OpenQuestion]) -> Iterator[GivenAnswer]:
    """Yield the proposed answers of the questions that have one."""
    for question in questions:
        if any(part.proposal for part in question.parts):
            meant = {part.value: part.proposal for part in question.parts if part.proposal}
            yield answer_parts(question, meant, by_person=False)
        elif question.proposal:
            choice = read_answer(question, question.proposal)
            yield GivenAnswer(question, choice, choice.answer, by_person=False)


def apply_answers(settings: Settings, answers: Sequence[GivenAnswer]) -> Settings:
    """Return the settings with the options and lines that the answers are."""
    for answer in answers:
        question = answer.question
        by: AnsweredBy = "person" if answer.by_person else "proposal"
        told = AnsweredQuestion(question.kind, question.subject, question.rows, answer.said, by)
        lines = (*settings.lines, *answer.choice.lines)
        settings = replace(settings.with_changes(answer.choice.settings), lines=lines, asked=(*settings.asked, told))
    return settings


def is_answered(question: OpenQuestion, settings: Settings) -> bool:
    """Return whether the settings have an answer that is in effect already. Raises SettingsError for a wrong one."""
    choice = _given_choice(question, settings)
    return choice is not None and not choice.lines and choice.settings == remember(question.key, choice.answer)


def find_given_answers(questions: Sequence[OpenQuestion], settings: Settings) -> Iterator[GivenAnswer]:
    """Yield the answers that the settings give to questions. Raises SettingsError for a wrong one."""
    for question in questions:
        choice = _given_choice(question, settings)
        if choice is not None:
            yield GivenAnswer(question, choice, choice.answer, by_person=True)


def _given_choice(question: OpenQuestion, settings: Settings) -> Choice | None:
    text = dict(settings.answers).get(question.key)
    if text is None:
        return None
    try:
        return read_answer(question, text)
    except ValueError as error:
        raise SettingsError(f"--answer {question.key}={text}: {error}") from error
