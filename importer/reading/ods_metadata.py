"""Reads the metadata of a sheet in .ods, where the text that a cell shows stands beside its value."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from importer.reading.sheet_metadata import DAMAGE_ERRORS, FORMULA_WITHOUT_VALUE, NUMBER_AS_DATE, SheetMetadata

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
EXTENSION = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
CELLS = (f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
HIDDEN = ("collapse", "filter")
MOST_REPEATS = 1 << 20
_DURATION = re.compile(r"PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S")
_PERCENT = re.compile(r"-?\d+(?:[.,]\d+)? ?%")
_GROUPED = re.compile(r"(?=.*[-(/+])[-\d()/+ ]{5,}")
_YEARLESS = re.compile(
    r"\d{1,2}[-/. ]{1,2}(?:\d{1,2}|[^\W\d]{3,9})\.?|[^\W\d]{3,9}\.?[-/. ]\d{1,2}"  # 3-5, 5. Mar, Mar 26
)
_LABELED = re.compile(r"[^\d]*[^\W\d_][^\d]*[\d.,'’ \u00a0\u202f]+|-?[\d.,'’ \u00a0\u202f]+[^\W\d_]\D*")  # INV-7, 12 kg
_PADDED = re.compile(r"0\d+|\+\d+|[^\W\d]+")


@dataclass(slots=True)
class _Position:
    """The parser's position in the sheet."""

    row: int = 0
    column: int = 0


def read_ods_metadata(path: Path, sheet: str) -> SheetMetadata:
    """Return the metadata of a sheet. Damage sets ``unsearched`` and is not raised, as calamine may still read it."""
    metadata = SheetMetadata()
    try:
        with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
            _read_rows(content, sheet, metadata)
    except DAMAGE_ERRORS:
        metadata.unsearched = True
    return metadata


def _read_rows(content: IO[bytes], sheet: str, metadata: SheetMetadata) -> None:
    position, within = _Position(), False
    for event, node in ET.iterparse(content, events=("start", "end")):  # noqa: S314 - expat bounds what entities grow to
        if event == "start":
            within = node.get(f"{TABLE}name") == sheet if node.tag == f"{TABLE}table" else within
        elif not within:
            node.clear()
        elif node.tag == f"{TABLE}table-column":
            _read_columns(node, position, metadata)
        elif node.tag == f"{TABLE}table-row":
            _read_row(node, position, metadata)
            node.clear()
        elif node.tag == f"{TABLE}table":
            return


def _read_columns(node: ET.Element, position: _Position, metadata: SheetMetadata) -> None:
    repeats = _repeats(node, "columns")
    if node.get(f"{TABLE}visibility") in HIDDEN:
        metadata.hide_columns(position.column, position.column + repeats)
    position.column += repeats


def _read_row(node: ET.Element, position: _Position, metadata: SheetMetadata) -> None:
    repeats = _repeats(node, "rows")
    found = list(_filled_cells(node))
    if found or repeats < MOST_REPEATS // 2:
        if node.get(f"{TABLE}visibility") in HIDDEN:
            metadata.hidden_rows += range(position.row, position.row + repeats)
        for row in range(position.row, position.row + repeats if found else position.row):
            for column, cell in found:
                _read_cell(row, column, cell, metadata)
    position.row += repeats


def _filled_cells(row: ET.Element) -> Iterator[tuple[int, ET.Element]]:
    column = 0
    for cell in row:
        if cell.tag in CELLS:
            if len(cell) or len(cell.attrib) > 2:
                for each in range(column, column + min(_repeats(cell, "columns"), 1 << 14)):
                    yield each, cell
            column += _repeats(cell, "columns")


def _read_cell(row: int, column: int, cell: ET.Element, metadata: SheetMetadata) -> None:
    down, across = int(cell.get(f"{TABLE}number-rows-spanned", 1)), int(cell.get(f"{TABLE}number-columns-spanned", 1))
    if down > 1 or across > 1:
        metadata.merged.append((row, column, row + down - 1, column + across - 1))
    kind = cell.get(f"{OFFICE}value-type")
    shown = "\n".join("".join(line.itertext()) for line in cell.findall(f"{TEXT}p"))
    if cell.get(f"{EXTENSION}value-type") == "error":
        metadata.add_error(row, column, shown or "#N/A")
    elif kind is None and cell.get(f"{TABLE}formula") and cell.find(f"{TEXT}p") is None:
        metadata.findings.append((row, column, FORMULA_WITHOUT_VALUE))
    elif kind == "time" and (clock := _DURATION.fullmatch(cell.get(f"{OFFICE}time-value", ""))):
        metadata.texts.append((row, column, ":".join(part.zfill(2) for part in clock.groups())))
    elif kind == "boolean":
        metadata.texts.append((row, column, cell.get(f"{OFFICE}boolean-value", "").upper()))
    elif kind == "date" and _YEARLESS.fullmatch(shown):
        metadata.findings.append((row, column, NUMBER_AS_DATE))
    elif _is_shown_otherwise(kind, cell, shown):
        metadata.texts.append((row, column, shown))
    elif kind == "float" and len(cell.get(f"{OFFICE}value", "")) > 15:
        metadata.long_numbers.append((row, column, cell.get(f"{OFFICE}value", "")))


def _is_shown_otherwise(kind: str | None, cell: ET.Element, shown: str) -> bool:
    """Return True for a number whose text says more than its value: ``02134``, ``(202) 555-0123``, ``50%``."""
    if kind == "percentage":
        return _PERCENT.fullmatch(shown) is not None
    if kind == "currency":
        return shown != ""
    if kind != "float":
        return False
    digits = "".join(filter(str.isdecimal, shown)).lstrip("0")
    grouped = _GROUPED.fullmatch(shown) is not None and digits == cell.get(f"{OFFICE}value")
    return grouped or _PADDED.fullmatch(shown) is not None or _LABELED.fullmatch(shown) is not None


def _repeats(node: ET.Element, what: str) -> int:
    return min(int(node.get(f"{TABLE}number-{what}-repeated", 1)), MOST_REPEATS)
