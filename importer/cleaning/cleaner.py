"""Cleans the fields of a batch and records what changed, with an example of each kind of change.

Only texts that may change are touched: where texts repeat, each different text is cleaned once; elsewhere one pattern
(``KindCleaner.plain``) singles out the few that are not plain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from importer.cleaning.kinds import FieldContext, KindCleaner, find_cleaner
from importer.cleaning.options import CleaningOptions
from importer.cleaning.text import SUSPECT_TEXT, clean_text, has_invisible
from importer.cleaning.warnings import Remark
from schemas.column_stats import find_repeated
from schemas.contract import Field

DEFAULT_OPTIONS = CleaningOptions()


@dataclass(frozen=True, slots=True)
class Change:
    """One value that cleaning changed."""

    row: int
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The frame after cleaning, the number of changes by kind, an example of each kind, and warnings."""

    frame: pl.DataFrame
    changes: dict[str, int]
    examples: dict[str, Change]
    remarks: list[Remark] = field(default_factory=list)
    # By field the positions of the texts that are not plain; a field that was not searched for them is left out.
    unusual: dict[str, pl.Series] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of one field: row numbers, texts, and what cleaning needs to know of them."""

    rows: pl.Series
    texts: pl.Series
    context: FieldContext

    def at(self, positions: pl.Series) -> Cells:
        """Return the cells at these positions."""
        countries = self.context.countries
        context = replace(self.context, countries=None if countries is None else countries[positions])
        return Cells(self.rows[positions], self.texts[positions], context)


def clean(
    frame: pl.DataFrame,
    fields: Sequence[Field],
    options: Mapping[str, CleaningOptions],
    countries: pl.Series | None = None,
) -> Cleaned:
    """Clean every field of the frame by its kind. ``countries`` are the rows' two-letter codes, where known."""
    cleaned = Cleaned(frame, {}, {})
    columns: dict[str, pl.Series] = {}
    for known in fields:
        context = FieldContext(known, options.get(known.path, DEFAULT_OPTIONS), countries)
        cells = Cells(frame["row"], frame[known.path], context)
        cleaner = find_cleaner(known)
        after = _clean_column(cleaned, cleaner, cells)
        if after is not None:
            columns[known.path] = after
        if cleaner.warn_of_values:
            texts = cells.texts if after is None else after
            cleaned.remarks.extend(cleaner.warn_of_values(cells.rows, texts, known.path))
    return replace(cleaned, frame=frame.with_columns(**columns))


def _clean_column(cleaned: Cleaned, cleaner: KindCleaner, cells: Cells) -> pl.Series | None:
    """Return the cleaned column, or None when nothing in it changes."""
    repeated = find_repeated(cells.texts)
    if repeated is not None or cleaner.plain is None:
        return _clean_cells(cleaned, cleaner, cells, repeated)
    unusual = (~cells.texts.str.contains(cleaner.plain)).fill_null(value=False).arg_true()
    cleaned.unusual[cells.context.field.path] = unusual
    if not unusual.len():
        return None
    after = _clean_cells(cleaned, cleaner, cells.at(unusual), None)
    return None if after is None else _put(cells.texts, unusual, after)


def _clean_cells(cleaned: Cleaned, cleaner: KindCleaner, cells: Cells, repeated: pl.Series | None) -> pl.Series | None:
    """Return the cleaned texts, or None when none changes. ``repeated`` has each text once, where texts repeat."""
    tidied = _clean_texts(cleaned, cells, cells.texts if repeated is None else repeated)
    if cleaner.clean is None:
        return tidied
    texts = cells.texts if tidied is None else tidied
    if repeated is None or tidied is not None or cleaner.by_row:
        after = cleaner.clean(texts, cells.context)
    else:
        distinct = cleaner.clean(repeated, cells.context)
        changed = repeated.ne_missing(distinct)
        if not changed.any():
            return None
        after = texts.replace(repeated.filter(changed), distinct.filter(changed))
    known = cells.context.field
    if not _record(cleaned, str(known.kind if known.type == "string" else known.type), cells, texts, after):
        return tidied
    if cleaner.warn_of_changes:
        cleaned.remarks.extend(cleaner.warn_of_changes(cells.rows, texts, after, known.path))
    return after


def _clean_texts(cleaned: Cleaned, cells: Cells, distinct: pl.Series) -> pl.Series | None:
    """Return the texts after ``text.py``, or None when none changes. ``distinct`` has each text at least once."""
    if cells.context.field.type == "json" or not distinct.str.contains(SUSPECT_TEXT).any():
        return None
    positions = cells.texts.str.contains(SUSPECT_TEXT).fill_null(value=False).arg_true()
    suspect = cells.at(positions)
    after, invisible = clean_text(suspect.texts), has_invisible(suspect.texts)
    lost_invisible = _record(cleaned, "invisible", suspect, suspect.texts.zip_with(invisible, after), after)
    lost_other = _record(cleaned, "text", suspect, suspect.texts.zip_with(~invisible, after), after)
    if not lost_invisible and not lost_other:
        return None
    return _put(cells.texts, positions, after)


def _put(texts: pl.Series, positions: pl.Series, new: pl.Series) -> pl.Series:
    return texts.clone().scatter(positions, new)  # scatter writes in place, and the frame keeps its own texts


def _record(cleaned: Cleaned, name: str, cells: Cells, before: pl.Series, after: pl.Series) -> bool:
    """Count the changes under this name and keep an example; return whether there are any."""
    changed = before.ne_missing(after)
    count = int(changed.sum())
    if not count:
        return False
    cleaned.changes[name] = cleaned.changes.get(name, 0) + count
    if name not in cleaned.examples:
        at = changed.arg_max() or 0
        cleaned.examples[name] = Change(cells.rows[at], cells.context.field.path, before[at] or "", after[at] or "")
    return True
