"""From a file to a spool of checked rows: the first half of the way, shared by a check and a run."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from importer.checking import Checked, Checker
from importer.cleaning import Change, Cleaned
from importer.cleaning.dates import Order
from importer.drafts.corrections import apply_corrections
from importer.errors import SettingsError
from importer.mapping import Evidence, Mapping, draft_mapping, mapping_text, match_columns
from importer.model.table import Batch, FileFacts, Table
from importer.observer import Observer
from importer.parallel import map_ordered
from importer.reading import ReadOptions, Source
from importer.reimport import OriginalRows, Reimport, restore_rows
from importer.run_store.spool import Spool
from importer.runs.transform import HINTS, RowTransformer, refuse_wrong_hints
from importer.runs.whole_file_checks import flag_shared_contacts, shared_keys
from importer.settings import Settings
from schemas.contract import ContractError, Operation, Vendor
from schemas.registry import load_vendor

_UNKNOWN_RUN = "a run that is not known here, so that its columns are found anew"


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


def prepare(
    source: Source,
    settings: Settings,
    operation: Operation,
    spool: Spool,
    observer: Observer,
    reimport: Reimport | None,
) -> Prepared:
    """Read, map, clean and check a source, batch by batch, into the spool. Raises SetupError."""
    begun = time.perf_counter()
    table, original, settings = open_table(source, settings, operation, reimport)
    batches = table.batches()
    first = next(batches, None)
    mapping = original.mapping(operation, settings) if original else None
    mapping = mapping or match_columns(table.columns, operation, settings, evidence_of(first))
    observer.stage("reading and checking")
    if original is not None:
        how = (
            f"run {original.run}"
            if original.run
            else "a run that is not known here, so that its columns are found anew"
        )
        observer.note(f"this is a report of {how}: its rows keep the numbers that they had there")
    for note in (*table.facts.notes, *mapping.notes):
        observer.note(note)
    refuse_wrong_hints(mapping, settings)
    checker = Checker(operation, mapping.fields, mapping.origins(), strict=settings.strict)
    values = RowTransformer(table, mapping, operation, settings)
    values.orders.update({**dict(settings.date_orders), **(original.date_orders if original else {})})
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


def open_table(
    source: Source, settings: Settings, operation: Operation, reimport: Reimport | None
) -> tuple[Table, OriginalRows | None, Settings]:
    """Open a source as the table to import, with the original rows of a report and the settings of its run.

    The user's corrections and limit are applied. Raises FileError.
    """
    table = source.open(reimport.read_options(settings) if reimport else ReadOptions.of(settings))
    original = restore_rows(table, reimport, operation, settings)
    if original is not None:
        table, settings = original.table, original.settings(settings)
    # A trial import of the first rows reports on these alone, so that it can succeed.
    return _limited(apply_corrections(table, settings.corrections), settings.limit), original, settings


def draft_mapping_file(source: Source, settings: Settings, vendor: Vendor, operation: Operation) -> str:
    """Return a mapping file for a source, as text. Raises SetupError."""
    table = source.open(ReadOptions.of(settings))
    first = next(table.batches(), None)
    evidence = evidence_of(first)
    mapping = draft_mapping(table.columns, operation, settings, evidence)
    return mapping_text(mapping, operation, evidence, vendor.title, source.ref.name)


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
            yield Batch(frame, batch.findings)
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
    for problem in checker.check(fields, Batch(frame)).problems.iter_rows(named=True):
        if problem["field"] in constants and problem["severity"] == "error":
            raise SettingsError(f"--set {problem['field']}={problem['value']}: {problem['message']}; {problem['hint']}")
