"""The cells of the original rows: restores their texts, and finds the ones that are still damaged."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import polars as pl

from importer.mapping import label_columns
from importer.model.problem import codes_of
from importer.model.problem_frame import PROBLEM_SCHEMA
from importer.model.table import CellFinding
from importer.reimport.spreadsheet_rewrites import is_spreadsheet_rewrite
from importer.run_store.spool import Spool


def find_still_damaged(frame: pl.DataFrame, spool: Spool, columns: Sequence[str]) -> Iterator[CellFinding]:
    """Yield the findings of the original file about texts that nobody changed. ``columns`` are the original file's.

    For a finding about a whole row, cells with problems of their own do not count: correcting an address says nothing
    about a name that has slipped into the next column.
    """
    every = _read_errors(spool, frame["row"])
    damaged = every.filter(pl.col("code").is_in(codes_of("survives_reimport")))
    if not damaged.height:
        return
    places = {label: index for index, label in enumerate(label_columns(columns))}
    own: dict[int, set[int]] = {}
    for row, label in every.select("row", "column").iter_rows():
        own.setdefault(row, set()).update([places[label]] if label in places else [])
    before = _texts_by_row(spool.rows(damaged["row"]), len(columns))
    after = _texts_by_row(frame.filter(pl.col("row").is_in(damaged["row"].implode())), len(columns))
    for row, label, code, value, params in damaged.iter_rows():
        column = places.get(label) if label else None
        about = [index for index in range(len(columns)) if index not in own[row]] if column is None else [column]
        if all(before[row][index] == after[row][index] for index in about):
            yield CellFinding(row, column, code, value, json.loads(params))


def _read_errors(spool: Spool, rows: pl.Series) -> pl.DataFrame:
    """Return the errors of these rows."""
    wanted = ("row", "column", "code", "value", "params")
    parts = [problems for _, problems in spool.batches() if problems is not None]
    if not parts:
        return pl.DataFrame(schema={name: PROBLEM_SCHEMA[name] for name in wanted})
    bad = pl.col("row").is_in(rows.implode()) & (pl.col("severity") == "error")
    return pl.concat([part.filter(bad).select(wanted) for part in parts]).unique(maintain_order=True)


def _texts_by_row(frame: pl.DataFrame, width: int) -> dict[int, list[str]]:
    cells = frame.select("row", *(pl.col(f"c{index}").fill_null("") for index in range(width)))
    return {row: texts for row, *texts in cells.iter_rows()}


def restore_original_text(frame: pl.DataFrame, spool: Spool, width: int) -> pl.DataFrame:
    """Return the frame with the original texts of cells that only a spreadsheet program has rewritten."""
    then = frame.select("row").join(spool.rows(frame["row"]), on="row", how="left", maintain_order="left")
    names = [f"c{index}" for index in range(width)]
    return frame.with_columns(_undo_rewrites(frame[name], then[name]).alias(name) for name in names)


def _undo_rewrites(texts: pl.Series, original: pl.Series) -> pl.Series:
    pairs = pl.DataFrame({"now": texts, "first": original})
    differ = pairs.filter(pl.col("now") != pl.col("first")).unique()
    same = [(now, before, True) for now, before in differ.iter_rows() if is_spreadsheet_rewrite(before, now)]
    if not same:
        return texts
    again = pl.DataFrame(same, schema=["now", "first", "again"], orient="row")
    found = pairs.join(again, on=["now", "first"], how="left", maintain_order="left")
    return found.select(pl.when(pl.col("again")).then("first").otherwise("now")).to_series()
