"""One sheet as XML, made by polars: text cells and numbers, four looks, a frozen header, a filter, widths that fit.

What our reports need of the format (ECMA-376) and no more. A library that writes cell by cell takes longer for the rows
to fix than the whole check of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO

import polars as pl

from importer.model.table import column_letters
from importer.reporting.xlsx.xml import DECLARED, MAIN, RELATED, escaped, escaped_text, is_plain

NUMBER, TEXT, HEAD, BAD, DOUBTFUL = range(5)
"""How a cell looks."""
NARROWEST, WIDEST, HIDDEN = 8, 60, 0
ROOM = 3
"""Characters that a column is wider than its text: the filter's button covers some of the header."""


class Sheet:
    """One sheet: a header, then rows, written to a temporary part as they come."""

    def __init__(self, part: IO[bytes], header: Sequence[str], hidden: Sequence[int] = ()) -> None:
        self._part = part
        self._header = header
        self._hidden = frozenset(hidden)
        self._widths = [len(name) for name in header]
        self.lines = 1
        self._write(self._head())
        cells = "".join(_cell(index, 1, HEAD, name) for index, name in enumerate(header))
        self._write(f'<row r="1">{cells}</row>')

    def add(self, rows: pl.DataFrame, looks: Mapping[str, pl.Series] | None = None) -> None:
        """Add rows of texts and whole numbers; ``looks`` has a style for each cell of a column."""
        line = pl.int_range(self.lines + 1, self.lines + 1 + rows.height, dtype=pl.UInt32, eager=True).cast(pl.String)
        parts = [pl.lit('<row r="'), pl.lit(line), pl.lit('">')]
        self._widen(rows)
        for index, column in enumerate(rows):
            look = (looks or {}).get(column.name)
            is_number = column.dtype.is_integer()
            parts += [_number(index, line, column)] if is_number else _text(index, line, column, look)
        lines = pl.select(pl.concat_str(*parts, pl.lit("</row>"))).to_series()
        self._write(lines.str.join("").item())
        self.lines += rows.height

    def close(self, *, comments: bool = False, choices: Mapping[int, Sequence[str]] | None = None) -> None:
        """End the part. ``choices`` are drop-downs, by column from 0."""
        drawing = '<legacyDrawing r:id="rId1"/>' if comments else ""
        last = f"{column_letters(len(self._header) - 1)}{self.lines}"
        lists = [_drop_down(column, self.lines, options) for column, options in (choices or {}).items()]
        downs = f'<dataValidations count="{len(lists)}">{"".join(lists)}</dataValidations>' if lists else ""
        self._write(f'</sheetData><autoFilter ref="A1:{last}"/>{downs}{drawing}</worksheet>')
        self._part.seek(0)
        self._write(self._head())  # as long as before, with the widths that are known by now
        self._part.close()

    def _head(self) -> str:
        pane = '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
        columns = "".join(
            f'<col min="{index + 1}" max="{index + 1}" width="{min(max(width + ROOM, NARROWEST), WIDEST):02}" '
            f'style="{TEXT}" customWidth="1" hidden="{int(index in self._hidden)}"/>'
            for index, width in enumerate(self._widths)
        )
        return (
            f'{DECLARED}<worksheet xmlns="{MAIN}" xmlns:r="{RELATED}"><sheetViews>'
            f'<sheetView workbookViewId="0">{pane}</sheetView></sheetViews><cols>{columns}</cols><sheetData>'
        )

    def _widen(self, rows: pl.DataFrame) -> None:
        found = rows.select(pl.all().cast(pl.String).str.len_chars().max().fill_null(0)).row(0) if rows.height else ()
        for index, width in enumerate(found):
            self._widths[index] = max(self._widths[index], width)

    def _write(self, text: str) -> None:
        self._part.write(text.encode())


def _number(index: int, line: pl.Series, column: pl.Series) -> pl.Expr:
    shown = pl.format(f'<c r="{column_letters(index)}{{}}"><v>{{}}</v></c>', line, column)
    return pl.when(pl.lit(column).is_not_null()).then(shown).otherwise(pl.lit(""))


def _text(index: int, line: pl.Series, column: pl.Series, look: pl.Series | None) -> list[pl.Expr]:
    """The pieces of a column's cells."""
    style = pl.lit(str(TEXT)) if look is None else pl.lit(look.cast(pl.String))
    filled = not column.null_count() and bool((column != "").all())
    text = pl.lit(column) if filled and is_plain(column) else escaped(pl.lit(column))
    start, numbers = pl.lit(f'<c r="{column_letters(index)}'), pl.lit(line)
    opened, closed = pl.lit('" t="inlineStr"><is><t xml:space="preserve">'), pl.lit("</t></is></c>")
    shown = [start, numbers, pl.lit('" s="'), style, opened, text, closed]
    if filled:
        return shown
    blank = pl.lit("") if look is None else pl.concat_str(start, numbers, pl.lit('" s="'), style, pl.lit('"/>'))
    return [pl.when(text != "").then(pl.concat_str(*shown)).otherwise(blank)]


def _drop_down(column: int, last: int, options: Sequence[str]) -> str:
    """A list to choose from, which lets other texts pass: the check says what is wrong with them."""
    letters = column_letters(column)
    return (
        f'<dataValidation type="list" allowBlank="1" showErrorMessage="0" sqref="{letters}2:{letters}{max(last, 2)}">'
        f"<formula1>{escaped_text(chr(34) + ','.join(options) + chr(34)).replace('&quot;', chr(34))}</formula1>"
        "</dataValidation>"
    )


def _cell(index: int, line: int, style: int, text: str) -> str:
    ref = f"{column_letters(index)}{line}"
    shown = f'<is><t xml:space="preserve">{escaped_text(text)}</t></is>'
    return f'<c r="{ref}" s="{style}" t="inlineStr">{shown}</c>'
