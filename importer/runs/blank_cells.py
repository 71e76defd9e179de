"""The cells that count as blank, by the fields that they are mapped to: a word for nothing, somebody else's number."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from importer.cleaning import Change, Cleaned, is_blank_word, may_be_blank_word
from importer.mapping import Blanks, FieldMapping, Mapping, find_label_columns, is_of_another
from schemas.contract import Field
from schemas.kind import Kind

CHANGE = "blank"


def find_blanks(cells: pl.DataFrame, mapping: Mapping, also: Sequence[str]) -> Blanks:
    """Return where the cells of each field's columns have such a word, unless the mapping replaces that word."""
    found = _labelled_as_others(cells, mapping)
    suspects: dict[int, pl.Series] = {}
    for feed in mapping.field_mappings:
        for index in feed.columns:
            texts = cells[f"c{index}"]
            if index not in suspects:
                suspects[index] = may_be_blank_word(texts, also)
            at = suspects[index]
            blank = _are_blank(texts[at], feed, also) if at.len() else None
            if blank is not None and blank.any():
                none = pl.Series([False], dtype=pl.Boolean).new_from_index(0, texts.len())
                mask = found.get((feed.field.path, index), none)
                found[feed.field.path, index] = mask.scatter(at.filter(blank), True)  # noqa: FBT003
    return found


def _labelled_as_others(cells: pl.DataFrame, mapping: Mapping) -> dict[tuple[str, int], pl.Series]:
    """Return where the label beside a value says that it is a fax, a pager or somebody else's."""
    labels = find_label_columns(mapping.columns)
    found = {}
    for feed in mapping.field_mappings if labels else ():
        for index in labels.keys() & set(feed.columns):
            of_another = is_of_another(cells[f"c{labels[index]}"]) & (cells[f"c{index}"] != "").fill_null(value=False)
            if of_another.any():
                found[feed.field.path, index] = of_another
    return found


def _are_blank(texts: pl.Series, feed: FieldMapping, also: Sequence[str]) -> pl.Series:
    blank = is_blank_word(texts, _kind(feed.field), also)
    listed = [text.strip().casefold() for text, _ in feed.values]
    return blank & ~texts.str.strip_chars().str.to_lowercase().is_in(listed) if listed else blank


def _kind(field: Field) -> Kind:
    """Return the field's kind; a number or a truth is no text, just as a date is none."""
    return Kind.DATE if field.type in ("integer", "number", "boolean") else field.kind


def count_blanks(cleaned: Cleaned, cells: pl.DataFrame, blanks: Blanks) -> None:
    """Count these cells among the changes of cleaning, with an example."""
    for (path, index), mask in blanks.items():
        cleaned.changes[CHANGE] = cleaned.changes.get(CHANGE, 0) + int(mask.sum())
        if CHANGE not in cleaned.examples:
            at = mask.arg_max() or 0
            cleaned.examples[CHANGE] = Change(cells["row"][at], path, cells[f"c{index}"][at], "")


def clear_blanks(cells: pl.DataFrame, mapping: Mapping, blanks: Blanks) -> pl.DataFrame:
    """Return the cells by which a field's column is told: blank where another column gave the text instead."""
    several = {feed.field.path for feed in mapping.field_mappings if len(feed.columns) > 1}
    cleared = {f"c{index}": mask for (path, index), mask in blanks.items() if path in several}
    return cells.with_columns(**{name: cells[name].set(mask, None) for name, mask in cleared.items()})
