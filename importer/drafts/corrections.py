"""Apply manual corrections of cells to a table, as if the file contained them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from importer.model.table import Batch, Table, column_letters
from importer.settings import Correction

MAX_CELLS_NAMED = 5

Texts = Mapping[int, Mapping[int, str]]  # column → row → new text


def apply_corrections(table: Table, corrections: Sequence[Correction]) -> Table:
    """Return the table with the corrections in it. Findings of the reader about the replaced cells are dropped."""
    known = [entry for entry in corrections if 0 <= entry.column < len(table.columns)]
    if not known:
        return table
    texts = by_column(known)

    def batches() -> Iterator[Batch]:
        for batch in table.batches():
            corrected = {(row, column) for column, rows in texts.items() for row in rows}
            marks = tuple(mark for mark in batch.findings if (mark.row, mark.column) not in corrected)
            yield Batch(overlay(batch.frame, texts), marks)

    facts = replace(table.facts, notes=(*table.facts.notes, _correction_note(table, known)), cells_need_no_quotes=False)
    return replace(table, facts=facts, batches=batches)


def by_column(corrections: Sequence[Correction]) -> Texts:
    """Return the texts by column and row, as ``overlay`` takes them; the later one of a cell wins."""
    texts: dict[int, dict[int, str]] = {}
    for entry in corrections:
        texts.setdefault(entry.column, {})[entry.row] = entry.text
    return texts


def overlay(frame: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """Return the frame (``row`` and cells) with the texts put in; an empty text makes a blank cell."""
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


def _correction_note(table: Table, corrections: Sequence[Correction]) -> str:
    cells = {(entry.row, entry.column): None for entry in corrections}
    named = [
        f"row {row}, {table.columns[column].strip() or column_letters(column)}"
        for row, column in list(cells)[:MAX_CELLS_NAMED]
    ]
    more = f" and {len(cells) - MAX_CELLS_NAMED:,} more" if len(cells) > MAX_CELLS_NAMED else ""
    count = "one cell was" if len(cells) == 1 else f"{len(cells):,} cells were"
    return f"{count} corrected before the import ({'; '.join(named)}{more}); the file itself is as it was"
