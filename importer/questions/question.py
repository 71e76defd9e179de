"""A question about a file, as data: one cause, asked once, with the answers that it can have.

An answer is nothing but options and lines of a mapping file (``Choice``). Nothing else in the pipeline knows of it: the
file is prepared again with them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from importer.errors import MappingError

LEAVE = "leave"
"""The answer that leaves the rows concerned invalid; for a column, the one that does not import it is ``ignore``."""
IGNORE = "ignore"
SettingsChange = tuple[tuple[str, Any], ...]


class Unanswered(StrEnum):
    """The consequence of a question that nobody answers."""

    STOP = "stop"  # a guess could send wrong data: nothing is sent
    HOLD = "hold"  # the rows concerned are invalid
    SEND = "send"  # the rows concerned are sent as they are, with a warning or a note


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: ``lines`` of a mapping file, and pairs of a setting and its value (tuples are added to it)."""

    answer: str
    label: str
    lines: tuple[str, ...] = ()
    settings: SettingsChange = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One of several values that a question is about, how many cells have it, and its proposed replacement."""

    value: str
    count: int
    proposal: str = ""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question. ``text`` says all of it, with an option or a mapping line to paste; ``prompt`` is its short form.

    ``subject`` is the field or column that it is about, blank for the file. ``accepts`` says what may be typed besides
    the answers of ``choices``. ``code`` and ``params`` are those of a problem kind, for another language.
    """

    kind: str
    subject: str
    text: str
    prompt: str
    unanswered: Unanswered
    rows: int = 0
    examples: tuple[tuple[str, int], ...] = ()  # pairs of a text and its row
    choices: tuple[Choice, ...] = ()
    proposal: str = ""
    evidence: str = ""
    accepts: str = ""
    parts: tuple[Part, ...] = ()
    ignored: Choice | None = None  # of a question with parts: the answer that does not import the column
    code: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    context: Any = field(default=None, repr=False, compare=False)  # what reading an answer needs

    @property
    def key(self) -> str:
        """The name of the question in ``--answer`` and in mapping files."""
        return key_of(self.kind, self.subject)

    @property
    def has_proposal(self) -> bool:
        """True if an answer is proposed, for at least one of its values."""
        return bool(self.proposal) or any(part.proposal for part in self.parts)


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer to a question; ``said`` is what the reports show."""

    question: OpenQuestion
    choice: Choice
    said: str
    by_person: bool


class UnansweredQuestionsError(MappingError):
    """Questions that must be answered before anything is sent. ``str()`` has them all."""

    def __init__(self, questions: Sequence[OpenQuestion]) -> None:
        self.questions = tuple(questions)
        texts = list(dict.fromkeys(map(_text_of, self.questions)))
        head = [f"{len(texts)} questions must be answered before anything is sent:"] if len(texts) > 1 else []
        super().__init__("\n\n".join([*head, *texts]))
        if len(self.questions) == 1:
            self.code, self.params = self.questions[0].code, self.questions[0].params


def _text_of(question: OpenQuestion) -> str:
    can_leave = any(choice.answer == LEAVE for choice in question.choices)
    return question.text + (f". To leave these rows out, use --answer {question.key}={LEAVE}" if can_leave else "")


def key_of(kind: str, subject: str) -> str:
    """Return the name of a question in ``--answer`` and in mapping files."""
    return f"{kind}:{subject}" if subject else kind


def remember(key: str, answer: str) -> SettingsChange:
    """Return the change of the settings that keeps an answer which no other option can hold."""
    return (("answers", ((key, answer),)),)


def leave_rows(kind: str, subject: str, label: str = "Leave these rows out") -> Choice:
    """Return the choice that leaves the rows of a question invalid."""
    return Choice(LEAVE, label, settings=remember(key_of(kind, subject), LEAVE))
