"""The order of day and month in a column of numeric dates: one order for all of it, proven by its values.

A 31 in first place proves that the day comes first, a 90 that the year does. Where nothing proves an order, and it
matters, nothing is guessed: the run stops before it sends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from importer.cleaning.dates import YEAR_LAST
from importer.settings import DateOrder
from schemas.column_stats import distinct

MOST_EXAMPLES = 5
LAST_MONTH, LAST_DAY = 12, 31
FEBRUARY, MONTHS_OF_30_DAYS = 2, [4, 6, 9, 11]


@dataclass(slots=True)
class DateOrderEvidence:
    """Rows of a column, with their texts, that can only be in one order, or in either."""

    day_first: list[tuple[int, str]] = field(default_factory=list)
    month_first: list[tuple[int, str]] = field(default_factory=list)
    year_first: list[tuple[int, str]] = field(default_factory=list)
    year_last: list[tuple[int, str]] = field(default_factory=list)
    either: list[tuple[int, str]] = field(default_factory=list)
    either_count: int = 0

    def add(self, rows: pl.Series, values: pl.Series) -> None:
        """Add a batch of the column."""
        frame = pl.DataFrame({"row": rows, "text": values}).with_columns(
            one=values.str.extract(YEAR_LAST, 1).cast(pl.Int16),
            two=values.str.extract(YEAR_LAST, 2).cast(pl.Int16),
            three=values.str.extract(YEAR_LAST, 3).cast(pl.Int16),
        )
        one, two, three = pl.col("one"), pl.col("two"), pl.col("three")
        frame = frame.filter((one > 0) & (two > 0))
        either = frame.filter((one <= LAST_MONTH) & (two <= LAST_MONTH) & (one != two))
        self.either_count += either.height
        _keep_examples(self.either, either)
        day_first = (one > LAST_MONTH) & _is_day_of(one, two)
        _keep_examples(self.day_first, frame.filter(day_first))
        _keep_examples(self.month_first, frame.filter((two > LAST_MONTH) & _is_day_of(two, one)))
        _keep_examples(self.year_first, frame.filter((one > LAST_DAY) & _is_day_of(three, two)))
        _keep_examples(self.year_last, frame.filter(three > LAST_DAY))

    def order(self) -> DateOrder | None:
        """Return the order; None where it matters and is not proven, or where values contradict each other."""
        if self._contradiction:
            return None
        if self.year_first:
            return "ymd"
        if self.month_first:
            return "mdy"
        return "dmy" if self.day_first or not self.either else None

    @property
    def _contradiction(self) -> tuple[tuple[int, str], tuple[int, str]] | None:
        """Two rows that prove different orders. Where the year comes first, a day may look like one that does."""
        if self.year_first:
            other = self.month_first or self.year_last
            return (self.year_first[0], other[0]) if other else None
        return (self.day_first[0], self.month_first[0]) if self.day_first and self.month_first else None

    def failure(self, column: str) -> tuple[str, dict[str, Any]]:
        """Return why there is no order: the code of a problem kind and its parameters, with the rows that differ."""
        if self._contradiction:
            (row, text), (other_row, other) = self._contradiction
            params = {"column": repr(column), "one": text, "row": row, "other": other, "other_row": other_row}
            if self.year_first:
                params["variant"] = "year"
            return "date_order_mixed", params
        params = {"column": repr(column), "examples": [(text, row) for row, text in self.either]}
        more = self.either_count - len(self.either)
        return "date_order_unproven", params | ({"more": f"{more:,}"} if more > 0 else {})


def _is_day_of(day: pl.Expr, month: pl.Expr) -> pl.Expr:
    """Return where a month has this day. 31/02 exists in no order, and so proves none."""
    last = pl.when(month == FEBRUARY).then(29).when(month.is_in(MONTHS_OF_30_DAYS)).then(30).otherwise(LAST_DAY)
    return day.is_between(1, last) & month.is_between(1, LAST_MONTH)


def _keep_examples(examples: list[tuple[int, str]], found: pl.DataFrame) -> None:
    examples.extend(found.select("row", "text").head(MOST_EXAMPLES - len(examples)).rows())


def needs_order(values: pl.Series) -> bool:
    """Return whether some values are numeric dates with the year last, which cannot be read without an order."""
    return bool(distinct(values).str.contains(YEAR_LAST).any())
