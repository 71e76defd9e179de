"""Reads a corrected errors.csv: puts its values into the rows of its run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from importer.errors import FileError
from importer.mapping import label_columns
from importer.model.problem import PROBLEM_COLUMNS
from importer.model.table import Batch, Table
from importer.reimport.original_cells import find_still_damaged
from importer.reimport.original_run import OriginalRun
from importer.reimport.spreadsheet_rewrites import is_spreadsheet_rewrite
from importer.reporting.formula_escaping import unescape_formulas


def has_problem_columns(names: Sequence[str]) -> bool:
    """Return True if these are the columns of errors.csv."""
    return tuple(names[:3]) == PROBLEM_COLUMNS[:3] and {"value", "severity", "hint"} <= set(names)


def restore_listed_rows(table: Table, original: OriginalRun | None) -> Table:
    """Return the rows that errors.csv lists, with the values that were corrected in it.

    Raises FileError if the rows are not stored any more, or if one cell was corrected in two ways.
    """
    if original is None or original.spool is None:
        raise FileError(
            f"{table.facts.path}: is a list of problems, and the rows that it is about are not kept here; correct "
            "errors.xlsx, or the file itself, and import that"
        )
    listed = _read_list(table)
    rows = original.spool.rows(listed["row"])
    columns: Sequence[str] = original.plan["columns"]
    cells, touched = _apply_values(table, listed, rows, columns)
    wanted = [*listed.filter(pl.col("severity") != "warning")["row"], *touched]
    cells = cells.filter(pl.col("row").is_in(wanted))
    listed_still = listed.filter(pl.col("column") == "")["row"]
    findings = tuple(
        finding
        for finding in find_still_damaged(cells, original.spool, columns)
        if finding.column is not None or finding.row in listed_still
    )

    def batches() -> Iterator[Batch]:
        yield Batch(cells, findings)

    return replace(table, columns=tuple(columns), batches=batches)


def _read_list(table: Table) -> pl.DataFrame:
    """Return the lines of errors.csv: row, column, value, severity."""
    names = [name.strip().lower() for name in table.columns]
    places = {name: f"c{names.index(name)}" for name in ("row", "column", "value", "severity")}
    lines = pl.concat(
        [batch.frame for batch in table.batches()] or [pl.DataFrame(schema=dict.fromkeys(places.values(), pl.String))]
    )
    texts = unescape_formulas(lines.select(pl.col(cell).alias(name) for name, cell in places.items()))
    number = pl.col("row").str.strip_chars().str.replace(r"\.0$", "").cast(pl.UInt32, strict=False)
    return texts.with_columns(number, pl.exclude("row").fill_null("")).drop_nulls("row")


def _apply_values(
    table: Table, listed: pl.DataFrame, rows: pl.DataFrame, columns: Sequence[str]
) -> tuple[pl.DataFrame, set[int]]:
    """Return the rows with the corrected values, and the numbers of the rows that have any."""
    touched: set[int] = set()
    for index, name in enumerate(label_columns(columns)):
        cell = f"c{index}"
        values_listed = listed.filter(pl.col("column") == name).select("row", "value")
        if not values_listed.height:
            continue
        known = values_listed.join(rows.select("row", pl.col(cell).fill_null("").alias("first")), on="row").unique()
        changed = [(row, value) for row, value, was in known.iter_rows() if not is_spreadsheet_rewrite(was, value)]
        new = dict(changed)
        twice = [row for row, value in changed if new[row] != value]
        if twice:
            raise FileError(f"{table.facts.path}: row {twice[0]}, {name}: two different values; leave only one of them")
        touched |= new.keys()
        values = pl.DataFrame(
            {"row": list(new), "new": list(new.values())}, schema={"row": pl.UInt32, "new": pl.String}
        )
        rows = rows.join(values, on="row", how="left", maintain_order="left")
        # A blank that somebody entered is a correction, too.
        text = pl.when(pl.col("row").is_in(list(new))).then(pl.col("new").replace("", None)).otherwise(pl.col(cell))
        rows = rows.with_columns(text.alias(cell)).drop("new")
    return rows, touched
