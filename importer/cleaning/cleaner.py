"""Cleans the fields of a batch and records what changed, with an example of each kind of change.

Only texts that may change are touched: where texts repeat, each different text is cleaned once; elsewhere one pattern
(``KindCleaner.plain``) singles out the few that are not plain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from importer.cleaning.encoded_text import SUSPECT as SUSPECT_CODE
from importer.cleaning.encoded_text import decode_encoded, guess_encoded
from importer.cleaning.kinds import FieldContext, KindCleaner, find_cleaner
from importer.cleaning.options import CleaningOptions
from importer.cleaning.text import (
    APOSTROPHE_OF_CODE,
    SEVERAL_VALUES,
    SUSPECT_TEXT,
    clean_text,
    drop_apostrophe,
    has_invisible,
)
from importer.cleaning.warnings import Remark
from schemas.column_stats import find_repeated
from schemas.contract import Field
from schemas.kind import Kind

DEFAULT_OPTIONS = CleaningOptions()
QUANTITIES = ("integer", "number", "boolean")
CODES = (Kind.PHONE, Kind.ZIP, Kind.ID, Kind.CODE, Kind.DATE, Kind.DATE_TIME)
"""Of these an apostrophe in front is a spreadsheet's."""
SUSPECT = f"{SUSPECT_TEXT}|{SUSPECT_CODE}|{APOSTROPHE_OF_CODE}|{SEVERAL_VALUES}"
"""Texts in which there may be something to decode or to tidy."""


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
    # The file's cells by which the column of a problem is told; None: as they were read.
    cells: pl.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells of one field: row numbers, texts, and what cleaning needs to know of them."""

    rows: pl.Series
    texts: pl.Series
    context: FieldContext

    def at(self, positions: pl.Series) -> Cells:
        """Return the cells at these positions."""
        return Cells(self.rows[positions], self.texts[positions], self.context.at(positions))


def clean(
    frame: pl.DataFrame,
    fields: Sequence[Field],
    options: Mapping[str, CleaningOptions],
    countries: Callable[[], pl.Series] | None = None,
) -> Cleaned:
    """Clean every field of the frame by its kind. ``countries`` returns the rows' two-letter codes."""
    cleaned = Cleaned(frame, {}, {})
    columns: dict[str, pl.Series] = {}
    for known in fields:
        codes = frame[known.calling_code] if known.calling_code in frame.columns else None
        context = FieldContext(known, options.get(known.path, DEFAULT_OPTIONS), countries, codes)
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
    if repeated is not None or cleaner.plain is None or cells.context.calling_codes is not None:
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
    texts = cells.texts if tidied is None else tidied
    if cleaner.clean_rows is not None:
        after, remarks = cleaner.clean_rows(cells.rows, texts, cells.context)
        cleaned.remarks.extend(remarks)
    elif cleaner.clean is None:
        return tidied
    elif repeated is None or tidied is not None:
        after = cleaner.clean(texts, cells.context)
    else:
        distinct = cleaner.clean(repeated, cells.context)
        changed = repeated.ne_missing(distinct)
        if not changed.any():
            return None
        after = texts.replace(repeated.filter(changed), distinct.filter(changed))
    known = cells.context.field
    name = str(known.kind if known.type == "string" else known.type)
    return after if _record(cleaned, name, cells, texts, after) else tidied


def _clean_texts(cleaned: Cleaned, cells: Cells, distinct: pl.Series) -> pl.Series | None:
    """Return the texts decoded and tidied, or None when none changes. ``distinct`` has each text at least once."""
    field = cells.context.field
    if field.type == "json" or not distinct.str.contains(SUSPECT).any():
        return None
    positions = cells.texts.str.contains(SUSPECT).fill_null(value=False).arg_true()
    suspect = cells.at(positions)
    decoded = decode_encoded(suspect.texts, is_address=field.kind is Kind.URI, is_name=field.kind is Kind.NAME)
    decoded = _decide_encoded(cleaned, suspect, decoded)
    bare = drop_apostrophe(decoded, is_code=field.type in QUANTITIES or field.kind in CODES)
    first = _take_first_values(cleaned, suspect, bare)
    after, invisible = clean_text(first), has_invisible(decoded)
    lost = [
        _record(cleaned, "encoded", suspect, suspect.texts, decoded),
        _record(cleaned, "invisible", suspect, decoded.zip_with(invisible, after), after),
        _record(cleaned, "text", suspect, decoded.zip_with(~invisible, after), after),
    ]
    return _put(cells.texts, positions, after) if any(lost) else None


def _decide_encoded(cleaned: Cleaned, cells: Cells, texts: pl.Series) -> pl.Series:
    """Return the texts with those decoded that may be encoded, if a person said so; remark on them if nobody did."""
    field, answer = cells.context.field, cells.context.options.encoded
    if field.kind not in (Kind.TEXT, Kind.NAME) or field.type != "string" or answer == "keep":
        return texts
    guessed = guess_encoded(texts)
    if answer == "decode" and guessed:
        return texts.replace(list(guessed), list(guessed.values()))
    cleaned.remarks.extend(
        Remark(row, field.path, "may_be_encoded", {"decoded": guessed[text]})
        for row, text in zip(cells.rows, texts, strict=True)
        if text in guessed
    )
    return texts


def _take_first_values(cleaned: Cleaned, cells: Cells, texts: pl.Series) -> pl.Series:
    """Return the texts with the first value where Google's exports have several, and warn of the others."""
    field = cells.context.field
    if field.type == "array" or field.kind is Kind.PHONE:  # a list takes them all, and phones have their own warning
        return texts
    several = texts.str.contains(SEVERAL_VALUES, literal=True).fill_null(value=False)
    if not several.any():
        return texts
    first = texts.str.split(SEVERAL_VALUES).list.eval(pl.element().filter(pl.element().str.strip_chars() != ""))
    first = first.list.first().fill_null("").zip_with(several, texts)
    sent = zip(cells.rows.filter(several), first.filter(several), strict=True)
    cleaned.remarks.extend(Remark(row, field.path, "several_values", {"sent": text}) for row, text in sent)
    return first


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
