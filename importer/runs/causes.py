"""The causes of a check's problems: what is wrong with which column, with its distinct values and their counts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from importer.questions import choice_values
from importer.runs.review import CheckReview, ProblemQuery, select_problems

MOST_VALUES = 12  # of a cause that are listed; the grid shows the others
MOST_CHARACTERS = 200  # of a value that can be answered in a list


@dataclass(frozen=True, slots=True)
class CauseValue:
    """A value with the number of its cells, and the allowed value that is near to it, if any."""

    text: str
    count: int
    proposal: str = ""

    @property
    def key(self) -> str:
        """A name for the value in a form, which may change line breaks in a text."""
        return value_key(self.text)


@dataclass(frozen=True, slots=True)
class Cause:
    """The problems with one code, field and column. ``allowed`` are the values that the field takes, if it has a list.

    ``values`` are those that occur most; ``distinct`` counts all of them. ``params`` are those of the first problem.
    """

    code: str
    field: str
    column: str
    position: int | None  # of the column; None for the whole row
    severity: str
    count: int
    distinct: int
    first_row: int
    params: Mapping[str, Any]
    values: tuple[CauseValue, ...] = ()
    allowed: tuple[str, ...] = ()

    @property
    def query(self) -> ProblemQuery:
        """The selection of its problems."""
        return ProblemQuery(self.code, self.field, self.severity, column=self.column)

    @property
    def repeats(self) -> bool:
        """True if one answer changes several cells."""
        return bool(self.values) and self.count > 1 and (self.distinct < self.count or bool(self.allowed))


def find_causes(review: CheckReview, severity: str) -> list[Cause]:
    """Return the causes of the errors or warnings by now, those of most rows first."""
    problems = _texts(review).filter(pl.col("severity") == severity)
    groups = problems.group_by("code", "field", "column", maintain_order=True).agg(
        count=pl.len(), distinct=pl.col("value").n_unique(), row=pl.col("row").first(), params=pl.col("params").first()
    )
    causes = [_cause(entry, problems, severity, review) for entry in groups.iter_rows(named=True)]
    return sorted(causes, key=lambda cause: -cause.count)


def find_cause(review: CheckReview, code: str, field: str, column: str, severity: str) -> Cause | None:
    """Return one cause with all its values that can be listed; None where nothing is wrong in this way any more."""
    found = select_problems(_texts(review), ProblemQuery(code, field, severity, column=column))
    found = found.filter(pl.col("column") == column, pl.col("field") == field)
    if not found.height:
        return None
    entry = {
        "code": code, "field": field, "column": column, "count": found.height, "distinct": found["value"].n_unique(),
        "row": found["row"][0], "params": found["params"][0],
    }  # fmt: skip
    return _cause(entry, found, severity, review)


def rows_of(review: CheckReview, cause: Cause, value: str | None = None) -> list[int]:
    """Return the rows that have a cause, or one of its values."""
    found = _texts(review).filter(
        pl.col("code") == cause.code,
        pl.col("field") == cause.field,
        pl.col("column") == cause.column,
        pl.col("severity") == cause.severity,
    )
    return (found if value is None else found.filter(pl.col("value") == value))["row"].to_list()


def value_key(text: str) -> str:
    """Return the name of a value in a form."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _texts(review: CheckReview) -> pl.DataFrame:
    return review.problem_frame.with_columns(pl.col("column", "field", "value").fill_null(""))


def _cause(entry: dict[str, Any], problems: pl.DataFrame, severity: str, review: CheckReview) -> Cause:
    column = entry["column"] or ""
    position = {label: index for index, label in enumerate(review.labels)}.get(column) if column else None
    field = review.field(entry["field"])
    allowed = tuple(map(str, field.limits.enum or ())) if field is not None else ()
    same = problems.filter(
        pl.col("code") == entry["code"], pl.col("field") == entry["field"], pl.col("column") == entry["column"]
    )
    values = () if position is None else tuple(_values(same, allowed))
    return Cause(
        entry["code"], entry["field"], column, position, severity, entry["count"], entry["distinct"], entry["row"],
        json.loads(entry["params"]), values, allowed,
    )  # fmt: skip


def _values(problems: pl.DataFrame, allowed: Sequence[str]) -> list[CauseValue]:
    counted = problems.group_by("value", maintain_order=True).agg(count=pl.len())
    if not allowed:
        counted = counted.filter(pl.col("count") > 1)  # to correct a single cell, its row is shown
    short = counted.filter(pl.col("value").str.len_chars() <= MOST_CHARACTERS, ~pl.col("value").str.contains("[\r\n]"))
    most = short.sort("count", descending=True, maintain_order=True).head(MOST_VALUES)
    return [CauseValue(text, count, choice_values.find_near(text, allowed)) for text, count in most.iter_rows()]
