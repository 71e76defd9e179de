"""The cards of the check: one for each cause, with the controls that answer it, and what was done so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from importer.drafts.edit import Edit
from importer.questions import OpenQuestion, choice_values, no_record, time_zone, too_long
from importer.questions import date_order as order_question
from importer.questions import phone_country as country_question
from importer.runs.causes import Cause, find_causes
from importer.runs.review import CellProblem, CheckReview, ProblemQuery
from importer.web.i18n import N_, Words

MAX_CARDS = 40
ROWS_IN_CARD = 5  # a cause of so few rows shows them at once
# The causes that a question answers, by its kind.
CAUSE_OF = {choice_values.KIND: "enum", too_long.KIND: "max_length", no_record.KIND: "may_be_no_record"}
TITLES = {
    time_zone.KIND: N_("The times in “%(column)s” have no time zone. Which one are they in?"),
    country_question.KIND: N_("The phone numbers in “%(column)s” have no country code. Which country are they of?"),
    order_question.KIND: N_("The dates in “%(column)s” can be read in several ways. What comes first?"),
    "full_name": N_("The column “%(column)s” seems to hold names. What should become of them?"),
    "required_field": N_("%(column)s is required. Where does it come from?"),
    "object_part": N_("%(column)s is required together with its other fields. Where does it come from?"),
    "several_columns": N_("Several columns could be %(column)s. Which one is it?"),
    "column_by_values": N_("The values of a column look like %(column)s. Is it that?"),
    "blank_words": N_("“%(column)s” has words that may stand for “no value”. Do they?"),
    "repeated_contacts": N_(
        "Several rows have the same value in “%(column)s” and differ elsewhere. Which ones are sent?"
    ),
    "no_record": N_("Some rows look like a heading, a total or a footer, not like a contact."),
    "too_long": N_("Some values in “%(column)s” are longer than the vendor accepts."),
}
CHOICES = {
    "leave": N_("Leave these rows out"),
    "ignore": N_("Do not import the column"),
    "dmy": N_("day, month, year"),
    "mdy": N_("month, day, year"),
    "ymd": N_("year, month, day"),
    "blank": N_("They mean “no value”: leave the field out"),
    "keep": N_("They are real values: send them"),
    "cut": N_("Cut them off at the limit"),
    "skip": N_("They are no contacts: skip them"),
    "split": N_("Split them into first and last name"),
    "first": N_("Send the first of each"),
    "last": N_("Send the last of each"),
    "merge": N_("Send the first, and fill its blanks from the others"),
}
CELLS_CHANGED = {
    "upload": N_("%(done)s from %(file)s"),
    "replace": N_("%(done)s: “%(find)s” replaced with “%(by)s”"),
    "values": N_("%(done)s in %(column)s: %(pairs)s"),
}
SEND = {"no_record": N_("They are contacts: send them"), "repeated_contacts": N_("Send all of them")}


@dataclass(frozen=True, slots=True)
class CardChoice:
    """An answer that a card offers."""

    answer: str
    label: str


@dataclass(frozen=True, slots=True)
class QuestionCard:
    """A question with its choices. ``takes`` is what else it accepts: a time zone, a country, or any text."""

    key: str
    kind: str
    title: str
    rows: int
    examples: Sequence[tuple[str, int]]
    choices: Sequence[CardChoice]
    proposal: str
    takes: str


@dataclass(frozen=True, slots=True)
class CauseCard:
    """A cause with its first rows, where it has few of them, and the question that answers it, if any."""

    cause: Cause
    cells: Sequence[CellProblem]
    question: QuestionCard | None
    link: str
    is_open: bool

    @property
    def name(self) -> str:
        """The name of the card's element."""
        return f"cause-{self.cause.code}-{self.cause.field}".replace(" ", "-")


def build_cause_cards(
    words: Words, review: CheckReview, severity: str, questions: Sequence[OpenQuestion], opened: ProblemQuery
) -> list[CauseCard]:
    """Return the cards of the errors or warnings by now, those of most rows first."""
    causes = find_causes(review, severity)
    asked = {
        (CAUSE_OF[each.kind], each.subject): each for each in questions if each.kind in CAUSE_OF and not each.parts
    }
    asked |= {(code, ""): each for (code, subject), each in asked.items() if not subject}
    cards = []
    for cause in causes[:MAX_CARDS]:
        question = asked.get((cause.code, cause.field)) if severity == "error" else None
        is_open = (opened.code, opened.field, opened.column) == (cause.code, cause.field, cause.column)
        few = cause.count <= ROWS_IN_CARD and not is_open
        cells = review.problems(cause.query).cells if few else ()
        card = None if question is None else describe_question(words, question, cause.column)
        where = {"code": cause.code, "field": cause.field, "column": cause.column}
        link = "?" + urlencode({"severity": severity, **where})
        cards.append(CauseCard(cause, cells, card, link, is_open))
    return cards


def build_question_cards(words: Words, review: CheckReview, questions: Sequence[OpenQuestion]) -> list[QuestionCard]:
    """Return the cards of the questions that are no cause of errors: they are about rows that would be sent."""
    sources = review.mapping.field_sources()
    return [
        describe_question(words, each, sources[each.subject].header if each.subject in sources else "")
        for each in questions
        if each.kind not in CAUSE_OF and each.kind in TITLES
    ]


def describe_question(words: Words, question: OpenQuestion, column: str = "") -> QuestionCard:
    """Return the card of a question, in the reader's language."""
    column = column or _column_of(question)
    title = words.say(TITLES[question.kind], column=column) if question.kind in TITLES else question.prompt
    choices = [CardChoice(each.answer, _label(words, question, each.answer, each.label)) for each in question.choices]
    takes = {time_zone.KIND: "zone", country_question.KIND: "country"}.get(question.kind, "")
    return QuestionCard(
        question.key, question.kind, title, question.rows, question.examples, choices, question.proposal,
        takes or ("text" if question.accepts else ""),
    )  # fmt: skip


def _column_of(question: OpenQuestion) -> str:
    """Return the column that a question is about, else its field."""
    if question.kind in (time_zone.KIND, country_question.KIND, order_question.KIND):
        feed, labels = question.context
        return str(labels[feed.columns[0]])
    return question.subject


def _label(words: Words, question: OpenQuestion, answer: str, label: str) -> str:
    if answer == "send" and question.kind in SEND:
        return words.say(SEND[question.kind])
    return words.say(CHOICES[answer]) if answer in CHOICES else label


def describe_edit(words: Words, edit: Edit) -> str:
    """Return what an action did, in the reader's language."""
    params: dict[str, Any] = dict(edit.params)
    if edit.kind == "answer":
        return "; ".join(_describe_answer(words, *said) for said in params["said"])
    if edit.kind in ("remove", "restore"):
        left_out = words.count("%(n)s row left out", "%(n)s rows left out", params["rows"])
        restored = words.count("%(n)s row restored", "%(n)s rows restored", params["rows"])
        return left_out if edit.kind == "remove" else restored
    done = words.count("%(n)s cell changed", "%(n)s cells changed", params["cells"])
    if edit.kind == "values":
        params["pairs"] = ", ".join(f"{before or '∅'} → {after or '∅'}" for before, after in params["pairs"])
    return words.say(CELLS_CHANGED[edit.kind], **(params | {"done": done})) if edit.kind in CELLS_CHANGED else done


def _describe_answer(words: Words, kind: str, subject: str, said: str, rows: int) -> str:
    rows_text = words.count("%(n)s row", "%(n)s rows", rows)
    if kind == choice_values.KIND:
        return f"{rows_text}: {said.replace(' = ', ' → ')}"
    label = SEND.get(kind, said) if said == "send" else CHOICES.get(said, said)
    answer = words.say(label)
    return f"{rows_text}: {subject} – {answer}" if subject else f"{rows_text}: {answer}"
