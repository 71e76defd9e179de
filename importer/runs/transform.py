"""From cells to the values that are judged and sent: mapped, and cleaned unless the settings say not to."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from threading import Lock

import polars as pl

from importer.cleaning import (
    Change,
    Cleaned,
    CleaningOptions,
    clean,
    clean_country,
    split_list_fields,
    validate_options,
)
from importer.errors import MappingError, SettingsError
from importer.mapping import Mapping, apply_mapping
from importer.model.table import Batch, Table
from importer.runs.whole_file_checks import ambiguous_date_fields, infer_date_orders
from importer.settings import DateOrder, Settings
from schemas.column_stats import distinct
from schemas.contract import Kind, Operation

HINTS = ("region", "timezone", "date_order", "clean", "strict")
"""The settings that say how values are read; a workbook that comes back with corrections has them with it."""


def refuse_wrong_hints(mapping: Mapping, settings: Settings) -> None:
    """Raises SettingsError or MappingError for a country, zone or form of dates that does not exist."""
    for wrong in validate_options(CleaningOptions(settings.region, None, settings.timezone)):
        raise SettingsError(f"--{wrong}")
    for feed in mapping.field_mappings:
        for wrong in validate_options(
            CleaningOptions(feed.value_format.region, None, feed.value_format.timezone, feed.value_format.format)
        ):
            raise MappingError(f"--mapping {settings.mapping}: {feed.field.path}: {wrong}")


class RowTransformer:
    """Makes fields of cells, of several batches at once, and counts what it changes."""

    def __init__(self, table: Table, mapping: Mapping, operation: Operation, settings: Settings) -> None:
        self._table = table
        self._mapping = mapping
        self._operation = operation
        self._settings = settings
        self.orders: dict[str, DateOrder] = {}
        self.changes: Counter[str] = Counter()
        self.changed: dict[str, Change] = {}
        self._proving = Lock()

    def fields(self, batch: Batch) -> Cleaned:
        """The fields of a batch, and what there is to say of them. Raises MappingError for dates without an order."""
        made = Cleaned(apply_mapping(batch.frame, self._mapping, self._operation), {}, {})
        if self._settings.clean:
            self._find_orders(made.frame)
            made = clean(made.frame, self._mapping.fields, self._hints(), self._countries(batch.frame))
        return replace(made, frame=split_list_fields(made.frame, self._mapping.fields))

    def count(self, cleaned: Cleaned) -> None:
        """Count what was changed in a batch; an example is of the first batch that has one."""
        self.changes.update(cleaned.changes)
        self.changed = {**cleaned.examples, **self.changed}

    def _find_orders(self, frame: pl.DataFrame) -> None:
        asked = [feed for feed in ambiguous_date_fields(frame, self._mapping, self._settings) if feed.columns]
        with self._proving:  # which takes a pass over the file
            asked = [feed for feed in asked if feed.field.path not in self.orders]
            if asked:
                self.orders |= infer_date_orders(asked, self._table.batches(), self._mapping, self._operation)

    def _hints(self) -> dict[str, CleaningOptions]:
        return {
            feed.field.path: CleaningOptions(
                feed.value_format.region or self._settings.region,
                self._settings.date_order or self.orders.get(feed.field.path),
                feed.value_format.timezone or self._settings.timezone,
                feed.value_format.format,
            )
            for feed in self._mapping.field_mappings
        }

    def _countries(self, cells: pl.DataFrame) -> pl.Series | None:
        """The two-letter codes of the rows' countries, null where there is none."""
        if self._mapping.country is None or not any(field.kind is Kind.PHONE for field in self._mapping.fields):
            return None
        countries = cells[f"c{self._mapping.country}"]
        names = distinct(countries).drop_nulls().unique()
        codes = clean_country(names.str.strip_chars())
        if names.len() == 1 and not countries.null_count():
            return codes.set(~codes.str.contains("^[A-Z]{2}$"), None).new_from_index(0, countries.len())
        known = names.to_frame("name").with_columns(code=codes).filter(codes.str.contains("^[A-Z]{2}$"))
        return countries.replace_strict(known["name"], known["code"], default=None, return_dtype=pl.String)
