"""From a file to a spool of checked rows: the first half of the way, shared by a check and a run."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from importer.checking import Checker, sharing_problems
from importer.cleaning import Change, Hints, Remark, clean, clean_country, complaints, shape_lists
from importer.cleaning.dates import Order
from importer.errors import MappingError, SettingsError
from importer.journal.sharing import find_sharing, sharing_key
from importer.journal.spool import Spool, find_twins
from importer.mapping import Evidence, Mapping, apply_mapping, draft_mapping, mapping_text, match_columns
from importer.observer import Observer
from importer.reading import read_table
from importer.records import Batch, FileFacts, Table
from importer.returned import mapping_again, returned, settings_again
from importer.settings import Settings
from importer.survey import fields_in_question, prove_orders
from schemas.contract import ContractError, Kind, Operation, Vendor, load_vendor

HINTS = ("region", "timezone", "date_order", "clean")
"""The settings that say how values are read; a workbook that comes back with corrections has them with it."""


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
    back = returned(table, settings)
    if back is not None:
        table, settings = back.table, settings_again(back, settings)
    batches = _limited(table, settings.limit)
    first = next(batches, None)
    evidence = Evidence() if first is None else Evidence.of(first.frame)
    mapping = mapping_again(back, operation, settings) if back else None
    mapping = mapping or match_columns(table.columns, operation, settings, evidence)
    observer.stage("reading and checking")
    if back is not None:
        observer.note(f"this is a report of run {back.run}: its rows keep the numbers that they had there")
    for note in (*table.facts.notes, *mapping.notes):
        observer.note(note)
    _refuse_wrong_hints(mapping, settings)
    checker = Checker(operation, mapping.fields, mapping.origins(), strict=settings.strict)
    cleaner = _Cleaner(table, mapping, operation, settings)
    cleaner.orders.update(back.plan["orders"] if back and back.plan else {})
    _check_constants(checker, mapping, cleaner)
    keys = {path: sharing_key(path, kind) for path, kind in _shareable(mapping).items()}
    spool.look_for(keys)
    reading = time.perf_counter() - begun
    rows = invalid = 0
    checking = 0.0
    while True:
        begun = time.perf_counter()
        batch, first = (first, None) if first is not None else (next(batches, None), None)
        reading += time.perf_counter() - begun
        if batch is None:
            break
        if not batch.frame.height:
            continue
        begun = time.perf_counter()
        fields, remarks = cleaner.fields(batch)
        checked = checker.check(fields, batch, remarks)
        spool.add(batch.frame, fields.drop("row"), checked.invalid, checked.problems)
        rows += batch.frame.height
        invalid += checked.invalid.len()
        checking += time.perf_counter() - begun
        observer.checked(rows, invalid)
    begun = time.perf_counter()
    invalid += _warn_of_sharing(keys, spool, mapping, settings)
    hints = {name: getattr(settings, name) for name in HINTS}
    seconds = {"read": reading, "check": checking + time.perf_counter() - begun}
    return Prepared(
        table.facts, mapping, rows, invalid, dict(cleaner.changes), cleaner.changed, cleaner.orders, hints, seconds
    )


def _refuse_wrong_hints(mapping: Mapping, settings: Settings) -> None:
    for wrong in complaints(Hints(settings.region, None, settings.timezone)):
        raise SettingsError(f"--{wrong}")
    for feed in mapping.feeds:
        for wrong in complaints(Hints(feed.form.region, None, feed.form.timezone, feed.form.format)):
            raise MappingError(f"--mapping {settings.mapping}: {feed.field.path}: {wrong}")


def _shareable(mapping: Mapping) -> dict[str, Kind]:
    """The fields by which two rows may turn out to be one contact."""
    return {
        feed.field.path: feed.field.kind
        for feed in mapping.feeds
        if feed.field.kind in (Kind.EMAIL, Kind.PHONE)
        and feed.field.type == "string"
        and feed.columns
        and len(feed.field.parts) == 1
    }


def _warn_of_sharing(keys: dict[str, pl.Expr], spool: Spool, mapping: Mapping, settings: Settings) -> int:
    """Warn of rows that have an e-mail address or a phone in common; how many rows that keeps back."""
    shared = [found for path, key in keys.items() if (found := find_sharing(spool, path, key)).height]
    if not shared:
        return 0
    found = pl.concat(shared).sort("row", maintain_order=True)
    cells = spool.rows(found["row"].unique())
    problems = sharing_problems(found, cells, mapping.origins(), _shareable(mapping), strict=settings.strict)
    if settings.strict:  # whose like is kept back is kept back, too
        twins = find_twins(spool).join(problems.rename({"row": "first"}), on="first").select(problems.columns)
        problems = pl.concat([problems, twins]).sort("row", maintain_order=True)
    invalid = problems.filter(pl.col("severity") == "error")["row"].unique().sort()
    spool.add_late(problems, invalid)
    return invalid.len()


class _Cleaner:
    """Makes fields of cells: mapped, and cleaned unless the settings say not to."""

    def __init__(self, table: Table, mapping: Mapping, operation: Operation, settings: Settings) -> None:
        self._table = table
        self._mapping = mapping
        self._operation = operation
        self._settings = settings
        self.orders: dict[str, Order] = {}
        self.changes: Counter[str] = Counter()
        self.changed: dict[str, Change] = {}

    def fields(self, batch: Batch) -> tuple[pl.DataFrame, list[Remark]]:
        """The fields of a batch, and what there is to say of them. Raises MappingError for dates without an order."""
        frame = apply_mapping(batch.frame, self._mapping, self._operation)
        remarks: list[Remark] = []
        if self._settings.clean:
            self._find_orders(frame)
            cleaned = clean(frame, self._mapping.fields, self._hints(), self._countries(batch.frame))
            frame, remarks = cleaned.frame, cleaned.remarks
            if batch.frame["row"][0]:  # constants are tried in a row 0
                self.changes.update(cleaned.changes)
                self.changed = {**cleaned.examples, **self.changed}
        return shape_lists(frame, self._mapping.fields), remarks

    def _find_orders(self, frame: pl.DataFrame) -> None:
        asked = [feed for feed in fields_in_question(frame, self._mapping, self._settings) if feed.columns]
        asked = [feed for feed in asked if feed.field.path not in self.orders]
        if asked:
            batches = _limited(self._table, self._settings.limit)
            self.orders |= prove_orders(asked, batches, self._mapping, self._operation)

    def _hints(self) -> dict[str, Hints]:
        return {
            feed.field.path: Hints(
                feed.form.region or self._settings.region,
                self._settings.date_order or self.orders.get(feed.field.path),
                feed.form.timezone or self._settings.timezone,
                feed.form.format,
            )
            for feed in self._mapping.feeds
        }

    def _countries(self, cells: pl.DataFrame) -> pl.Series | None:
        """The two-letter codes of the rows' countries, null where there is none."""
        if self._mapping.country is None or not any(field.kind is Kind.PHONE for field in self._mapping.fields):
            return None
        codes = clean_country(cells[f"c{self._mapping.country}"].str.strip_chars())
        known = codes.str.contains("^[A-Z]{2}$").fill_null(value=False)
        return codes.zip_with(known, pl.Series([None], dtype=pl.String).new_from_index(0, len(codes)))


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


def _check_constants(checker: Checker, mapping: Mapping, cleaner: _Cleaner) -> None:
    """A constant that breaks the contract would break it in every row: say so once, before any row."""
    constants = {feed.field.path for feed in mapping.feeds if feed.column is None}
    if not constants:
        return
    width = len(mapping.columns)
    cells: dict[str, Any] = {"row": [0], **{f"c{index}": [None] for index in range(width)}}
    frame = pl.DataFrame(cells, schema={"row": pl.UInt32, **{f"c{index}": pl.String for index in range(width)}})
    fields, _ = cleaner.fields(Batch(frame))
    for problem in checker.check(fields, Batch(frame)).problems.iter_rows(named=True):
        if problem["field"] in constants and problem["severity"] == "error":
            raise SettingsError(f"--set {problem['field']}={problem['value']}: {problem['message']}; {problem['hint']}")
