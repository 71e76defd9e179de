"""The rows of a file that are to be sent: by their numbers (``rows``, ``skip_last``) and a condition (``where``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import polars as pl

from importer.errors import MappingError
from importer.mapping import Condition, parse_condition, parse_row_ranges
from importer.model.problem import SKIPPED
from importer.model.problem_frame import PROBLEM_SCHEMA, encode_params
from importer.run_store.row_set import RowSet
from importer.settings import Settings

PLACE = "where"  # the option and the key of mapping files have this name


@dataclass(frozen=True, slots=True)
class RowSelection:
    """The rows to send. ``rows`` is the text of the ranges, for messages.

    ``is_whole`` is False for a list of rows to fix, in which no row is left out by its place. ``removed`` are rows
    that a person removed.
    """

    ranges: tuple[tuple[int, int | None], ...] = ()
    rows: str = ""
    skip_last: int = 0
    where: Condition | None = None
    is_whole: bool = True
    removed: tuple[int, ...] = ()

    @classmethod
    def of(cls, settings: Settings, columns: Sequence[str], *, is_whole: bool) -> Self:
        """Return the selection that the settings ask for in a file with these columns. Raises MappingError."""
        where = None if settings.where is None else parse_condition(settings.where, PLACE, columns)
        if not is_whole:
            return cls(where=where, is_whole=False, removed=settings.removed)
        rows = settings.rows or ""
        ranges = parse_row_ranges(rows, "rows") if rows else ()
        return cls(ranges, rows, settings.skip_last or 0, where, removed=settings.removed)

    def in_ranges(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch whose numbers are to be sent."""
        frame = frame.filter(self._is_in_ranges()) if self.ranges else frame
        return RowSet(self.removed).drop(frame) if self.removed else frame

    def likely_records(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a batch that may be sent, for what looks at whole columns.

        A footer can have cells that the condition cannot read; it is found later, and the batch stays as it is.
        """
        frame = self.in_ranges(frame)
        if self.where is None:
            return frame
        try:
            return frame.filter(self.where.matches(frame, PLACE).fill_null(value=False))
        except MappingError:
            return frame

    def find_by_place(self, frame: pl.DataFrame, *, is_end: bool) -> pl.DataFrame:
        """Return a problem, in ``PROBLEM_SCHEMA``, for each row of a batch that its number or place leaves out."""
        if not (self.removed or self.ranges or self.skip_last):
            return pl.DataFrame(schema=PROBLEM_SCHEMA)
        removed = RowSet(self.removed).select(frame)["row"] if self.removed else frame["row"].clear()
        outside = frame.filter(~self._is_in_ranges())["row"] if self.ranges else frame["row"].clear()
        outside = outside.filter(~outside.is_in(removed.implode()))
        last = frame["row"].tail(self.skip_last) if is_end and self.skip_last else frame["row"].clear()
        last = last.filter(~last.is_in(pl.concat([removed, outside]).implode()))
        return pl.concat(
            [
                _problems(removed, "removed_row", {}),
                _problems(outside, "outside_rows", {"rows": self.rows}),
                _problems(last, "skipped_at_end", {"count": self.skip_last}),
            ]
        )

    def find_by_condition(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return a problem for each row of a batch that the condition leaves out. Raises MappingError."""
        if self.where is None:
            return pl.DataFrame(schema=PROBLEM_SCHEMA)
        holds = self.where.matches(frame, PLACE)
        params = {"condition": self.where.text}
        no, unknown = frame["row"].filter(~holds), frame["row"].filter(holds.is_null())
        return pl.concat(
            [
                _problems(no, "not_selected", params),
                _problems(unknown, "not_selected", {**params, "variant": "blank"}),
            ]
        )

    def _is_in_ranges(self) -> pl.Expr:
        row = pl.col("row")
        return pl.any_horizontal(
            row.is_between(first, last) if last is not None else row >= first for first, last in self.ranges
        )


def _problems(rows: pl.Series, code: str, params: dict[str, Any]) -> pl.DataFrame:
    texts = {
        "column": "", "field": "", "value": "", "severity": SKIPPED, "code": code, "params": encode_params(params),
        "source": "check",
    }  # fmt: skip
    columns = (pl.lit(text).alias(name) for name, text in texts.items())
    return rows.to_frame("row").with_columns(columns).select(*PROBLEM_SCHEMA)
