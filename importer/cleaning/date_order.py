"""Which of day and month comes first in a column of dates: one order for all of it, proven by its values.

A 31 in first place proves that the day comes first. Where nothing proves anything, and it matters, nobody is asked to
trust a guess: the run stops before it sends.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from importer.cleaning.dates import YEAR_LAST, Order
from schemas.column_stats import distinct

SHOWN = 5
MONTHS = 12


@dataclass(slots=True)
class Proofs:
    """What a column's values prove: rows (and texts) that can only be day first, month first, or either."""

    day_first: list[tuple[int, str]] = field(default_factory=list)
    month_first: list[tuple[int, str]] = field(default_factory=list)
    either: list[tuple[int, str]] = field(default_factory=list)
    unproven: int = 0

    def add(self, rows: pl.Series, values: pl.Series) -> None:
        """Look at a batch of the column."""
        frame = pl.DataFrame({"row": rows, "text": values}).with_columns(
            one=values.str.extract(YEAR_LAST, 1).cast(pl.Int8), two=values.str.extract(YEAR_LAST, 2).cast(pl.Int8)
        )
        one, two = pl.col("one"), pl.col("two")
        open_ = frame.filter((one <= MONTHS) & (two <= MONTHS) & (one != two))
        self.unproven += open_.height
        _keep(self.either, open_)
        _keep(self.day_first, frame.filter((one > MONTHS) & (two <= MONTHS)))
        _keep(self.month_first, frame.filter((one <= MONTHS) & (two > MONTHS)))

    def order(self) -> Order | None:
        """The order, or None where it is not proven and matters, or where the values contradict each other."""
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
        more = self.unproven - len(self.either)
        return "date_order_unproven", params | ({"more": f"{more:,}"} if more > 0 else {})


def _keep(shown: list[tuple[int, str]], found: pl.DataFrame) -> None:
    shown.extend(found.select("row", "text").head(SHOWN - len(shown)).rows())


def has_order(values: pl.Series) -> bool:
    """Whether some values have numbers whose order matters."""
    return bool(distinct(values).str.contains(YEAR_LAST).any())
