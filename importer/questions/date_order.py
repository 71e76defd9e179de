"""The order of day and month in a column of dates that nothing proves, or that proves two orders."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnlyDict
from typing import cast

from importer.cleaning import DateOrderEvidence
from importer.mapping import FieldMapping, Mapping, label_columns
from importer.model.problem import message_of
from importer.questions.column_choices import column_choices
from importer.questions.question import Choice, OpenQuestion, Unanswered, key_of, remember
from importer.settings import DateOrder, Settings

KIND = "date_order"
ORDERS = {"dmy": "the day first", "mdy": "the month first", "ymd": "the year first"}


def given(settings: Settings) -> Iterator[tuple[str, DateOrder]]:
    """Yield the fields whose order an answer gives."""
    for key, answer in settings.answers:
        kind, _, path = key.partition(":")
        if kind == KIND and answer in ORDERS:
            yield path, cast("DateOrder", answer)


def ask(
    feed: FieldMapping, evidence: DateOrderEvidence, mapping: Mapping, known: ReadOnlyDict[str, DateOrder]
) -> OpenQuestion:
    """Return the question of a column of dates; ``known`` are the orders that other columns have proven."""
    path = feed.field.path
    code, params = evidence.failure(mapping.header_of(feed) or path)
    proven = set(known.values())
    proposal = proven.pop() if len(proven) == 1 and code == "date_order_unproven" else ""
    return OpenQuestion(
        KIND,
        path,
        message_of(code, params),
        f"The dates in the column {mapping.header_of(feed)!r} can be read in several ways. What stands first?",
        Unanswered.STOP,
        rows=evidence.either_count,
        examples=tuple((text, row) for row, text in (*evidence.day_first, *evidence.month_first, *evidence.either)[:3]),
        choices=(
            *(Choice(order, label, settings=remember(key_of(KIND, path), order)) for order, label in ORDERS.items()),
            *column_choices(KIND, feed, mapping),
        ),
        proposal=proposal,
        evidence="the other dates of the file prove it" if proposal else "",
        code=code,
        params=params,
        context=(feed, label_columns(mapping.columns)),
    )
