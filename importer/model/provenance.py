"""The source of a field's text: the column that a person corrects, or a constant."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class FieldSource:
    """A column's header and the name of its cells in a batch, or a constant.

    ``others`` are further columns, each of which gives the text where those before it are blank.
    """

    header: str
    cell: str | None
    constant: str | None = None
    others: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> tuple[tuple[str, str], ...]:
        """Headers and names of cells, in the order in which they are tried."""
        return () if self.cell is None else ((self.header, self.cell), *self.others)

    def header_expr(self) -> pl.Expr:
        """Return, for each row, the header of the column that gave the text, or the first where all are blank."""
        chosen = pl.lit(self.header)
        for header, cell in reversed(self.others):
            chosen = pl.when(is_filled(pl.col(cell))).then(pl.lit(header)).otherwise(chosen)
        if self.others and self.cell:
            chosen = pl.when(is_filled(pl.col(self.cell))).then(pl.lit(self.header)).otherwise(chosen)
        return chosen

    def value_expr(self) -> pl.Expr:
        """Return, for each row, the cell's text as the file has it, or the constant; never null."""
        if self.cell is None:
            return pl.lit(self.constant or "")
        if not self.others:
            return pl.col(self.cell).fill_null("")
        cells = (pl.col(cell) for _, cell in self.columns)
        return pl.coalesce(*(pl.when(is_filled(cell)).then(cell) for cell in cells)).fill_null("")


def is_filled(cell: pl.Expr) -> pl.Expr:
    """Return true where a cell has more than white space."""
    return (cell.str.strip_chars() != "").fill_null(value=False)


NO_SOURCE = FieldSource("", None)
