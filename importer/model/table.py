"""A file as text cells, in batches of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

MAX_CELL_CHARACTERS = 32_767  # what a cell of an .xlsx workbook can hold


def column_letters(index: int) -> str:
    """What a spreadsheet program calls a column, counted from 0: ``A``, ``Z``, ``AA``."""
    letters = ""
    while index >= 0:
        index, place = divmod(index, 26)
        letters, index = chr(ord("A") + place) + letters, index - 1
    return letters


@dataclass(frozen=True, slots=True)
class Mark:
    """Damage that reading saw: the cell (column None for the whole row), and the parameters of its message."""

    row: int
    column: int | None
    code: str
    value: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some consecutive rows of a table, blank ones left out.

    ``frame`` has ``row`` (UInt32, the number a spreadsheet shows) and ``c0 … cN``: text, or null where the
    file has nothing.
    """

    frame: pl.DataFrame
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What was found out about an input file."""

    path: str
    sha256: str
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    notes: tuple[str, ...] = ()
    bare: bool = False
    """Whether no cell of it needs quotes where commas separate: no quotes, commas or line ends are in any."""


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text cells. ``batches`` can be called again and reads the file anew."""

    facts: FileFacts
    columns: tuple[str, ...]
    header_row: int
    batches: Callable[[], Iterator[Batch]]
