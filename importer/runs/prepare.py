"""Turn a file into a spool of checked rows: the first half of the pipeline, shared by a check and a run.

Measured and rejected: batches of 50,000 rows (a quarter slower) or 200,000 (no quicker, 70 MB more); checking the first
batch beside the second; a shorter switch interval.
"""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from importer.checking import Checked, Checker
from importer.cleaning import Cleaned
from importer.drafts.corrections import apply_corrections
from importer.errors import SettingsError
from importer.mapping import ColumnProfile, Mapping, draft_mapping, match_columns, render_mapping_file
from importer.model.problem_frame import render_problems
from importer.model.table import Batch, Table
from importer.observer import Observer
from importer.parallel import map_ordered
from importer.reading import read_table
from importer.reimport import Reimport, detect_reimport, reuse_mapping, reuse_settings
from importer.run_store.spool import Spool
from importer.runs.context import RunContext
from importer.runs.prepared import Prepared
from importer.runs.transform import READING_HINTS, RowTransformer, reject_wrong_hints
from importer.runs.whole_file_checks import flag_shared_contacts, shared_keys
from importer.settings import Settings
from schemas.contract import Operation, Vendor


def prepare(file: Path, context: RunContext, spool: Spool, observer: Observer) -> Prepared:
    """Read, map, clean and check a file, batch by batch, into the spool. Raises SetupError."""
    begun = time.perf_counter()
    operation = context.operation
    table, back, settings = open_table(file, context.settings, operation)
    batches = table.batches()
    first = next(batches, None)
    mapping = reuse_mapping(back, operation, settings) if back else None
    mapping = mapping or match_columns(table.columns, operation, settings, evidence_of(first))
    observer.on_stage("reading and checking")
    _note_findings(back, table, mapping, observer)
    reject_wrong_hints(mapping, settings)
    checker = Checker(operation, mapping.fields, mapping.field_sources(), strict=settings.strict)
    transformer = RowTransformer(table, mapping, operation, settings)
    transformer.orders.update({**dict(settings.date_orders), **(back.plan.get("orders", {}) if back else {})})
    _check_constants(checker, mapping, transformer)
    spool.set_keys(shared_keys(mapping))
    reading = _Timed(itertools.chain([] if first is None else [first], batches), time.perf_counter() - begun)
    rows, invalid, last = _spool_batches(_check_batches(reading, transformer, checker), transformer, spool, observer)
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
    )


def _note_findings(back: Reimport | None, table: Table, mapping: Mapping, observer: Observer) -> None:
    """Pass on what reading and mapping have to say, before the first row is checked."""
    if back is not None:
        how = f"run {back.run}" if back.run else "a run that is not known here, so that its columns are found anew"
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
    batches: Iterable[Batch], transformer: RowTransformer, checker: Checker
) -> Generator[tuple[Batch, Cleaned, Checked]]:
    """Yield every batch with its fields and its problems, in order."""

    def check(batch: Batch) -> tuple[Batch, Cleaned, Checked]:
        cleaned = transformer.fields(batch)
        return batch, cleaned, checker.check(cleaned.frame, batch, cleaned.remarks, cleaned.unusual)

    # Two batches at once: most calls of polars concern one column and use one core. Not more, because each holds a
    # batch in memory. The first batch goes alone, because the checker learns from it what holds for all.
    return map_ordered(check, batches, alone=lambda: not checker.has_learnt)


def _spool_batches(
    batches: Generator[tuple[Batch, Cleaned, Checked]], transformer: RowTransformer, spool: Spool, observer: Observer
) -> tuple[int, int, int]:
    """Write checked batches to the spool. Return the number of rows, of invalid rows, and of the last row."""
    rows = invalid = last = 0
    with spool, contextlib.closing(batches):
        for batch, cleaned, checked in batches:
            transformer.count(cleaned)
            spool.add(batch.frame, cleaned.frame.drop("row"), checked.invalid, checked.problems)
            rows, last = rows + batch.frame.height, batch.frame["row"][-1]
            invalid += checked.invalid.len()
            observer.on_rows_checked(rows, invalid)
    return rows, invalid, last


def open_table(file: Path, settings: Settings, operation: Operation) -> tuple[Table, Reimport | None, Settings]:
    """A file as the table that is imported, and the settings with what the first run of a report was told."""
    table = read_table(file, settings)
    back = detect_reimport(table, operation, settings)
    if back is not None:
        table, settings = back.table, reuse_settings(back, settings)
        table = replace(table, facts=replace(table.facts, bare=False))  # it has cells of its first file, too
    return _limited(apply_corrections(table, settings.corrections), settings.limit), back, settings


def draft_mapping_file(file: Path, settings: Settings, vendor: Vendor, operation: Operation) -> str:
    """Return the proposed mapping of a file, as the text of a mapping file. Raises SetupError."""
    table = read_table(file, settings)
    first = next(table.batches(), None)
    evidence = evidence_of(first)
    mapping = draft_mapping(table.columns, operation, settings, evidence)
    return render_mapping_file(mapping, operation, evidence, vendor.title, file.name)


def evidence_of(first: Batch | None) -> ColumnProfile:
    """Return the profile of the columns from the first batch."""
    return ColumnProfile() if first is None else ColumnProfile(first.frame)


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
            yield Batch(frame, batch.marks)
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
    fields = transformer.fields(Batch(frame)).frame
    for problem in render_problems(checker.check(fields, Batch(frame)).problems).iter_rows(named=True):
        if problem["field"] in constants and problem["severity"] == "error":
            raise SettingsError(f"--set {problem['field']}={problem['value']}: {problem['message']}; {problem['hint']}")
