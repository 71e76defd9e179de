"""Contacts that are in the file more than once, with differing values."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from importer.mapping import FieldMapping, Mapping
from importer.model.problem import SKIPPED
from importer.questions.question import Choice, OpenQuestion, Unanswered, key_of, remember
from importer.settings import Settings

KIND = "repeated_contacts"
SEND, FIRST, LAST, MERGE = "send", "first", "last", "merge"


def ask(feed: FieldMapping, rows: int, examples: tuple[tuple[str, int], ...], mapping: Mapping) -> OpenQuestion:
    """Return the question of the rows that have an address or a number in common."""
    path, key = feed.field.path, key_of(KIND, feed.field.path)
    header = mapping.header_of(feed) or path
    return OpenQuestion(
        KIND,
        path,
        f"column {header!r}: {rows:,} rows share a value with another row and differ elsewhere; all are sent. To send "
        f"only the first or the last of each, use --answer {key}={FIRST} or --answer {key}={LAST}; {key}={MERGE} fills "
        f"the blanks of the first from the others",
        f"{rows:,} rows have the same value in the column {header!r} as another row, and differ elsewhere.",
        Unanswered.SEND,
        rows=rows,
        examples=examples,
        choices=(
            Choice(SEND, "Send all of them", settings=remember(key, SEND)),
            Choice(FIRST, "Send the first of each", settings=remember(key, FIRST)),
            Choice(LAST, "Send the last of each", settings=remember(key, LAST)),
            Choice(MERGE, "Send the first, and fill its blanks from the others", settings=remember(key, MERGE)),
        ),
        proposal=SEND,
        evidence="people share addresses and numbers",
    )


def apply(problems: pl.DataFrame, sharing: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """Return the problems with the rows skipped that the answers do not want sent.

    ``sharing`` has ``row``, ``field``, and the ``earliest`` and ``latest`` row that have the same there.
    """
    for path, answer in _answers(settings):
        if answer == SEND:
            continue
        wanted_row = pl.col("latest" if answer == LAST else "earliest")
        rows = sharing.filter((pl.col("field") == path) & (pl.col("row") != wanted_row))["row"]
        here = (pl.col("field") == path) & pl.col("row").is_in(rows.implode())
        kept = problems.filter((pl.col("field") != path) | (pl.col("severity") == "error"))
        skipped = problems.filter(here & (pl.col("severity") != "error")).with_columns(
            severity=pl.lit(SKIPPED), code=pl.lit("repeated_contact"), params=pl.lit("{}")
        )
        problems = pl.concat([kept, skipped]).sort("row", maintain_order=True)
    return problems


def fields_to_merge(settings: Settings) -> tuple[str, ...]:
    """Return the fields by which an answer says that contacts are merged."""
    return tuple(path for path, answer in _answers(settings) if answer == MERGE)


def _answers(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield the fields with an answer."""
    for key, answer in dict(settings.answers).items():
        kind, _, path = key.partition(":")
        if kind == KIND and answer in (SEND, FIRST, LAST, MERGE):
            yield path, answer
