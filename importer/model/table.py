"""A table of text cells, read in batches of rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import polars as pl

MAX_CELL_CHARACTERS = 32_767  # what a cell of an .xlsx workbook can hold


def column_letters(index: int) -> str:
    """Return the name that spreadsheet programs give a column, counted from 0: ``A``, ``Z``, ``AA``."""
    letters = ""
    while index >= 0:
        index, place = divmod(index, 26)
        letters, index = chr(ord("A") + place) + letters, index - 1
    return letters


@dataclass(frozen=True, slots=True)
class CellFinding:
    """Damage that reading found and that the cell's text does not show.

    ``column`` is None when the finding is about the whole row. ``code`` is the code of a problem, ``value`` the text
    to show with it, ``params`` the parameters of its message.
    """

    row: int
    column: int | None
    code: str
    value: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive rows of a table, without the blank ones.

    ``frame`` has ``row`` (UInt32, the number that a spreadsheet program shows) and ``c0 … cN``: text, or null where
    the source has nothing.
    """

    frame: pl.DataFrame
    findings: tuple[CellFinding, ...] = ()


class SheetFacts(NamedTuple):
    """A sheet with data: its name, the number of rows below its header, and the header."""

    name: str
    rows: int
    header: Sequence[str] = ()

    @property
    def size(self) -> str:
        """The number of rows as text."""
        return f"{self.rows:,} row{'' if self.rows == 1 else 's'}"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """Facts about a source: its place, its digest, how it was read, and notes for the user."""

    path: str
    sha256: str
    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    notes: tuple[str, ...] = ()
    cells_need_no_quotes: bool = False
    """True if no cell contains a quote, ``report_delimiter`` or a line end, so that CSV needs no quoting."""
    since_1904: bool = False
    """True if serial numbers of dates count from 1904-01-01, as workbooks of old Macs do."""
    sheets: tuple[SheetFacts, ...] = ()
    """The visible sheets with data, where nobody chose one."""
    totals_rows: tuple[int, ...] = ()
    """The rows in which tables of a workbook have their totals, which are no records."""

    @property
    def report_delimiter(self) -> str:
        """The delimiter of CSV reports: the file's own where it is a sign of ASCII, else a comma."""
        sign = self.delimiter or ","
        return sign if sign.isascii() and not sign.isalnum() else ","

    @property
    def origin(self) -> str:
        """What numbers the same rows: the digest of the content, and the sheet."""
        return f"{self.sha256}:{self.sheet or ''}"

    def to_data(self) -> dict[str, Any]:
        """Return the facts as JSON data, under the names that stored runs have."""
        data = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        return {_STORED_NAMES.get(name, name): value for name, value in data.items()}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> FileFacts:
        """Return the facts that ``to_data`` stored."""
        names = {stored: name for name, stored in _STORED_NAMES.items()}
        lists = {name: tuple(data.get(name, ())) for name in ("notes", "totals_rows")}
        lists["sheets"] = tuple(SheetFacts(*sheet) for sheet in data.get("sheets", ()))
        return cls(**{names.get(name, name): value for name, value in {**data, **lists}.items()})


# A renamed field keeps the name that runs on disk have.
_STORED_NAMES = {"cells_need_no_quotes": "bare"}


@dataclass(frozen=True, slots=True)
class Table:
    """A source as text cells. Each call of ``batches`` reads the source again from its first row."""

    facts: FileFacts
    columns: tuple[str, ...]
    header_row: int
    batches: Callable[[], Iterator[Batch]]
