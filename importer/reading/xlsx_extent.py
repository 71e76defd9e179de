"""Prepares .xlsx and .xlsm for calamine: every cell gets its address, and cells far from the table are removed.

Report servers write cells without addresses (``<c>`` in place of ``<c r="B3">``), which the patterns of
``xlsx_metadata`` look for. A single cell in the sheet's last corner makes calamine reserve 400 GB, because it keeps
the whole rectangle from the first cell to the last one. Such a workbook is read from a copy without either.
"""

from __future__ import annotations

import contextlib
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.model.table import column_letters
from importer.reading.sheet_metadata import DAMAGE_ERRORS
from importer.reading.transcode import TempCopy
from importer.reading.xlsx_parts import column_index, read_pieces, sheet_parts

LARGEST_SCANNED_BYTES = 1 << 24
"""A larger sheet is searched for far cells only if the dimension that it states cannot be right: that takes a fifth of
the time that calamine needs."""
START_BYTES = 1 << 16
LARGEST_RECTANGLE, LARGEST_WIDTH, CELLS_FOR_ONE = 1 << 23, 1000, 8
"""A rectangle of this many cells and columns is read as it is; a larger one if one of so many cells is filled."""
LARGEST_SPARSE_RECTANGLE = 1 << 26
COLUMN_GAP, ROW_GAP = 100, 1000
"""Blank columns and rows that separate a table from cells that do not belong to it."""
MOST_ROWS, MOST_COLUMNS = 1 << 20, 1 << 14
FEWEST_CELL_BYTES, MOST_CELL_BYTES = 30, 2000

_TAG = re.compile(rb"<((?:\w+:)?(row|c))\b([^>]*)>(</)?")
_UNADDRESSED = re.compile(rb"<(?:\w+:)?(?:row|c)(?:>|\s(?![^>]*\br=))")
_ADDRESS = re.compile(rb"(?:^|\s)r=[\"']([A-Za-z]*)([0-9]*)[\"']")
_COLUMNS = re.compile(rb"\sr=[\"']([A-Za-z]+)[0-9]")
_ROWS = re.compile(rb"\sr=[\"'][A-Za-z]*([0-9]+)[\"']")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s+ref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?(?:/>|>.*?</(?:\w+:)?c>)", re.DOTALL)


@dataclass(slots=True)
class FarCells:
    """The cells of a sheet that were removed: their number and the first of their addresses."""

    count: int = 0
    addresses: list[str] = field(default_factory=list)

    def note(self) -> str:
        """Return the note for the user."""
        named = ", ".join(self.addresses) + (", …" if self.count > len(self.addresses) else "")
        cells = "1 cell far from the table was" if self.count == 1 else f"{self.count:,} cells far from the table were"
        return f"{cells} not read ({named})"


@dataclass(frozen=True, slots=True)
class PreparedWorkbook:
    """The copy of a workbook that is to be read, and the far cells by the name of the sheet."""

    copy: TempCopy
    far_cells: dict[str, FarCells]


def prepare_xlsx(path: Path) -> PreparedWorkbook | None:
    """Return a copy of the workbook that calamine can read, or None if it can read the workbook itself.

    Raises FileError for a sheet whose cells lie too far apart. Other damage is left for calamine to report.
    """
    with contextlib.suppress(*DAMAGE_ERRORS), zipfile.ZipFile(path) as archive:
        parts = {part: name for name, part in sheet_parts(archive).items() if part in archive.NameToInfo}
        wanting = {part: name for part, name in parts.items() if _is_wanting(archive, part)}
        return _copy(path, archive, wanting) if wanting else None
    return None


def _is_wanting(archive: zipfile.ZipFile, part: str) -> bool:
    """Return True if cells of a sheet have no address, or may lie far from the others."""
    size = archive.getinfo(part).file_size
    with archive.open(part) as content:
        start = content.read(START_BYTES)
        if size > LARGEST_SCANNED_BYTES and _has_likely_dimension(start, size):
            return _lacks_addresses(start)
    with archive.open(part) as content:
        columns, rows, cells = set[bytes](), set[int](), 0
        for piece in read_pieces(content):
            if _lacks_addresses(piece):
                return True
            found = _COLUMNS.findall(piece)
            cells += len(found)
            columns.update(found)
            rows.update(map(int, set(_ROWS.findall(piece))))
    indexes = [column_index(letters) for letters in columns] or [0]
    if max(indexes) >= MOST_COLUMNS or max(rows, default=1) > MOST_ROWS:
        return True
    return _is_too_large(max(rows, default=1) - min(rows, default=1) + 1, max(indexes) - min(indexes) + 1, cells)


def _lacks_addresses(piece: bytes) -> bool:
    return _UNADDRESSED.search(piece) is not None


def _has_likely_dimension(start: bytes, size: int) -> bool:
    found = _DIMENSION.search(start)
    if not found:
        return False
    width = column_index(found[3]) - column_index(found[1]) + 1
    height = int(found[4]) - int(found[2]) + 1
    return width * height * MOST_CELL_BYTES >= size and not _is_too_large(height, width, size // FEWEST_CELL_BYTES)


def _is_too_large(height: int, width: int, cells: int) -> bool:
    return height * width > CELLS_FOR_ONE * cells and (height * width > LARGEST_RECTANGLE or width > LARGEST_WIDTH)


def _copy(path: Path, archive: zipfile.ZipFile, wanting: dict[str, str]) -> PreparedWorkbook:
    copy, far_cells = TempCopy(path.suffix.lower()), dict[str, FarCells]()
    with zipfile.ZipFile(copy.file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for entry in archive.infolist():
            if entry.filename in wanting:
                name = wanting[entry.filename]
                far_cells[name] = _copy_sheet(archive, entry.filename, target, f"{path}: the sheet {name!r}")
            elif not entry.filename.startswith("xl/media/"):
                with archive.open(entry) as content, target.open(entry.filename, "w", force_zip64=True) as written:
                    while piece := content.read(1 << 20):
                        written.write(piece)
    copy.file.close()
    return PreparedWorkbook(copy, far_cells)


def _copy_sheet(archive: zipfile.ZipFile, part: str, target: zipfile.ZipFile, shown: str) -> FarCells:
    extent, far = _Extent(), FarCells()
    with archive.open(part) as content:
        for piece in read_pieces(content):
            extent.number_cells(piece)
    bounds = extent.find_bounds(shown)
    again = _Extent()
    with archive.open(part) as content, target.open(part, "w", force_zip64=True) as written:
        for piece in read_pieces(content):
            numbered = again.number_cells(piece)
            written.write(numbered if bounds is None else _CELL.sub(_remover(bounds, far), numbered))
    return far


def _remover(bounds: tuple[range, range], far: FarCells) -> Callable[[re.Match[bytes]], bytes]:
    def keep(found: re.Match[bytes]) -> bytes:
        address = _ADDRESS.search(found[0])
        if address is None or (int(address[2]) in bounds[0] and column_index(address[1]) in bounds[1]):
            return found[0]
        if not found[0].endswith(b"/>"):
            far.count += 1
            far.addresses += [(address[1] + address[2]).decode()] if len(far.addresses) < 5 else []
        return b""

    return keep


class _Extent:
    """The place of the cells that have a value, while the XML of a sheet is read from its beginning."""

    def __init__(self) -> None:
        self._row, self._column = 0, -1
        self._is_outside = False
        self._rows = bytearray(MOST_ROWS + 1)
        self._columns: dict[int, tuple[int, int, int]] = {}  # number of cells, first and last row

    def number_cells(self, piece: bytes) -> bytes:
        """Return a piece of the XML in which every row and cell has its address."""
        return _TAG.sub(self._number, piece)

    def _number(self, found: re.Match[bytes]) -> bytes:
        attributes = found[3]
        address = _ADDRESS.search(attributes)
        if found[2] == b"row":
            self._row = int(address[2]) if address and address[2] else self._row + 1
            self._column = -1
            if self._row > MOST_ROWS:  # its cells are removed, and calamine reads no such number
                return b"<%s>%s" % (found[1], found[4] or b"") if not attributes.endswith(b"/") else b""
            added = b"" if address else b' r="%d"' % self._row
        else:
            self._column = column_index(address[1]) if address and address[1] else self._column + 1
            added = b"" if address else b' r="%s%d"' % (column_letters(self._column).encode(), self._row)
            if not attributes.endswith(b"/") and not found[4]:
                self._add(int(address[2]) if address and address[2] else self._row, self._column)
        return b"<%s%s%s>%s" % (found[1], added, attributes, found[4] or b"") if added else found[0]

    def _add(self, row: int, column: int) -> None:
        if row <= MOST_ROWS and column < MOST_COLUMNS:
            self._rows[row] = 1
            count, first, last = self._columns.get(column, (0, row, row))
            self._columns[column] = (count + 1, min(first, row), max(last, row))
        else:
            self._is_outside = True

    def find_bounds(self, shown: str) -> tuple[range, range] | None:
        """Return the rows (from 1) and columns of the table if the whole is too large. Raises FileError."""
        cells = sum(count for count, _, _ in self._columns.values())
        if not self._columns or not _is_too_large(*self._size(self._columns), cells):
            return (range(MOST_ROWS + 1), range(MOST_COLUMNS)) if self._is_outside else None
        blocks = list(_split(sorted(self._columns), COLUMN_GAP))
        block = max(blocks, key=lambda block: sum(self._columns[column][0] for column in block))
        kept = {column: self._columns[column] for column in block}
        columns = range(block[0], block[-1] + 1)
        if not _is_too_large(*self._size(kept), cells):
            return range(MOST_ROWS + 1), columns
        rows = max(_split([row for row, filled in enumerate(self._rows) if filled], ROW_GAP), key=len)
        if len(columns) * (rows[-1] - rows[0] + 1) > LARGEST_SPARSE_RECTANGLE:
            raise FileError.said(
                N_(
                    "%(file)s: its cells lie too far apart (%(columns)s columns, %(rows)s rows); copy the table to "
                    "a sheet of its own"
                ),
                file=shown,
                columns=f"{len(columns):,}",
                rows=f"{rows[-1]:,}",
            )
        return range(rows[0], rows[-1] + 1), columns

    @staticmethod
    def _size(columns: dict[int, tuple[int, int, int]]) -> tuple[int, int]:
        """Return the numbers of rows and columns from the first to the last."""
        first, last = min(entry[1] for entry in columns.values()), max(entry[2] for entry in columns.values())
        return last - first + 1, max(columns) - min(columns) + 1


def _split(places: list[int], gap: int) -> Iterator[list[int]]:
    """Yield the places in blocks, where more than ``gap`` are missing between two of them."""
    block = places[:1]
    for place in places[1:]:
        if place - block[-1] > gap:
            yield block
            block = []
        block.append(place)
    yield block
