"""The order of day and month in a column of numeric dates: one order for all of it, proven by its values.

A 31 in first place proves that the day comes first. Where nothing proves an order, and it matters, nothing is guessed:
the run stops before it sends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from importer.cleaning.dates import YEAR_LAST
from importer.settings import DateOrder
from schemas.column_stats import distinct

MOST_EXAMPLES = 5
LAST_MONTH = 12


@dataclass(slots=True)
class DateOrderEvidence:
    """Rows of a column, with their texts, that can only be day first, only month first, or either."""

    day_first: list[tuple[int, str]] = field(default_factory=list)
    month_first: list[tuple[int, str]] = field(default_factory=list)
    either: list[tuple[int, str]] = field(default_factory=list)
    either_count: int = 0

    def add(self, rows: pl.Series, values: pl.Series) -> None:
        """Add a batch of the column."""
        frame = pl.DataFrame({"row": rows, "text": values}).with_columns(
            one=values.str.extract(YEAR_LAST, 1).cast(pl.Int8), two=values.str.extract(YEAR_LAST, 2).cast(pl.Int8)
        )
        one, two = pl.col("one"), pl.col("two")
        either = frame.filter((one <= LAST_MONTH) & (two <= LAST_MONTH) & (one != two))
        self.either_count += either.height
        _keep_examples(self.either, either)
        _keep_examples(self.day_first, frame.filter((one > LAST_MONTH) & (two <= LAST_MONTH)))
        _keep_examples(self.month_first, frame.filter((one <= LAST_MONTH) & (two > LAST_MONTH)))

    def order(self) -> DateOrder | None:
        """Return the order; None where it matters and is not proven, or where values contradict each other."""
        if self.day_first and self.month_first:
            return None
        if self.month_first:
            return "mdy"
        return "dmy" if self.day_first or not self.either else None

    def failure(self, column: str) -> tuple[str, dict[str, Any]]:
        """Return why there is no order: the code of a problem kind and its parameters, with the rows that differ."""
        if self.day_first and self.month_first:
            (row, text), (other_row, other) = self.day_first[0], self.month_first[0]
            params = {"column": repr(column), "one": text, "row": row, "other": other, "other_row": other_row}
            return "date_order_mixed", params
        params = {"column": repr(column), "examples": [(text, row) for row, text in self.either]}
        more = self.either_count - len(self.either)
        return "date_order_unproven", params | ({"more": f"{more:,}"} if more > 0 else {})


def _keep_examples(examples: list[tuple[int, str]], found: pl.DataFrame) -> None:
    examples.extend(found.select("row", "text").head(MOST_EXAMPLES - len(examples)).rows())


def needs_order(values: pl.Series) -> bool:
    """Return whether some values are numeric dates with the year last, which cannot be read without an order."""
    return bool(distinct(values).str.contains(YEAR_LAST).any())
