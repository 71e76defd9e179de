"""From a file to a spool of checked rows: the first half of the way, shared by a check and a run."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from importer.checking import Checker
from importer.cleaning import Hints, clean, shape_lists
from importer.errors import SettingsError
from importer.journal.spool import Spool
from importer.mapping import Evidence, Mapping, apply_mapping, draft_mapping, mapping_text, match_columns
from importer.observer import Observer
from importer.reading import read_table
from importer.records import Batch, FileFacts, Table
from importer.settings import Settings
from schemas.contract import ContractError, Operation, Vendor, load_vendor


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known once every row is checked and spooled. Times are in seconds."""

    facts: FileFacts
    mapping: Mapping
    rows: int
    invalid: int
    changes: dict[str, int]
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
    table = read_table(file, settings)
    batches = _limited(table, settings.limit)
    first = next(batches, None)
    evidence = Evidence() if first is None else Evidence.of(first.frame)
    mapping = match_columns(table.columns, operation, settings, evidence)
    observer.stage("reading and checking")
    for note in (*table.facts.notes, *mapping.notes):
        observer.note(note)
    checker = Checker(operation, mapping.fields, mapping.origins(), strict=settings.strict)
    hints = Hints(settings.region, settings.date_order, settings.timezone)
    _check_constants(checker, mapping, operation, hints if settings.clean else None)
    reading = time.perf_counter() - begun
    rows = invalid = 0
    checking = 0.0
    changes: Counter[str] = Counter()
    while True:
        begun = time.perf_counter()
        batch, first = (first, None) if first is not None else (next(batches, None), None)
        reading += time.perf_counter() - begun
        if batch is None:
            break
        if not batch.frame.height:
            continue
        begun = time.perf_counter()
        frame = apply_mapping(batch.frame, mapping, operation)
        if settings.clean:
            cleaned = clean(frame, mapping.fields, hints)
            frame = cleaned.frame
            changes.update(cleaned.changes)
        frame = shape_lists(frame, mapping.fields)
        checked = checker.check(frame, batch)
        spool.add(batch.frame, frame.drop("row"), checked.invalid, checked.problems)
        rows += batch.frame.height
        invalid += checked.invalid.len()
        checking += time.perf_counter() - begun
        observer.checked(rows, invalid)
    return Prepared(table.facts, mapping, rows, invalid, dict(changes), {"read": reading, "check": checking})


def propose(file: Path, settings: Settings, vendor: Vendor, operation: Operation) -> str:
    """What would be matched, as a mapping file. Raises SetupError."""
    table = read_table(file, settings)
    first = next(table.batches(), None)
    evidence = Evidence() if first is None else Evidence.of(first.frame)
    mapping = draft_mapping(table.columns, operation, settings, evidence)
    return mapping_text(mapping, operation, evidence, vendor.title, file.name)


def _limited(table: Table, limit: int | None) -> Iterator[Batch]:
    """The batches, until ``limit`` rows that are not blank."""
    left = limit
    for batch in table.batches():
        if left is None:
            yield batch
            continue
        frame = batch.frame.head(left)
        yield Batch(frame, batch.marks)
        left -= frame.height
        if left <= 0:
            return


def _check_constants(checker: Checker, mapping: Mapping, operation: Operation, hints: Hints | None) -> None:
    """A constant that breaks the contract would break it in every row: say so once, before any row."""
    constants = {feed.field.path for feed in mapping.feeds if feed.column is None}
    if not constants:
        return
    width = len(mapping.columns)
    cells: dict[str, Any] = {"row": [0], **{f"c{index}": [None] for index in range(width)}}
    frame = pl.DataFrame(cells, schema={"row": pl.UInt32, **{f"c{index}": pl.String for index in range(width)}})
    texts = apply_mapping(frame, mapping, operation)
    if hints is not None:
        texts = clean(texts, mapping.fields, hints).frame
    fields = shape_lists(texts, mapping.fields)
    for problem in checker.check(fields, Batch(frame)).problems.iter_rows(named=True):
        if problem["field"] in constants and problem["severity"] == "error":
            raise SettingsError(f"--set {problem['field']}={problem['value']}: {problem['message']}; {problem['hint']}")
