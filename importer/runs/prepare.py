"""Turn a file into a spool of checked rows: the first half of the pipeline, shared by a check and a run.

Measured and rejected: batches of 50,000 rows (a quarter slower) or 200,000 (no quicker, 70 MB more); checking the first
batch beside the second; a shorter switch interval.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from importer.checking import Checker, find_repeated_headers
from importer.drafts.corrections import apply_corrections
from importer.errors import SettingsError
from importer.mapping import ColumnProfile, Mapping, draft_mapping, match_columns, render_mapping_file
from importer.model.problem_frame import render_problems
from importer.model.table import Batch, Table
from importer.observer import Observer
from importer.parallel import map_ordered
from importer.reading import ReadOptions, Source
from importer.reimport import FOREIGN_PLAN, OriginalRows, restore_rows
from importer.run_store.spool import Spool
from importer.runs.context import RunContext
from importer.runs.prepared import Prepared
from importer.runs.row_filters import CheckedBatch, RowFilters, join_short_batches, keep_records
from importer.runs.transform import READING_HINTS, RowTransformer, reject_wrong_hints
from importer.runs.whole_file_checks import flag_shared_contacts, shared_keys
from importer.settings import Settings
from schemas.contract import Operation, Vendor
from schemas.slow_patterns import SlowPatternError

_UNKNOWN_RUN = "a run that is not known here, so that its columns are found anew"


def prepare(source: Source, context: RunContext, spool: Spool, observer: Observer) -> Prepared:
    """Read, map, clean and check a source, batch by batch, into the spool. Raises SetupError."""
    begun = time.perf_counter()
    operation = context.operation
    table, original, settings = open_table(source, context)
    batches = table.batches()
    first = next(batches, None)
    mapping = original.mapping(operation, settings) if original else None
    mapping = mapping or match_columns(table.columns, operation, settings, evidence_of(first, table.columns))
    observer.on_stage("reading and checking")
    _note_findings(original, table, mapping, observer)
    reject_wrong_hints(mapping, settings)
    checker = Checker(operation, mapping.fields, mapping.field_sources(), strict=settings.strict)
    is_whole = original is None or (context.reimport is not None and context.reimport.has_every_row)
    filters = RowFilters(table, mapping, operation, first, is_whole=is_whole)
    transformer = RowTransformer(filters.records_of(table), mapping, operation, settings)
    transformer.orders.update({**dict(settings.date_orders), **(original.date_orders if original else {})})
    transformer.asks_for_countries = original is None  # of a report's few rows nothing is asked twice
    _check_constants(checker, mapping, transformer)
    spool.set_keys(shared_keys(mapping))
    reading = _Timed(itertools.chain([] if first is None else [first], batches), time.perf_counter() - begun)
    checked = _check_batches(join_short_batches(reading), filters, transformer, checker)
    rows, invalid, skipped, last = _spool_batches(checked, transformer, spool, observer)
    invalid += flag_shared_contacts(spool, mapping, settings)
    return Prepared(
        facts=table.facts,
        mapping=mapping,
        rows=rows,
        invalid=invalid,
        changes=dict(transformer.changes),
        changed=transformer.changed,
        orders=transformer.orders,
        hints={name: getattr(settings, name) for name in READING_HINTS},
        last=last,
        seconds={"read": reading.seconds, "check": time.perf_counter() - begun - reading.seconds},
        skipped=skipped,
        original=original.file if original else None,
    )


def _note_findings(original: OriginalRows | None, table: Table, mapping: Mapping, observer: Observer) -> None:
    """Pass on the notes of reading and mapping, before the first row is checked."""
    if original is not None:
        how = (
            f"run {original.run}"
            if original.run
            else "a run that is not known here, so that its columns are found anew"
        )
        observer.on_note(f"this is a report of {how}: its rows keep the numbers that they had there")
    for note in (*table.facts.notes, *mapping.notes):
        observer.on_note(note)


class _Timed:
    """An iterator over the batches that are not empty. ``seconds`` adds up the time that reading takes."""

    def __init__(self, batches: Iterator[Batch], seconds: float) -> None:
        self._batches = batches
        self.seconds = seconds

    def __iter__(self) -> Iterator[Batch]:
        while True:
            begun = time.perf_counter()
            batch = next(self._batches, None)
            self.seconds += time.perf_counter() - begun
            if batch is None:
                return
            if batch.frame.height:
                yield batch


def _check_batches(
    batches: Iterable[tuple[Batch, bool]], filters: RowFilters, transformer: RowTransformer, checker: Checker
) -> Generator[CheckedBatch]:
    """Yield every batch with its fields and its problems, in order."""

    def check(item: tuple[Batch, bool]) -> CheckedBatch:
        batch, is_end = item
        found = filters.non_records.find(batch.frame, is_end=is_end)
        records = keep_records(batch, found)
        cleaned = transformer.fields(records)
        judged = records if cleaned.cells is None else Batch(cleaned.cells, records.findings)
        try:
            checked = checker.check(cleaned.frame, judged, cleaned.remarks, cleaned.unusual)
        except SlowPatternError as error:
            raise SettingsError(f"--vendor: {error}") from error
        unidentified = filters.unidentified.find(cleaned.frame, judged.frame)
        return CheckedBatch.of(batch, cleaned, checked, found, unidentified)

    # Two batches at once: most calls of polars concern one column and use one core. Not more, because each holds a
    # batch in memory. The first batch goes alone, because the checker learns from it what holds for all.
    return map_ordered(check, batches, alone=lambda: not checker.has_learnt)


def _spool_batches(
    batches: Generator[CheckedBatch], transformer: RowTransformer, spool: Spool, observer: Observer
) -> tuple[int, int, int, int]:
    """Write checked batches to the spool. Return how many rows, invalid and skipped ones, and the last one's number."""
    rows = invalid = skipped = last = 0
    with spool, contextlib.closing(batches):
        for batch in batches:
            transformer.count(batch.cleaned)
            spool.add(batch.cells, batch.fields, pl.concat([batch.invalid, batch.skipped]), batch.problems)
            rows, last = rows + batch.cells.height, batch.cells["row"][-1]
            invalid, skipped = invalid + batch.invalid.len(), skipped + batch.skipped.len()
            observer.on_rows_checked(rows, invalid)
    return rows, invalid, skipped, last


def open_table(source: Source, context: RunContext) -> tuple[Table, OriginalRows | None, Settings]:
    """Open a source as the table to import, with the original rows of a report and the settings of its run.

    The user's corrections and limit are applied. Raises FileError.
    """
    settings, reimport = context.settings, context.reimport
    table = source.open(reimport.read_options(settings) if reimport else ReadOptions.of(settings))
    if reimport is not None and reimport.is_foreign:
        table = replace(table, facts=replace(table.facts, notes=(FOREIGN_PLAN, *table.facts.notes)))
    original = restore_rows(table, reimport, context.operation, settings)
    if original is not None:
        table, settings = original.table, original.settings(settings)
    # A trial import of the first rows reports on these alone, so that it can succeed.
    return _limited(apply_corrections(table, settings.corrections), settings.limit), original, settings


def draft_mapping_file(source: Source, settings: Settings, vendor: Vendor, operation: Operation) -> str:
    """Return the proposed mapping of a source, as the text of a mapping file. Raises SetupError."""
    table = source.open(ReadOptions.of(settings))
    first = next(table.batches(), None)
    evidence = evidence_of(first, table.columns)
    mapping = draft_mapping(table.columns, operation, settings, evidence)
    mapping = mapping.with_proposals(operation, by_values=False)
    return render_mapping_file(mapping, operation, evidence, vendor.title, source.ref.name)


def evidence_of(first: Batch | None, columns: Sequence[str]) -> ColumnProfile:
    """Return the profile of the columns from the first batch."""
    if first is None:
        return ColumnProfile()
    repeated = find_repeated_headers(first.frame, columns)
    return ColumnProfile(
        first.frame.filter(~pl.col("row").is_in(repeated.implode())) if repeated.len() else first.frame
    )


def _limited(table: Table, limit: int | None) -> Table:
    """Return the table cut after ``limit`` rows that are not blank.

    The reports cover those rows only, so that a trial import can end with exit code 0.
    """
    if limit is None:
        return table

    def batches() -> Iterator[Batch]:
        left = limit
        for batch in table.batches():
            frame = batch.frame.head(left)
            yield Batch(frame, batch.findings)
            left -= frame.height
            if left <= 0:
                return

    return replace(table, batches=batches)


def _check_constants(checker: Checker, mapping: Mapping, transformer: RowTransformer) -> None:
    """Raise SettingsError for a constant that breaks the contract: it would do so in every row."""
    constants = {feed.field.path for feed in mapping.field_mappings if feed.column is None}
    if not constants:
        return
    width = len(mapping.columns)
    cells: dict[str, Any] = {"row": [0], **{f"c{index}": [None] for index in range(width)}}
    frame = pl.DataFrame(cells, schema={"row": pl.UInt32, **{f"c{index}": pl.String for index in range(width)}})
    cleaned = transformer.fields(Batch(frame))
    for problem in render_problems(checker.check(cleaned.frame, Batch(frame), cleaned.remarks).problems).iter_rows(
        named=True
    ):
        if problem["field"] in constants and problem["severity"] == "error":
            raise SettingsError(f"--set {problem['field']}={problem['value']}: {problem['message']}; {problem['hint']}")
