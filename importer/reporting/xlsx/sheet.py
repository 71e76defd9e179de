"""Write one sheet as XML: cells of text and whole numbers with a style, a frozen header, a filter, fitting widths.

The widths of the columns stand in the XML before the rows, and are known only after them. So the head is written twice:
at first with the widths of the headers, and at the end over itself, which needs a head of the same length in bytes.
Therefore every width is written with two digits (``:02``) and can be no larger than ``MAX_WIDTH``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import IO

import polars as pl

from importer.model.table import column_letters
from importer.reporting.xlsx.xml import MAIN, RELATED, XML_DECLARATION, escape, escape_text, needs_no_escape

MIN_WIDTH, MAX_WIDTH = 8, 60  # characters
PADDING = 3  # characters: the filter's button covers some of the header
# Printed, all columns are on one page. The order of the elements is the schema's.
FIT_TO_PAGE = '<sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
LANDSCAPE = '<pageSetup orientation="landscape" fitToWidth="1" fitToHeight="0"/>'


class CellStyle(IntEnum):
    """The style of a cell: its index in ``cellXfs`` of the workbook's styles."""

    NUMBER = 0  # a number in the default format
    TEXT = 1  # formatted as text, so that no program makes a number or a date of it
    HEADER = 2  # bold on grey
    ERROR = 3  # on red
    WARNING = 4  # on yellow


class SheetWriter:
    """One sheet: a header, then rows, written to a part of the workbook as they come."""

    def __init__(self, part: IO[bytes], header: Sequence[str], hidden: Sequence[int] = ()) -> None:
        self._part = part
        self._header = header
        self._hidden = frozenset(hidden)
        self._widths = [len(name) for name in header]
        self.lines = 1
        self._write(self._head())
        cells = "".join(_header_cell(index, name) for index, name in enumerate(header))
        self._write(f'<row r="1">{cells}</row>')

    def add(self, rows: pl.DataFrame, styles: Mapping[str, pl.Series] | None = None) -> None:
        """Add rows of texts and whole numbers. ``styles`` has, by column, each cell's ``CellStyle``."""
        line = pl.int_range(self.lines + 1, self.lines + 1 + rows.height, dtype=pl.UInt32, eager=True).cast(pl.String)
        parts = [pl.lit('<row r="'), pl.lit(line), pl.lit('">')]
        self._widen(rows)
        for index, column in enumerate(rows):
            if column.dtype.is_integer():
                parts.append(_number_cells(index, line, column))
            else:
                parts += _text_cells(index, line, column, (styles or {}).get(column.name))
        lines = pl.select(pl.concat_str(*parts, pl.lit("</row>"))).to_series()
        self._write(lines.str.join("").item())
        self.lines += rows.height

    def close(self, *, comments: bool = False, choices: Mapping[int, Sequence[str]] | None = None) -> None:
        """Finish and close the part. ``choices`` are the entries of drop-down lists, by column from 0."""
        drawing = '<legacyDrawing r:id="rId1"/>' if comments else ""
        last = f"{column_letters(len(self._header) - 1)}{self.lines}"
        lists = [_drop_down(column, self.lines, options) for column, options in (choices or {}).items()]
        downs = f'<dataValidations count="{len(lists)}">{"".join(lists)}</dataValidations>' if lists else ""
        self._write(f'</sheetData><autoFilter ref="A1:{last}"/>{downs}{LANDSCAPE}{drawing}</worksheet>')
        self._part.seek(0)
        self._write(self._head())  # has the length of the first one: see above
        self._part.close()

    def _head(self) -> str:
        pane = '<pane xSplit="1" ySplit="1" topLeftCell="B2" activePane="bottomRight" state="frozen"/>'
        columns = "".join(
            f'<col min="{index + 1}" max="{index + 1}" width="{min(max(width + PADDING, MIN_WIDTH), MAX_WIDTH):02}" '
            f'style="{CellStyle.TEXT:d}" customWidth="1" hidden="{int(index in self._hidden)}"/>'
            for index, width in enumerate(self._widths)
        )
        return (
            f'{XML_DECLARATION}<worksheet xmlns="{MAIN}" xmlns:r="{RELATED}">{FIT_TO_PAGE}<sheetViews>'
            f'<sheetView workbookViewId="0">{pane}</sheetView></sheetViews><cols>{columns}</cols><sheetData>'
        )

    def _widen(self, rows: pl.DataFrame) -> None:
        longest = rows.select(pl.all().cast(pl.String).str.len_chars().max().fill_null(0)).row(0) if rows.height else ()
        for index, width in enumerate(longest):
            self._widths[index] = max(self._widths[index], width)

    def _write(self, text: str) -> None:
        self._part.write(text.encode())


def _number_cells(index: int, line: pl.Series, column: pl.Series) -> pl.Expr:
    cells = pl.format(f'<c r="{column_letters(index)}{{}}"><v>{{}}</v></c>', line, column)
    return pl.when(pl.lit(column).is_not_null()).then(cells).otherwise(pl.lit(""))


def _text_cells(index: int, line: pl.Series, column: pl.Series, styles: pl.Series | None) -> list[pl.Expr]:
    """Return the expressions that make a column's cells when they are concatenated."""
    style = pl.lit(f"{CellStyle.TEXT:d}") if styles is None else pl.lit(styles.cast(pl.String))
    filled = not column.null_count() and bool((column != "").all())
    text = pl.lit(column) if filled and needs_no_escape(column) else escape(pl.lit(column))
    start, numbers = pl.lit(f'<c r="{column_letters(index)}'), pl.lit(line)
    opened, closed = pl.lit('" t="inlineStr"><is><t xml:space="preserve">'), pl.lit("</t></is></c>")
    cells = [start, numbers, pl.lit('" s="'), style, opened, text, closed]
    if filled:
        return cells
    blank = pl.lit("") if styles is None else pl.concat_str(start, numbers, pl.lit('" s="'), style, pl.lit('"/>'))
    return [pl.when(text != "").then(pl.concat_str(*cells)).otherwise(blank)]


def _drop_down(column: int, last: int, options: Sequence[str]) -> str:
    """Return a drop-down list that accepts other texts, too: the check reports those."""
    letters = column_letters(column)
    return (
        f'<dataValidation type="list" allowBlank="1" showErrorMessage="0" sqref="{letters}2:{letters}{max(last, 2)}">'
        f"<formula1>{escape_text(chr(34) + ','.join(options) + chr(34)).replace('&quot;', chr(34))}</formula1>"
        "</dataValidation>"
    )


def _header_cell(index: int, text: str) -> str:
    content = f'<is><t xml:space="preserve">{escape_text(text)}</t></is>'
    return f'<c r="{column_letters(index)}1" s="{CellStyle.HEADER:d}" t="inlineStr">{content}</c>'
