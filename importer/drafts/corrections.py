"""A table with the cells that a person corrected in it, as if the file had them so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from importer.model.table import Batch, Table, column_letters
from importer.settings import Correction

MOST_NAMED = 5

Texts = Mapping[int, Mapping[int, str]]
"""By column and row the new texts."""


def apply_corrections(table: Table, corrections: Sequence[Correction]) -> Table:
    """The table with these texts in it; what reading saw of the cells that they replace no longer counts."""
    known = [entry for entry in corrections if 0 <= entry.column < len(table.columns)]
    if not known:
        return table
    texts = by_column(known)

    def batches() -> Iterator[Batch]:
        for batch in table.batches():
            touched = {(row, column) for column, rows in texts.items() for row in rows}
            marks = tuple(mark for mark in batch.findings if (mark.row, mark.column) not in touched)
            yield Batch(overlay(batch.frame, texts), marks)

    facts = replace(table.facts, notes=(*table.facts.notes, _told(table, known)), cells_need_no_quotes=False)
    return replace(table, facts=facts, batches=batches)


def by_column(corrections: Sequence[Correction]) -> Texts:
    """The texts as ``overlay`` takes them; of two for one cell the later counts."""
    texts: dict[int, dict[int, str]] = {}
    for entry in corrections:
        texts.setdefault(entry.column, {})[entry.row] = entry.text
    return texts


def overlay(frame: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """``row`` and cells, with these texts in their places; an empty one is a blank cell."""
    if not frame.height:
        return frame
    first, last = frame["row"][0], frame["row"][-1]
    for column, rows in texts.items():
        here = {row: text for row, text in rows.items() if first <= row <= last}
        if here:
            cell = f"c{column}"
            new = pl.DataFrame(
                {"row": list(here), "new": list(here.values())}, schema={"row": pl.UInt32, "new": pl.String}
            )
            text = pl.when(pl.col("row").is_in(new["row"].implode())).then(_blank_as_null()).otherwise(pl.col(cell))
            frame = frame.join(new, on="row", how="left", maintain_order="left").with_columns(text.alias(cell))
            frame = frame.drop("new")
    return frame


def _blank_as_null() -> pl.Expr:
    return pl.col("new").replace("", None)


def _told(table: Table, corrections: Sequence[Correction]) -> str:
    cells = {(entry.row, entry.column): None for entry in corrections}
    named = [
        f"row {row}, {table.columns[column].strip() or column_letters(column)}"
        for row, column in list(cells)[:MOST_NAMED]
    ]
    more = f" and {len(cells) - MOST_NAMED:,} more" if len(cells) > MOST_NAMED else ""
    said = "one cell was" if len(cells) == 1 else f"{len(cells):,} cells were"
    return f"{said} corrected before the import ({'; '.join(named)}{more}); the file itself is as it was"
