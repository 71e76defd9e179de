"""Turn cells into the values that are checked and sent: mapped, and cleaned unless ``--no-clean`` is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from functools import cache
from threading import Lock

import polars as pl

from importer.cleaning import (
    Change,
    Cleaned,
    CleaningOptions,
    PhoneCountryEvidence,
    Remark,
    TimeZoneEvidence,
    clean,
    read_countries,
    split_list_fields,
    validate_options,
)
from importer.errors import MappingError, SettingsError
from importer.mapping import (
    Mapping,
    NamePart,
    apply_mapping,
    find_middle,
    find_unclear_names,
    is_family_first,
    is_one_person,
)
from importer.model.table import Batch, Table
from importer.questions import OpenQuestion, UnansweredQuestionsError, date_order, encoded_text, is_answered, too_long
from importer.runs.blank_cells import clear_blanks, count_blanks, find_blanks
from importer.runs.whole_file_checks import (
    ambiguous_date_fields,
    find_unknown_countries,
    find_unknown_zones,
    infer_date_orders,
)
from importer.settings import DateOrder, Settings
from schemas.contract import Operation

# The settings that say how values are read. errors.xlsx carries them, so that its corrections are read the same way.
READING_HINTS = (
    "region", "timezone", "date_order", "clean", "strict", "blank", "where", "rows", "skip_last", "suppress", "answers",
)  # fmt: skip

MERGED = "merged"  # the kind under which values are counted that come from another row of the contact
CUT = "cut off"  # the kind under which values are counted that an answer lets be cut
NAME_PARTS = "name split"  # the kind under which these changes are counted


def reject_wrong_hints(mapping: Mapping, settings: Settings) -> None:
    """Raise SettingsError or MappingError for a country, time zone or date format that does not exist."""
    for wrong in validate_options(CleaningOptions(settings.region, None, settings.timezone)):
        raise SettingsError(f"--{wrong}")
    for feed in mapping.field_mappings:
        for wrong in validate_options(
            CleaningOptions(feed.value_format.region, None, feed.value_format.timezone, feed.value_format.format)
        ):
            raise MappingError(f"--mapping {settings.mapping}: {feed.field.path}: {wrong}")


def count_name_parts(cleaned: Cleaned, cells: pl.DataFrame, mapping: Mapping) -> None:
    """Count the full names of which a part was taken, keep an example, and remark on what is no one person's name."""
    sources = mapping.field_sources()
    judged: set[tuple[int, ...]] = set()
    for feed in mapping.field_mappings:
        if feed.part is None:
            continue
        path = feed.field.path
        frame = cells.select("row", sources[path].value_expr().alias("before")).with_columns(after=cleaned.frame[path])
        if feed.columns not in judged:
            judged.add(feed.columns)
            wrong = frame["row"].filter(~is_one_person(frame["before"]))
            cleaned.remarks.extend(Remark(row, path, "name_not_split", {}) for row in wrong)
            if feed.part in (NamePart.FIRST, NamePart.LAST):
                unclear = [] if is_family_first(mapping, feed) else find_unclear_names(frame["before"], feed.middle)
                held = frame.filter(pl.col("before").is_in(unclear) & ~pl.col("row").is_in(wrong.implode()))
                cleaned.remarks.extend(
                    Remark(row, path, "middle_name_unclear", {"middle": find_middle(name)})
                    for row, name in held.select("row", "before").iter_rows()
                )
        was_split = (pl.col("before").str.strip_chars() != "") & pl.col("before").ne_missing(pl.col("after"))
        split = frame.filter(was_split)
        if not split.height:
            continue
        cleaned.changes[NAME_PARTS] = cleaned.changes.get(NAME_PARTS, 0) + split.height
        row, before, after = split.select("row", "before", pl.col("after").fill_null("")).row(0)
        cleaned.examples.setdefault(NAME_PARTS, Change(row, path, before, after))


class StepChanges:
    """Counts what the steps of a mapping file change in a batch, by kind, with an example of each."""

    def __init__(self, rows: pl.Series) -> None:
        self._rows = rows
        self._found: list[tuple[str, int, Change]] = []

    def note(self, kind: str, path: str, before: pl.Series, after: pl.Series) -> None:
        """Count the texts that a step changes. Several threads call it."""
        changed = before.ne_missing(after)
        if count := int(changed.sum()):
            at = changed.arg_max() or 0
            self._found.append((kind, count, Change(self._rows[at], path, before[at] or "", after[at] or "")))

    def add_to(self, cleaned: Cleaned) -> None:
        """Add the counts to those of cleaning."""
        for kind, count, change in sorted(self._found, key=lambda found: (found[2].field, found[0])):
            cleaned.changes[kind] = cleaned.changes.get(kind, 0) + count
            cleaned.examples.setdefault(kind, change)


def cut_long_values(cleaned: Cleaned, mapping: Mapping, paths: Collection[str]) -> Cleaned:
    """Cut off what is too long in these fields, as an answer says, and count it."""
    limits = mapping_limits(mapping)
    columns: dict[str, pl.Series] = {}
    for path in paths:
        before = cleaned.frame[path]
        long = (before.str.len_bytes() > limits[path]).fill_null(value=False)
        shorter = {text: _cut(text, limits[path]) for text in before.filter(long).unique()}
        after = before.replace(list(shorter), list(shorter.values())) if shorter else before
        changed = before.ne_missing(after)
        if changed.any():
            cleaned.changes[CUT] = cleaned.changes.get(CUT, 0) + int(changed.sum())
            at = changed.arg_max() or 0
            cleaned.examples.setdefault(CUT, Change(cleaned.frame["row"][at], path, before[at], after[at]))
            columns[path] = after
    return replace(cleaned, frame=cleaned.frame.with_columns(**columns), unusual={}) if columns else cleaned


def mapping_limits(mapping: Mapping) -> dict[str, int]:
    """Return the lengths that fields take, by path, in UTF-16 code units."""
    return {
        feed.field.path: feed.field.limits.max_length
        for feed in mapping.field_mappings
        if feed.field.limits.max_length is not None and feed.field.type == "string"
    }


def _cut(text: str, limit: int) -> str:
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore").rstrip()


class RowTransformer:
    """Maps and cleans batches, several at once, and counts the values that cleaning changes."""

    def __init__(self, table: Table, mapping: Mapping, operation: Operation, settings: Settings) -> None:
        self._table = table
        self._mapping = mapping
        self._operation = operation
        self._settings = settings
        self.orders: dict[str, DateOrder] = dict(date_order.given(settings))
        self.questions: dict[str, OpenQuestion] = {}
        self.changes: Counter[str] = Counter()
        self.changed: dict[str, Change] = {}
        self.asks_of_columns = True  # of the country or zone of a whole column; otherwise each row is invalid
        self._phones: dict[str, PhoneCountryEvidence] = {}
        self._zones: dict[str, TimeZoneEvidence] = {}
        self._blank = (*mapping.blank, *settings.blank)
        self._unproven: set[str] = set()
        self._cut = [path for path in mapping_limits(mapping) if too_long.is_cut(path, settings)]
        self._orders_lock = Lock()

    def fields(self, batch: Batch, *, infers_orders: bool = True) -> Cleaned:
        """Return the fields of a batch with their warnings. Raises MappingError when dates have no known order.

        Without ``infers_orders`` such dates stay as they are.
        """
        cells = batch.frame
        blanks = find_blanks(cells, self._mapping, self._blank) if self._settings.clean else {}
        steps = StepChanges(cells["row"])
        cleaned = Cleaned(apply_mapping(cells, self._mapping, self._operation, blanks, steps.note), {}, {})
        if self._settings.clean:
            if infers_orders:
                self._find_orders(cleaned.frame)
            cleaned = clean(cleaned.frame, self._mapping.fields, self._hints(), self._countries(cells))
            count_blanks(cleaned, cells, blanks)
        steps.add_to(cleaned)
        count_name_parts(cleaned, cells, self._mapping)
        if self._cut:
            cleaned = cut_long_values(cleaned, self._mapping, self._cut)
        frame = split_list_fields(cleaned.frame, self._mapping.fields)
        return replace(cleaned, frame=frame, cells=clear_blanks(cells, self._mapping, blanks))

    def count(self, cleaned: Cleaned) -> None:
        """Count the changes of a batch, keep the first example of each kind, and find the questions of its columns."""
        self.changes.update(cleaned.changes)
        self.changed = {**cleaned.examples, **self.changed}
        if self.asks_of_columns and self._settings.clean:
            self._ask(find_unknown_countries(cleaned, self._mapping, self._phones))
            self._ask(find_unknown_zones(cleaned, self._mapping, self._settings, self._zones))

    def count_merged(self, count: int, example: Change | None) -> None:
        """Count the values that were filled in from other rows of a contact."""
        if example is not None:
            self.changes[MERGED] += count
            self.changed.setdefault(MERGED, example)

    def reject_questions(self) -> None:
        """Raise UnansweredQuestionsError for the questions so far."""
        if self.questions:
            raise UnansweredQuestionsError(tuple(self.questions.values()))

    def _ask(self, questions: Iterable[OpenQuestion]) -> None:
        for question in questions:
            if not is_answered(question, self._settings):
                self.questions.setdefault(question.key, question)

    def _find_orders(self, frame: pl.DataFrame) -> None:
        ambiguous = [feed for feed in ambiguous_date_fields(frame, self._mapping, self._settings) if feed.columns]
        with self._orders_lock:  # inferring takes a pass over the whole file, so it must happen once
            ambiguous = [feed for feed in ambiguous if feed.field.path not in {*self.orders, *self._unproven}]
            if not ambiguous:
                return
            found, unproven = infer_date_orders(
                ambiguous, self._table.batches(), self._mapping, self._operation, self._blank
            )
            self.orders |= found
            self._unproven |= {feed.field.path for feed, _ in unproven}
            self._ask(date_order.ask(feed, proof, self._mapping, self.orders) for feed, proof in unproven)

    def _hints(self) -> dict[str, CleaningOptions]:
        return {
            feed.field.path: CleaningOptions(
                feed.value_format.region or self._settings.region,
                self._settings.date_order or self.orders.get(feed.field.path),
                feed.value_format.timezone or self._settings.timezone,
                feed.value_format.format,
                self._table.facts.since_1904,
                encoded_text.given(self._settings),
            )
            for feed in self._mapping.field_mappings
        }

    def _countries(self, cells: pl.DataFrame) -> Callable[[], pl.Series] | None:
        """Return what reads the two-letter country code of each row, null where there is none; None without columns."""
        if not self._mapping.countries:
            return None

        @cache
        def read() -> pl.Series:
            found = [read_countries(cells[f"c{index}"], self._blank) for index in self._mapping.countries]
            return pl.select(pl.coalesce(found)).to_series()

        return read
