"""Asks a person at the terminal the questions of a file, one by one; Enter takes what is proposed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

import click

from importer.cli.output import echo, one_line, style
from importer.cli.prompt import ask_text
from importer.questions import GivenAnswer, OpenQuestion, answer_parts, read_answer

STOP, LEAVE = "stop", "leave"
WIDTH = 80


def ask_questions(questions: Sequence[OpenQuestion]) -> list[GivenAnswer]:
    """Return the answers of a person. Raises click.Abort for ``stop``."""
    return [_ask(question, number, len(questions)) for number, question in enumerate(questions, 1)]


def _ask(question: OpenQuestion, number: int, of: int) -> GivenAnswer:
    _print("")
    _print(f"Question {number} of {of}: {question.prompt}", bold=True)
    for text, row in question.examples:
        _print(f"for example row {row}: {text}", indent="  ")
    return _ask_parts(question) if question.parts else _ask_choice(question)


def _ask_choice(question: OpenQuestion) -> GivenAnswer:
    """Ask for one answer: the number or the words of a choice, or what the question accepts besides."""
    for place, choice in enumerate(question.choices, 1):
        is_proposed = choice.answer == question.proposal
        reason = f" (proposed: {question.evidence})" if is_proposed else ""
        _print(f"{place}  {choice.label}{reason}", indent="  ")
    if question.accepts:
        _print(f"or type {question.accepts}", indent="  ")
    while True:
        text = _prompt(f"Answer, or {STOP}", question.proposal)
        if text.isdecimal() and 1 <= int(text) <= len(question.choices):
            text = question.choices[int(text) - 1].answer
        try:
            choice = read_answer(question, text)
        except ValueError as error:
            _print(str(error), indent="  ")
            continue
        return GivenAnswer(question, choice, choice.answer, by_person=True)


def _ask_parts(question: OpenQuestion) -> GivenAnswer:
    """Ask what each value means; ``leave`` leaves its rows out."""
    options = [choice.answer for choice in question.choices]
    ignore = f", {question.ignored.answer} does not import the column" if question.ignored else ""
    _print(f"It takes {', '.join(options)}; {LEAVE} leaves the rows out{ignore}.", indent="  ")
    meant: dict[str, str] = {}
    for part in question.parts:
        while True:
            text = _prompt(f'"{part.value}" ({part.count:,} rows)', part.proposal or question.proposal or LEAVE)
            if question.ignored is not None and text.casefold() == question.ignored.answer:
                return GivenAnswer(question, question.ignored, question.ignored.answer, by_person=True)
            known = next((option for option in options if option.casefold() == text.casefold()), None)
            if known is not None:
                meant[part.value] = known
            elif text.casefold() != LEAVE:
                _print(f"answer {', '.join(options)} or {LEAVE}", indent="  ")
                continue
            break
    return answer_parts(question, meant, by_person=True)


def _prompt(text: str, proposal: str) -> str:
    answer = ask_text(text, proposal)
    if answer.casefold() == STOP:
        raise click.Abort
    return answer


def _print(text: str, indent: str = "", *, bold: bool = False) -> None:
    lines = textwrap.wrap(one_line(text), WIDTH, initial_indent=indent, subsequent_indent=indent + "   ") or [""]
    for line in lines:
        echo(style(line, "bold" if bold else None), err=True)
