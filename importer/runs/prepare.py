"""From a file to a spool of checked rows: the first half of the way, shared by a check and a run."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from importer.checking import Checked, Checker
from importer.cleaning import Change, Cleaned
from importer.cleaning.dates import Order
from importer.drafts.corrections import apply_corrections
from importer.errors import SettingsError
from importer.mapping import Evidence, Mapping, draft_mapping, mapping_text, match_columns
from importer.model.problem_frame import render_problems
from importer.model.table import Batch, FileFacts, Table
from importer.observer import Observer
from importer.parallel import map_ordered
from importer.reading import read_table
from importer.reimport import Reimport, detect_reimport, reuse_mapping, reuse_settings
from importer.run_store.spool import Spool
from importer.runs.transform import HINTS, RowTransformer, refuse_wrong_hints
from importer.runs.whole_file_checks import flag_shared_contacts, shared_keys
from importer.settings import Settings
from schemas.contract import ContractError, Operation, Vendor
from schemas.registry import load_vendor


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known once every row is checked and spooled. Times are in seconds."""

    facts: FileFacts
    mapping: Mapping
    rows: int
    invalid: int
    changes: dict[str, int]
    changed: dict[str, Change]
    """For each kind of change an example."""
    orders: dict[str, Order]
    """By field the order of its dates, where the file proved one."""
    hints: dict[str, Any]
    """What was said of how its values are read."""
    last: int
    """The number of the last row."""
    seconds: dict[str, float]


def find_operation(settings: Settings) -> tuple[Vendor, Operation]:
    """The contract that the settings name. Raises SettingsError."""
    try:
        vendor = load_vendor(settings.vendor)
    except ContractError as error:
        raise SettingsError(str(error)) from error
    operation = vendor.operations.get(settings.operation)
    if operation is None:
        raise SettingsError(
            f"{vendor.title}: has no operation {settings.operation!r}; it has {', '.join(vendor.operations)}"
        )
    return vendor, operation


def prepare(file: Path, settings: Settings, operation: Operation, spool: Spool, observer: Observer) -> Prepared:
    """Read, map, clean and check a file, batch by batch, into the spool. Raises SetupError."""
    begun = time.perf_counter()
    table, back, settings = open_table(file, settings, operation)
    batches = table.batches()
    first = next(batches, None)
    mapping = reuse_mapping(back, operation, settings) if back else None
    mapping = mapping or match_columns(table.columns, operation, settings, evidence_of(first))
    observer.stage("reading and checking")
    if back is not None:
        how = f"run {back.run}" if back.run else "a run that is not known here, so that its columns are found anew"
        observer.note(f"this is a report of {how}: its rows keep the numbers that they had there")
    for note in (*table.facts.notes, *mapping.notes):
        observer.note(note)
    refuse_wrong_hints(mapping, settings)
    checker = Checker(operation, mapping.fields, mapping.origins(), strict=settings.strict)
    values = RowTransformer(table, mapping, operation, settings)
    values.orders.update({**dict(settings.date_orders), **(back.plan.get("orders", {}) if back else {})})
    _check_constants(checker, mapping, values)
    spool.look_for(shared_keys(mapping))
    reading = _Timed(itertools.chain([] if first is None else [first], batches), time.perf_counter() - begun)
    rows = invalid = last = 0
    with spool, contextlib.closing(_check_batches(reading, values, checker)) as judged:
        for batch, cleaned, checked in judged:
            values.count(cleaned)
            spool.add(batch.frame, cleaned.frame.drop("row"), checked.invalid, checked.problems)
            rows, last = rows + batch.frame.height, batch.frame["row"][-1]
            invalid += checked.invalid.len()
            observer.checked(rows, invalid)
    invalid += flag_shared_contacts(spool, mapping, settings)
    hints = {name: getattr(settings, name) for name in HINTS}
    seconds = {"read": reading.seconds, "check": time.perf_counter() - begun - reading.seconds}
    return Prepared(
        table.facts, mapping, rows, invalid, dict(values.changes), values.changed, values.orders, hints, last, seconds
    )


class _Timed:
    """The batches that are not empty, and the seconds that reading has taken, with those before them."""

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
    batches: Iterable[Batch], values: RowTransformer, checker: Checker
) -> Generator[tuple[Batch, Cleaned, Checked]]:
    """Every batch with its fields and what checking says of them."""

    def judge(batch: Batch) -> tuple[Batch, Cleaned, Checked]:
        cleaned = values.fields(batch)
        return batch, cleaned, checker.check(cleaned.frame, batch, cleaned.remarks, cleaned.unusual)

    return map_ordered(judge, batches, alone=lambda: not checker.has_learnt)


def open_table(file: Path, settings: Settings, operation: Operation) -> tuple[Table, Reimport | None, Settings]:
    """A file as the table that is imported, and the settings with what the first run of a report was told."""
    table = read_table(file, settings)
    back = detect_reimport(table, operation, settings)
    if back is not None:
        table, settings = back.table, reuse_settings(back, settings)
        table = replace(table, facts=replace(table.facts, bare=False))  # it has cells of its first file, too
    return _limited(apply_corrections(table, settings.corrections), settings.limit), back, settings


def draft_mapping_file(file: Path, settings: Settings, vendor: Vendor, operation: Operation) -> str:
    """What would be matched, as a mapping file. Raises SetupError."""
    table = read_table(file, settings)
    first = next(table.batches(), None)
    evidence = evidence_of(first)
    mapping = draft_mapping(table.columns, operation, settings, evidence)
    return mapping_text(mapping, operation, evidence, vendor.title, file.name)


def evidence_of(first: Batch | None) -> Evidence:
    """What a first batch says of the columns."""
    return Evidence() if first is None else Evidence.of(first.frame)


def _limited(table: Table, limit: int | None) -> Table:
    """The table until ``limit`` rows that are not blank."""
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


def _check_constants(checker: Checker, mapping: Mapping, values: RowTransformer) -> None:
    """A constant that breaks the contract would break it in every row: say so once, before any row."""
    constants = {feed.field.path for feed in mapping.feeds if feed.column is None}
    if not constants:
        return
    width = len(mapping.columns)
    cells: dict[str, Any] = {"row": [0], **{f"c{index}": [None] for index in range(width)}}
    frame = pl.DataFrame(cells, schema={"row": pl.UInt32, **{f"c{index}": pl.String for index in range(width)}})
    fields = values.fields(Batch(frame)).frame
    for problem in render_problems(checker.check(fields, Batch(frame)).problems).iter_rows(named=True):
        if problem["field"] in constants and problem["severity"] == "error":
            raise SettingsError(f"--set {problem['field']}={problem['value']}: {problem['message']}; {problem['hint']}")
