"""The rows of a file that are not sent: no records, left out by place or condition, suppressed, or of nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Self

import polars as pl

from importer.checking import Checked, ContactColumn, NonRecords, Unidentified, find_repeated_headers
from importer.cleaning import Cleaned
from importer.mapping import Mapping
from importer.model.problem import SKIPPED
from importer.model.table import Batch, Table
from importer.runs.row_selection import RowSelection
from schemas.contract import Operation
from schemas.kind import Kind

ECHOES = ("no_way_to_reach", "nothing_to_send")
FEWEST_ROWS = 100
"""A shorter batch joins the one before it, so that the lines at the end of a file are seen together."""


@dataclass(frozen=True, slots=True)
class CheckedBatch:
    """A batch with its fields, null in skipped rows, its problems, and the rows that are not sent."""

    cells: pl.DataFrame
    fields: pl.DataFrame
    cleaned: Cleaned
    problems: pl.DataFrame
    invalid: pl.Series
    skipped: pl.Series

    @classmethod
    def of(
        cls, batch: Batch, cleaned: Cleaned, checked: Checked, non_records: pl.DataFrame, unidentified: pl.DataFrame
    ) -> Self:
        """Return a checked batch with what was found about its rows besides; ``non_records`` has those on lists, too.

        Of a skipped row no other problem is reported: nobody has to correct it.
        """
        skipped = non_records.filter(pl.col("severity") == SKIPPED)["row"]
        fields = cleaned.frame
        if skipped.len():
            is_kept = ~pl.col("row").is_in(skipped.implode())
            fields = batch.frame.select("row").join(fields.filter(is_kept), on="row", how="left", maintain_order="left")
            checked = Checked(
                checked.problems.filter(is_kept), checked.invalid.filter(~checked.invalid.is_in(skipped.implode()))
            )
            unidentified = unidentified.filter(is_kept)
        if not non_records.height and not unidentified.height:
            return cls(batch.frame, fields.drop("row"), cleaned, checked.problems, checked.invalid, skipped)
        held = non_records.filter(~pl.col("row").is_in(skipped.implode()))["row"]
        no_echoes = unidentified.filter(~pl.col("row").is_in(held.implode()))
        known = checked.problems.filter(
            ~(
                pl.col("row").is_in(no_echoes["row"].implode())
                & pl.col("code").is_in(["no_way_to_reach", "nothing_to_send"])
            )
        )
        problems = pl.concat([known, non_records, no_echoes]).unique(
            ["row", "field", "code"], keep="first", maintain_order=True
        )
        invalid = pl.concat([checked.invalid, held, no_echoes["row"]]).unique()
        ordered = problems.sort("row", maintain_order=True)
        return cls(batch.frame, fields.drop("row"), cleaned, ordered, invalid, skipped)


class RowFilters:
    """What finds the rows of one table that are no contacts to send."""

    def __init__(
        self,
        table: Table,
        mapping: Mapping,
        operation: Operation,
        first: Batch | None,
        selection: RowSelection,
    ) -> None:
        self._columns = table.columns
        self._selection = selection
        contacts = [
            ContactColumn(f"c{index}", feed.field.kind)
            for feed in mapping.field_mappings
            if feed.field.kind in (Kind.EMAIL, Kind.PHONE)
            for index in feed.columns
        ]
        self._non_records = NonRecords(
            table.columns,
            contacts,
            None if first is None else first.frame,
            totals_rows=table.facts.totals_rows if selection.is_whole else (),
            is_whole=selection.is_whole,
        )
        defaults = [feed.field.path for feed in mapping.field_mappings if feed.default is not None]
        self.unidentified = Unidentified(operation, mapping.fields, mapping.field_sources(), defaults)

    def find(self, frame: pl.DataFrame, *, is_end: bool) -> pl.DataFrame:
        """Return a problem, in ``PROBLEM_SCHEMA``, for each row of a batch that is no record or left out.

        The condition is asked of records only: footers have cells that it cannot read. Raises MappingError for others.
        """
        left_out = self._selection.find_by_place(frame, is_end=is_end)
        found = self._non_records.find(frame, is_end=is_end, left_out=left_out["row"])
        found = pl.concat([left_out, _without(found, left_out)])
        if self._selection.where is None:
            return found
        skipped = found.filter(pl.col("severity") == SKIPPED)
        unmatched = self._selection.find_by_condition(_without(frame, skipped))
        return pl.concat([_without(found, unmatched), unmatched])

    def records_of(self, table: Table) -> Table:
        """Return the table without repeated headers and rows left out, for what looks at whole columns."""

        def batches() -> Iterator[Batch]:
            for batch in table.batches():
                rows = find_repeated_headers(batch.frame, self._columns)
                kept = batch.frame.filter(~pl.col("row").is_in(rows.implode())) if rows.len() else batch.frame
                yield replace(batch, frame=self._selection.likely_records(kept))

        return replace(table, batches=batches)


def _without(frame: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a frame whose numbers the other one does not have."""
    return frame.filter(~pl.col("row").is_in(rows["row"].implode())) if rows.height else frame


def keep_records(batch: Batch, non_records: pl.DataFrame) -> Batch:
    """Return a batch without its skipped rows."""
    skipped = non_records.filter(pl.col("severity") == SKIPPED)["row"]
    if not skipped.len():
        return batch
    return replace(batch, frame=batch.frame.filter(~pl.col("row").is_in(skipped.implode())))


def join_short_batches(batches: Iterable[Batch]) -> Iterator[tuple[Batch, bool]]:
    """Yield every batch, joined with a short one that follows, and True for the last."""
    waiting: Batch | None = None
    for batch in batches:
        if waiting is None:
            waiting = batch
        elif batch.frame.height < FEWEST_ROWS:
            waiting = Batch(pl.concat([waiting.frame, batch.frame]), (*waiting.findings, *batch.findings))
        else:
            yield waiting, False
            waiting = batch
    if waiting is not None:
        yield waiting, True
