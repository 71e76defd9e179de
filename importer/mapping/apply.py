"""From a batch of cells to a frame of fields: null where a field is left out, text where something is sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import polars as pl

from importer.mapping.full_name import names_family_first
from importer.mapping.model import FieldMapping, fold_value
from importer.mapping.model import Mapping as ColumnMapping
from importer.mapping.name_parts import put_family_last, take_part
from importer.mapping.value_steps import NO_STEPS, Note, apply_steps
from importer.model.provenance import is_filled
from schemas.column_stats import has_blanks
from schemas.contract import Operation

Blanks = Mapping[tuple[str, int], pl.Series]
"""By a field's path and the position of one of its columns: where the cell has a word that stands for nothing."""


def note_nothing(_kind: str, _path: str, _before: pl.Series, _after: pl.Series) -> None:
    """Take no notice of what a step changes."""


def apply_mapping(
    cells: pl.DataFrame,
    mapping: ColumnMapping,
    operation: Operation,
    blanks: Blanks = MappingProxyType({}),
    note: Note = note_nothing,
) -> pl.DataFrame:
    """Return ``row`` and one text column per mapped field. ``note`` is told what the steps of a field change.

    A blank cell becomes null, and so does one with a word for nothing; the word that the contract has for clearing a
    field becomes ``""``. Raises MappingError where a cell cannot be read as a condition asks.
    """
    field_mappings = [_drop_idle_columns(field_mapping, cells, blanks) for field_mapping in mapping.field_mappings]
    single = {
        field_mapping.columns[0]
        for field_mapping in field_mappings
        if len(field_mapping.columns) == 1 and not field_mapping.is_composed
    }
    without_blanks = {index for index in single if not has_blanks(cells[f"c{index}"])}
    frame = cells.select(
        "row",
        *(
            _choose(
                _field_expr(
                    feed, operation.clear, without_blanks, blanks, note, family_first=is_family_first(mapping, feed)
                ),
                feed,
                cells,
                note,
            )
            for feed in field_mappings
        ),
    )
    return frame.with_columns(_constants_of_entries(mapping))


def is_family_first(mapping: ColumnMapping, feed: FieldMapping) -> bool:
    """Return whether a field takes a part of full names whose header puts the family name first."""
    return bool(feed.part and feed.columns) and names_family_first(mapping.columns[feed.columns[0]])


def _constants_of_entries(mapping: ColumnMapping) -> list[pl.Expr]:
    """Return the constants in an entry of a list: null in rows whose columns have nothing for that entry."""
    found: list[pl.Expr] = []
    for feed in mapping.field_mappings:
        entry, is_member, _ = feed.field.path.rpartition("].")
        if feed.columns or not is_member or feed.field.step:
            continue
        others = [
            pl.col(other.field.path).is_not_null()
            for other in mapping.field_mappings
            if other.columns and other.field.path.startswith(f"{entry}].")
        ]
        if others:
            found.append(pl.when(pl.any_horizontal(others)).then(pl.col(feed.field.path)))
    return found


def _drop_idle_columns(field_mapping: FieldMapping, cells: pl.DataFrame, blanks: Blanks) -> FieldMapping:
    """Leave out columns that fill in for others and have nothing to give in this batch."""
    if len(field_mapping.columns) < 2 or field_mapping.is_composed:
        return field_mapping
    columns = [index for index in field_mapping.columns if cells[f"c{index}"].null_count() < cells.height]
    if columns and (field_mapping.field.path, columns[0]) not in blanks:
        first = cells[f"c{columns[0]}"]
        if not first.null_count() and not has_blanks(first):
            columns = columns[:1]
    return replace(field_mapping, columns=tuple(columns) or field_mapping.columns[:1])


def _as_it_is(names: pl.Series) -> pl.Series:
    return names


def _field_expr(
    field_mapping: FieldMapping,
    clear: str | None,
    without_blanks: Collection[int],
    blanks: Blanks,
    note: Note,
    *,
    family_first: bool,
) -> pl.Expr:
    """Return the field's text. The cells of the columns ``without_blanks`` are the values as they stand."""
    path = field_mapping.field.path
    if not field_mapping.columns:
        return pl.lit(field_mapping.constant, dtype=pl.String)
    cells = {index: _cell(path, index, blanks) for index in field_mapping.columns}
    if field_mapping.template:
        value = _fill_template(field_mapping.template, cells)
    elif field_mapping.separator is not None:
        value = _join(field_mapping.separator, cells, lambda before, after: note("join", path, before, after))
    else:
        value = _first_filled(cells, without_blanks)
    if clear is not None and not field_mapping.field.in_path:
        value = pl.when(value.str.strip_chars() == clear).then(pl.lit("")).otherwise(value)
    if field_mapping.part:
        part, middle = field_mapping.part, field_mapping.middle
        turn = put_family_last if family_first else _as_it_is
        value = value.map_batches(lambda names: take_part(turn(names), part, middle), return_dtype=pl.String)
    if field_mapping.steps != NO_STEPS:
        steps = field_mapping.steps
        value = value.map_batches(lambda texts: apply_steps(texts, steps, path, note), return_dtype=pl.String)
    if field_mapping.values:
        value = value.map_batches(lambda texts: _replace_values(texts, field_mapping), return_dtype=pl.String)
    return value


def _choose(value: pl.Expr, field_mapping: FieldMapping, cells: pl.DataFrame, note: Note) -> pl.Expr:
    """Return the value where the field's condition holds, else ``otherwise``, and the default where that is blank."""
    path, otherwise = field_mapping.field.path, field_mapping.otherwise
    if field_mapping.when is not None:
        holds = field_mapping.when.matches(cells, f"{path}: when").fill_null(value=False)

        def choose(texts: pl.Series) -> pl.Series:
            after = texts.zip_with(holds, pl.Series([otherwise], dtype=pl.String).new_from_index(0, texts.len()))
            note("when", path, texts, after)
            return after

        if not field_mapping.columns:
            value = pl.repeat(field_mapping.constant, cells.height, dtype=pl.String)
        value = value.map_batches(choose, return_dtype=pl.String)
    if field_mapping.default is not None:
        value = value.fill_null(field_mapping.default)
    return value.alias(path)


def _join(separator: str, cells: Mapping[int, pl.Expr], note: Callable[[pl.Series, pl.Series], None]) -> pl.Expr:
    """Return the cells that are not blank, joined."""
    filled = [pl.when(is_filled(cell)).then(cell.str.strip_chars()) for cell in cells.values()]
    joined = pl.concat_str(filled, separator=separator, ignore_nulls=True)

    def note_joined(series: Sequence[pl.Series]) -> pl.Series:
        first, text = series
        after = text.set(text == "", None)
        note(first, after)
        return after

    return pl.map_batches([pl.coalesce(filled), joined], note_joined, return_dtype=pl.String)


def _cell(path: str, index: int, blanks: Blanks) -> pl.Expr:
    cell, is_blank = pl.col(f"c{index}"), blanks.get((path, index))
    return cell if is_blank is None else pl.when(~pl.lit(is_blank)).then(cell)


def _first_filled(cells: Mapping[int, pl.Expr], without_blanks: Collection[int]) -> pl.Expr:
    first, *others = cells
    if not others and first in without_blanks:
        return cells[first]
    return pl.coalesce(*(pl.when(is_filled(cell)).then(cell) for cell in cells.values()))


def _fill_template(template: tuple[str | int, ...], cells: Mapping[int, pl.Expr]) -> pl.Expr:
    """Return the filled-in template: null where all its columns are blank, without double spaces where some are."""
    parts = [
        pl.lit(part) if isinstance(part, str) else cells[part].str.strip_chars().fill_null("") for part in template
    ]
    text = pl.concat_str(parts).str.replace_all(r"  +", " ").str.strip_chars()
    return pl.when(pl.any_horizontal(is_filled(cell) for cell in cells.values())).then(text)


def _replace_values(texts: pl.Series, field_mapping: FieldMapping) -> pl.Series:
    """Return the texts with the replacements of a mapping file: exactly listed, else but for case and outer blanks."""
    exact = dict(field_mapping.values)
    folded = {fold_value(text): replacement for text, replacement in field_mapping.values}
    replacements = {
        text: exact.get(text)
        or folded.get(fold_value(text), text if field_mapping.otherwise is None else field_mapping.otherwise)
        for text in texts.drop_nulls().unique().to_list()
    }
    return texts.replace_strict(list(replacements), list(replacements.values()), default=None, return_dtype=pl.String)
