"""Reads the metadata of a sheet in .xlsx and .xlsm, with regular expressions over the bytes of the sheet's XML.

A sheet may have hundreds of megabytes of XML, and parsing it into elements takes longer than calamine takes for the
whole workbook (1,000,000 rows of 13 columns: calamine 11 seconds, these patterns 13). The patterns match what programs
are known to write, with or without a namespace prefix (``<x:c …>``).

| pattern          | matches                                              | for example                           |
|------------------|------------------------------------------------------|---------------------------------------|
| `hidden_row`     | the attributes of a hidden row                       | `<row r="7" hidden="1">`              |
| `hidden_columns` | the attributes of hidden columns                     | `<col min="2" max="3" hidden="1"/>`   |
| `_MERGED`        | the corners of a merged block                        | `<mergeCell ref="A2:B5"/>`            |
| `formula`        | a formula                                            | `<f>SUM(A1:A3)</f>`                   |
| `without_value`  | a formula, and the end of its cell after it          | `<c r="B3"><f>A1</f><v/></c>`         |
| `boolean`        | the value of a boolean, from its type on             | `<c r="B3" t="b"><v>1</v></c>`        |
| `error`          | the value of an error, from its type on              | `<c r="B3" t="e"><v>#N/A</v></c>`     |
| `long_number`    | a number of 16 characters or more, or a power        | `<c r="B3"><v>1234567890123456</v></c>` |
| `formatted`      | a number with a format that counts, from the style on | `<c r="B3" s="4"><v>501</v></c>`      |
| `shared_text`    | a value that is the number of a shared text          | `<c r="B3" t="s"><v>12</v></c>`       |
| `_ADDRESS`       | the address of a cell, among its attributes          | `r="B3"`                              |
| `_STYLE`         | the number of a cell's style                         | `s="4"`                               |
| `_TYPE`          | the type of a cell                                   | `t="str"`                             |
| `_BOUNDS`        | the first and last column                            | `min="2" max="3"`                     |
| `_PREFIX`        | the namespace prefix                                 | `<x:worksheet xmlns:x="…">`           |
"""

from __future__ import annotations

import contextlib
import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from pathlib import Path

from importer.reading.number_format import BUILTIN_FORMATS, CellFormat, cell_format
from importer.reading.sheet_metadata import DAMAGE_ERRORS, FORMULA_WITHOUT_VALUE, SheetMetadata
from importer.reading.xlsx_parts import column_index, parse_part, read_pieces, related_parts, sheet_parts, workbook_part

_NUMBER = rb"[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_LONG_NUMBER = rb"(?=[^<]{16,}|[^<]*[eE])-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_ADDRESS = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]+)[\"']")
_ROW_NUMBER = re.compile(rb"\br=[\"']([0-9]+)")
_STYLE = re.compile(rb"\bs=[\"']([0-9]+)[\"']")
_TYPE = re.compile(rb"\bt=[\"'](\w+)[\"']")
_BOUNDS = re.compile(rb"\b(min|max)=[\"']([0-9]+)")
_MERGED = re.compile(rb"mergeCell\b[^>]*?\bref=[\"']([A-Z]{1,3})([0-9]+):([A-Z]{1,3})([0-9]+)[\"']")
_PREFIX = re.compile(rb"<(\w+:)?worksheet\b")


def read_xlsx_metadata(path: Path, sheet: str) -> SheetMetadata:
    """Return the metadata of a sheet. Damage sets ``unsearched`` and is not raised, as calamine may still read it."""
    metadata = SheetMetadata()
    try:
        with zipfile.ZipFile(path) as archive:
            formats = _read_formats(archive, metadata)
            part = sheet_parts(archive)[sheet]
            metadata.totals_rows = _read_totals_rows(archive, part)
            with archive.open(part) as content:
                _search(read_pieces(content), formats, metadata)
            workbook = parse_part(archive, workbook_part(archive))
            metadata.uncalculated = _has_flag(workbook, "calcPr", "fullCalcOnLoad")
            metadata.since_1904 = _has_flag(workbook, "workbookPr", "date1904")
    except DAMAGE_ERRORS:
        metadata.unsearched = True
    return metadata


def _read_formats(archive: zipfile.ZipFile, metadata: SheetMetadata) -> dict[bytes, CellFormat]:
    try:
        return _read_cell_formats(archive)
    except DAMAGE_ERRORS:
        metadata.failed = "xl/styles.xml" in archive.namelist()  # without styles there are no formats
        return {}


def _search(pieces: Iterator[bytes], formats: dict[bytes, CellFormat], metadata: SheetMetadata) -> None:
    search = None
    for piece in pieces:
        if search is None:
            prefix = _PREFIX.search(piece)
            search = _Search(_Patterns(prefix[1] or b"" if prefix else b"", formats), formats, metadata)
        search.add(piece)


class _Patterns:
    """The patterns for a sheet whose elements have a prefix (``x:``), or none.

    Each begins with a literal text, which makes it fast. The cell of a match is looked up backwards from there.
    """

    def __init__(self, prefix: bytes, formats: dict[bytes, CellFormat]) -> None:
        start, end = rb"<" + prefix, rb"</" + prefix
        formula = start + rb"f\b[^>]*?(?:/>|>[^<]*" + end + rb"f>)"
        value = rb"[^>]*>\s*(?:" + formula + rb"\s*)?" + start + rb"v>\s*"
        no_value = rb"(?:" + start + rb"v\s*/>|" + start + rb"v>\s*" + end + rb"v>)"
        self.cell, self.formula_start = start + b"c", start + b"f"
        self.value_start = start + b"v"
        self.shared_text = b't="s">' + self.value_start
        self.formula = re.compile(formula)
        self.without_value = re.compile(formula + rb"\s*" + no_value + rb"?\s*" + end + rb"c>")
        self.boolean = re.compile(rb"t=[\"']b[\"']" + value + rb"([01])")
        self.error = re.compile(rb"t=[\"']e[\"']" + value + rb"([^<]*)")
        self.long_number = re.compile(start + rb"v>\s*(" + _LONG_NUMBER + rb")\s*<")
        styles = b"|".join(formats)
        self.formatted = re.compile(rb"s=[\"'](?:" + styles + rb")[\"']" + value + rb"(" + _NUMBER + rb")\s*<")
        self.hidden_row = re.compile(start + rb"row\b(?=[^>]*\bhidden=[\"'](?:1|true))([^>]*)")
        self.hidden_columns = re.compile(start + rb"col\b(?=[^>]*\bhidden=[\"'](?:1|true))([^>]*)")


class _Search:
    """Adds what the patterns match in each piece of a sheet's XML to its metadata."""

    def __init__(self, patterns: _Patterns, formats: dict[bytes, CellFormat], metadata: SheetMetadata) -> None:
        self._patterns = patterns
        self._formats = formats
        self._metadata = metadata

    def add(self, piece: bytes) -> None:
        """Search a piece. Looking for a literal text first saves most of the time."""
        if b"hidden=" in piece:
            self._add_hidden(piece)
        if b"mergeCell" in piece:
            self._add_merged(piece)
        if self._patterns.formula_start in piece:
            self._add_formulas(piece)
        if b't="b"' in piece or b"t='b'" in piece:
            self._add_booleans(piece)
        if b't="e"' in piece or b"t='e'" in piece:
            self._add_errors(piece)
        # Almost all writers store texts as shared ones: a piece in which all values are such has no numbers.
        if piece.count(self._patterns.value_start) != piece.count(self._patterns.shared_text):
            self._add_long_numbers(piece)
            if self._formats:
                self._add_formatted(piece)

    def _add_hidden(self, piece: bytes) -> None:
        rows = (_ROW_NUMBER.search(found[1]) for found in self._patterns.hidden_row.finditer(piece))
        self._metadata.hidden_rows += [int(row[1]) - 1 for row in rows if row]
        for found in self._patterns.hidden_columns.finditer(piece):
            bounds = dict(_BOUNDS.findall(found[1]))
            if len(bounds) == 2:
                self._metadata.hide_columns(int(bounds[b"min"]) - 1, int(bounds[b"max"]))

    def _add_merged(self, piece: bytes) -> None:
        for left, top, right, bottom in _MERGED.findall(piece):
            self._metadata.merged.append((int(top) - 1, column_index(left), int(bottom) - 1, column_index(right)))

    def _add_formulas(self, piece: bytes) -> None:
        self._metadata.has_formulas = self._metadata.has_formulas or self._patterns.formula.search(piece) is not None
        for found in self._patterns.without_value.finditer(piece):
            attributes = self._attributes(piece, found.start())
            kind = _TYPE.search(attributes)
            if (kind is None or kind[1] != b"str") and (address := self._address(attributes)):
                self._metadata.findings.append((*address, FORMULA_WITHOUT_VALUE))

    def _add_booleans(self, piece: bytes) -> None:
        for found in self._patterns.boolean.finditer(piece):
            if address := self._address(self._attributes(piece, found.start())):
                self._metadata.texts.append((*address, "TRUE" if found[1] == b"1" else "FALSE"))

    def _add_errors(self, piece: bytes) -> None:
        for found in self._patterns.error.finditer(piece):
            if address := self._address(self._attributes(piece, found.start())):
                self._metadata.add_error(*address, found[1].decode().strip() or "#N/A")

    def _add_long_numbers(self, piece: bytes) -> None:
        for found in self._patterns.long_number.finditer(piece):
            attributes = self._attributes(piece, found.start())
            if _is_number(attributes) and (address := self._address(attributes)) and _is_long(found[1]):
                self._metadata.long_numbers.append((*address, found[1].decode()))

    def _add_formatted(self, piece: bytes) -> None:
        for found in self._patterns.formatted.finditer(piece):
            attributes = self._attributes(piece, found.start())
            style, address = _STYLE.search(attributes), self._address(attributes)
            if style and style[1] in self._formats and address and _is_number(attributes):
                self._metadata.add_formatted(*address, float(found[1]), self._formats[style[1]])

    def _address(self, attributes: bytes) -> tuple[int, int] | None:
        """Return the place of a cell; a cell without an address makes the metadata incomplete."""
        address = _parse_address(attributes)
        self._metadata.failed = self._metadata.failed or address is None
        return address

    def _attributes(self, piece: bytes, at: int) -> bytes:
        """Return the attributes of the cell in which a match begins."""
        begin = piece.rfind(self._patterns.cell, 0, at)
        return piece[begin : piece.find(b">", begin)] if begin >= 0 else b""


def _is_long(value: bytes) -> bool:
    number = float(value)
    return abs(number) >= 1e15 if number.is_integer() else len(value.lstrip(b"-0.").replace(b".", b"")) > 15


def _is_number(attributes: bytes) -> bool:
    kind = _TYPE.search(attributes)
    return kind is None or kind[1] == b"n"


def _parse_address(attributes: bytes) -> tuple[int, int] | None:
    """Return row and column of ``r="B3"``: (2, 1). A cell without an address has None."""
    found = _ADDRESS.search(attributes)
    return (int(found[2]) - 1, column_index(found[1])) if found else None


def _read_cell_formats(archive: zipfile.ZipFile) -> dict[bytes, CellFormat]:
    """Return the formats that show something else than the number, by the number of the style."""
    styles = parse_part(archive, "xl/styles.xml")
    codes = {node.get("numFmtId"): node.get("formatCode", "") for node in styles.findall(".//{*}numFmt")}
    known = {
        name: format_ for name, code in (BUILTIN_FORMATS | codes).items() if (format_ := cell_format(code)) is not None
    }
    uses = styles.find("{*}cellXfs")
    used = [] if uses is None else [node.get("numFmtId") for node in uses]
    return {b"%d" % index: known[name] for index, name in enumerate(used) if name in known}


def _read_totals_rows(archive: zipfile.ZipFile, part: str) -> list[int]:
    rows = []
    for table in related_parts(archive, part, "/table"):
        with contextlib.suppress(*DAMAGE_ERRORS):
            root = parse_part(archive, table)
            if root.get("totalsRowCount", "0") != "0":
                rows.append(int(root.get("ref", "").rpartition(":")[2].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ$")) - 1)
    return rows


def _has_flag(workbook: ET.Element, element: str, attribute: str) -> bool:
    node = workbook.find(f"{{*}}{element}")
    return node is not None and node.get(attribute) in ("1", "true")
