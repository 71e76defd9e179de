"""The second look at .xlsx and .xlsm: over the bytes of the sheet's XML, in pieces, for the few things sought.

A sheet may have hundreds of megabytes of XML, so that parsing it into elements is out of the question: regular
expressions look for what writers of such files are known to write, with and without a namespace prefix.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path, PurePosixPath

from importer.reading.number_format import DigitFormat, digit_format
from importer.reading.sheet_metadata import FORMULA_WITHOUT_VALUE, UNREADABLE, SheetMetadata

LARGEST_PART = 1 << 28
"""Of styles and the like, in bytes; sheets are read in pieces."""
PIECE_BYTES = 1 << 22
LONGEST_ROW = 1 << 26

_WHOLE = rb"[0-9]+(?:\.0+)?(?:[eE]\+?[0-9]+)?"
_LONG = rb"(?=[^<]{16,}|[^<]*[eE])-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_PLACE = re.compile(rb"\br=[\"']([A-Z]{1,3})([0-9]+)[\"']")
_STYLE = re.compile(rb"\bs=[\"']([0-9]+)[\"']")
_TYPE = re.compile(rb"\bt=[\"'](\w+)[\"']")
_BOUNDS = re.compile(rb"\b(min|max)=[\"']([0-9]+)")
_MERGED = re.compile(rb"mergeCell\b[^>]*?\bref=[\"']([A-Z]{1,3})([0-9]+):([A-Z]{1,3})([0-9]+)[\"']")
_PREFIX = re.compile(rb"<(\w+:)?worksheet\b")


def read_xlsx_metadata(path: Path, sheet: str) -> SheetMetadata:
    """Look at a sheet. Damage is noted, not raised: calamine could read it."""
    seen = SheetMetadata()
    try:
        with zipfile.ZipFile(path) as archive:
            formats = _digit_formats(archive)
            with archive.open(_part_of(archive, sheet)) as content:
                _look(_pieces(content.read), formats, seen)
            seen.uncalculated = _recalculated_on_load(archive)
    except UNREADABLE:
        seen.failed = True
    return seen


def _look(pieces: Iterator[bytes], formats: dict[bytes, DigitFormat], seen: SheetMetadata) -> None:
    searches = list[Callable[[bytes], None]]()
    for piece in pieces:
        if not searches:
            found = _PREFIX.search(piece)
            searches = list(_searches(_Patterns(found[1] or b"" if found else b"", formats), formats, seen))
        for search in searches:
            search(piece)


class _Patterns:
    """The patterns for a sheet whose elements have a prefix (``x:``), or none.

    Each begins with a literal text, which makes it quick: the cell that a match belongs to is looked up from there.
    """

    def __init__(self, prefix: bytes, formats: dict[bytes, DigitFormat]) -> None:
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
        self.long_number = re.compile(start + rb"v>\s*(" + _LONG + rb")\s*<")
        self.padded = re.compile(rb"s=[\"'](?:" + b"|".join(formats) + rb")[\"']" + value + rb"(" + _WHOLE + rb")\s*<")
        self.hidden_row = re.compile(start + rb"row\b(?=[^>]*\bhidden=[\"'](?:1|true))([^>]*)")
        self.hidden_columns = re.compile(start + rb"col\b(?=[^>]*\bhidden=[\"'](?:1|true))([^>]*)")

    def has_numbers(self, piece: bytes) -> bool:
        """Whether there is a value that is not the number of a shared text, as almost all writers write these."""
        return piece.count(self.value_start) != piece.count(self.shared_text)

    def attributes(self, piece: bytes, at: int) -> bytes:
        """The attributes of the cell in which a match begins."""
        begin = piece.rfind(self.cell, 0, at)
        return piece[begin : piece.find(b">", begin)] if begin >= 0 else b""


def _pieces(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """The XML in pieces that end where a row does."""
    rest = b""
    while piece := read(PIECE_BYTES):
        piece = rest + piece
        cut = piece.rfind(b"row>") + 4
        cut = len(piece) if cut == 3 and len(piece) > LONGEST_ROW else cut
        if cut > 3:
            yield piece[:cut]
            piece = piece[cut:]
        rest = piece
    yield rest


def _searches(
    patterns: _Patterns, formats: dict[bytes, DigitFormat], seen: SheetMetadata
) -> Iterator[Callable[[bytes], None]]:
    yield lambda piece: _hidden(piece, patterns, seen) if b"hidden=" in piece else None
    yield lambda piece: _merged(piece, seen) if b"mergeCell" in piece else None
    yield lambda piece: _formulas(piece, patterns, seen) if patterns.formula_start in piece else None
    yield lambda piece: _booleans(piece, patterns, seen) if b't="b"' in piece or b"t='b'" in piece else None
    yield lambda piece: _numbers(piece, patterns, formats, seen) if patterns.has_numbers(piece) else None


def _hidden(piece: bytes, patterns: _Patterns, seen: SheetMetadata) -> None:
    rows = (re.search(rb"\br=[\"']([0-9]+)", found[1]) for found in patterns.hidden_row.finditer(piece))
    seen.hidden_rows += [int(row[1]) - 1 for row in rows if row]
    for found in patterns.hidden_columns.finditer(piece):
        bounds = dict(_BOUNDS.findall(found[1]))
        if len(bounds) == 2:
            seen.hidden_columns += range(int(bounds[b"min"]) - 1, min(int(bounds[b"max"]), 1 << 14))


def _merged(piece: bytes, seen: SheetMetadata) -> None:
    for left, top, right, bottom in _MERGED.findall(piece):
        seen.merged.append((int(top) - 1, _column(left), int(bottom) - 1, _column(right)))


def _formulas(piece: bytes, patterns: _Patterns, seen: SheetMetadata) -> None:
    seen.formulas = seen.formulas or patterns.formula.search(piece) is not None
    for found in patterns.without_value.finditer(piece):
        attributes = patterns.attributes(piece, found.start())
        kind = _TYPE.search(attributes)
        if (kind is None or kind[1] != b"str") and (place := _place(attributes)):
            seen.marks.append((*place, FORMULA_WITHOUT_VALUE))


def _booleans(piece: bytes, patterns: _Patterns, seen: SheetMetadata) -> None:
    for found in patterns.boolean.finditer(piece):
        if place := _place(patterns.attributes(piece, found.start())):
            seen.texts.append((*place, "TRUE" if found[1] == b"1" else "FALSE"))


def _numbers(piece: bytes, patterns: _Patterns, formats: dict[bytes, DigitFormat], seen: SheetMetadata) -> None:
    _long_numbers(piece, patterns, seen)
    if formats:
        _padded(piece, patterns, formats, seen)


def _long_numbers(piece: bytes, patterns: _Patterns, seen: SheetMetadata) -> None:
    for found in patterns.long_number.finditer(piece):
        attributes = patterns.attributes(piece, found.start())
        if _is_number(attributes) and (place := _place(attributes)) and _is_long(found[1]):
            seen.long_numbers.append((*place, found[1].decode()))


def _is_long(value: bytes) -> bool:
    number = float(value)
    return abs(number) >= 1e15 if number.is_integer() else len(value.lstrip(b"-0.").replace(b".", b"")) > 15


def _padded(piece: bytes, patterns: _Patterns, formats: dict[bytes, DigitFormat], seen: SheetMetadata) -> None:
    for found in patterns.padded.finditer(piece):
        attributes = patterns.attributes(piece, found.start())
        style, place = _STYLE.search(attributes), _place(attributes)
        if style and style[1] in formats and place and _is_number(attributes) and (number := float(found[1])) < 1e15:
            seen.texts.append((*place, formats[style[1]].shown(str(int(number)))))


def _is_number(attributes: bytes) -> bool:
    kind = _TYPE.search(attributes)
    return kind is None or kind[1] == b"n"


def _place(attributes: bytes) -> tuple[int, int] | None:
    """Row and column of ``r="B3"``: (2, 1). A cell without an address is passed over."""
    found = _PLACE.search(attributes)
    return (int(found[2]) - 1, _column(found[1])) if found else None


@cache
def _column(letters: bytes) -> int:
    column = 0
    for letter in letters:
        column = 26 * column + letter - ord("A") + 1
    return column - 1


def _digit_formats(archive: zipfile.ZipFile) -> dict[bytes, DigitFormat]:
    """The formats that add digits to numbers, by the style's number."""
    styles = _parse(archive, "xl/styles.xml")
    known = {
        node.get("numFmtId"): shown
        for node in styles.findall(".//{*}numFmt")
        if (shown := digit_format(node.get("formatCode", "")))
    }
    uses = styles.find("{*}cellXfs")
    used = [] if uses is None else [node.get("numFmtId") for node in uses]
    return {b"%d" % index: known[name] for index, name in enumerate(used) if name in known}


def _recalculated_on_load(archive: zipfile.ZipFile) -> bool:
    node = _parse(archive, "xl/workbook.xml").find("{*}calcPr")
    return node is not None and node.get("fullCalcOnLoad") in ("1", "true")


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    nodes = _parse(archive, "xl/workbook.xml").findall(".//{*}sheet")
    wanted = next(node for node in nodes if node.get("name") == sheet)
    key = next(value for name, value in wanted.items() if name.endswith("}id"))
    relations = _parse(archive, "xl/_rels/workbook.xml.rels").findall(".//{*}Relationship")
    target = next(node.get("Target", "") for node in relations if node.get("Id") == key)
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _parse(archive: zipfile.ZipFile, part: str) -> ET.Element:
    if archive.getinfo(part).file_size > LARGEST_PART:
        raise ValueError(part)
    return ET.fromstring(archive.read(part))  # noqa: S314 - expat bounds what entities grow to; the part is bounded above
