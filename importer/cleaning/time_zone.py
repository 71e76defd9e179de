"""Times without a time zone, and whether a whole column lacks it: one question for the column, not one for each row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from importer.cleaning.dates import OFFSET

MOST_EXAMPLES = 3
_ZONED = rf"(?:Z\s*$)|{OFFSET}"
# A day in figures, a clock time, the name of a month beside a year, or the serial number of a spreadsheet.
_LOOKS_LIKE_TIME = (
    r"^\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}:\d{2}|\d{1,2}\D{1,3}\p{L}{3,}\D{1,3}\d{4}|^\s*\d{5}(?:\.\d+)?\s*$"
)


@dataclass(slots=True)
class TimeZoneEvidence:
    """The times of a column, and those of them that have no zone."""

    filled: int = 0
    without_zone: int = 0
    examples: list[tuple[str, int]] = field(default_factory=list)

    def add(self, rows: pl.Series, texts: pl.Series) -> None:
        """Add a batch of the cleaned column: what has a zone is in UTC by now."""
        filled = (texts != "").fill_null(value=False)
        self.filled += int(filled.sum())
        open_ones = (filled & ~texts.str.ends_with("Z")).fill_null(value=False)
        if not open_ones.any():
            return
        naive = open_ones & texts.str.contains(_LOOKS_LIKE_TIME) & ~texts.str.contains(_ZONED) & ~_is_no_day(texts)
        self.without_zone += int(naive.sum())
        at = naive.fill_null(value=False).arg_true().head(MOST_EXAMPLES - len(self.examples))
        self.examples.extend(zip(texts[at].to_list(), rows[at].to_list(), strict=True))

    @property
    def is_unknown(self) -> bool:
        """True if most of the column's filled cells are times without a zone."""
        return self.without_zone * 2 > self.filled

    def failure(self, column: str) -> dict[str, Any]:
        """Return the parameters of the problem ``time_zone_unknown``."""
        more = self.without_zone - len(self.examples)
        params = {"column": repr(column), "examples": self.examples}
        return params | ({"more": f"{more:,}"} if more > 0 else {})


def _is_no_day(texts: pl.Series) -> pl.Series:
    """Return where texts are written as ISO 8601 has days, and no calendar has that day."""
    days = texts.str.extract(r"^\s*(\d{4}-\d{2}-\d{2})", 1)
    return days.is_not_null() & days.str.to_date("%Y-%m-%d", strict=False).is_null()
