"""Collects the questions that a check itself shows: from its problems, grouped, without another pass over the rows."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from importer.mapping import FieldMapping, Mapping
from importer.questions import (
    blank_words,
    choice_values,
    encoded_text,
    middle_names,
    no_record,
    repeated_contacts,
    too_long,
)
from importer.questions.answers import is_answered
from importer.questions.question import OpenQuestion
from importer.settings import Settings
from schemas.kind import Kind

GROUPED = ("enum", "max_length")
SHARED = ("shared_email", "shared_phone")
MOST_EXAMPLES = 3
CAN_BE_CUT = (Kind.TEXT, Kind.NAME)  # half of a country, a code or a number is another one
_WANTED = pl.col("code").is_in([*GROUPED, *SHARED, no_record.CODE, middle_names.CODE, encoded_text.CODE])


class QuestionCollector:
    """The problems of a check that are one question each, by code, field and value."""

    def __init__(self, mapping: Mapping) -> None:
        self._mapping = mapping
        self._feeds = {feed.field.path: feed for feed in mapping.field_mappings}
        self._texts = [feed.field.path for feed in mapping.field_mappings if _is_text(feed)]
        self._filled = {path: 0 for path, feed in self._feeds.items() if feed.field.limits.enum}
        self._found: list[pl.DataFrame] = []
        self._words: dict[str, dict[str, tuple[int, int]]] = {}

    def add_problems(self, problems: pl.DataFrame) -> None:
        """Add the problems of a batch."""
        wanted = problems.filter(_WANTED)
        if wanted.height:
            grouped = wanted.group_by("code", "field", "value", maintain_order=True)
            self._found.append(grouped.agg(count=pl.len(), row=pl.col("row").min()))

    def add_fields(self, frame: pl.DataFrame) -> None:
        """Add the texts of a batch that may stand for nothing, and count the choices."""
        for path in self._filled:
            self._filled[path] += frame.height - frame[path].null_count()
        for path in self._texts:
            at = blank_words.find_words(frame[path])
            if at.any():
                found = frame.filter(at).group_by(path).agg(count=pl.len(), row=pl.col("row").min())
                known = self._words.setdefault(path, {})
                for word, count, row in found.sort("row").iter_rows():
                    before, first = known.get(word, (0, row))
                    known[word] = before + count, first

    def questions(self, settings: Settings) -> tuple[OpenQuestion, ...]:
        """Return the questions that the settings do not answer yet."""
        found = [question for question in (*self._from_problems(), *self._from_words()) if question is not None]
        return tuple(question for question in found if not is_answered(question, settings))

    def _from_problems(self) -> Iterator[OpenQuestion | None]:
        if not self._found:
            return
        both = pl.concat(self._found).group_by("code", "field", "value", maintain_order=True)
        totals = both.agg(pl.col("count").sum(), pl.col("row").min())
        is_encoded = pl.col("code") == encoded_text.CODE
        encoded = totals.filter(is_encoded)
        if encoded.height:  # one cause, whatever the column
            yield encoded_text.ask(*_count(encoded))
        for (code, path), group in totals.filter(~is_encoded).group_by("code", "field", maintain_order=True):
            feed = self._feeds.get(str(path))
            rows, examples = _count(group)
            if code == no_record.CODE:
                yield no_record.ask(rows, examples)
            elif feed is None:
                continue
            elif code == "enum" and feed.field.type == "string":
                counts = group.sort("count", "row", descending=[True, False]).select("value", "count", "row")
                yield choice_values.ask(feed, counts.rows(), self._mapping, filled=self._filled.get(feed.field.path, 0))
            elif code == middle_names.CODE:
                yield middle_names.ask(feed, group.sort("row").select("value", "count", "row").rows(), self._mapping)
            elif code == "max_length" and feed.field.type == "string" and feed.field.kind in CAN_BE_CUT:
                yield too_long.ask(feed, rows, examples, self._mapping)
            elif code in SHARED:
                yield repeated_contacts.ask(feed, rows, examples, self._mapping)

    def _from_words(self) -> Iterator[OpenQuestion | None]:
        for path, words in self._words.items():
            yield blank_words.ask(self._feeds[path], words, self._mapping)


def _count(group: pl.DataFrame) -> tuple[int, tuple[tuple[str, int], ...]]:
    """Return how many cells a group has, and its first values with their rows."""
    first = group.sort("row").head(MOST_EXAMPLES)
    return int(group["count"].sum()), tuple(zip(first["value"].to_list(), first["row"].to_list(), strict=True))


def _is_text(feed: FieldMapping) -> bool:
    return bool(feed.columns) and feed.field.kind in (Kind.TEXT, Kind.NAME) and feed.field.type == "string"
