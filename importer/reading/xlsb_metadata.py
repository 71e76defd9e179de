"""Find the error cells of .xlsb sheets, by walking their binary records ([MS-XLSB] 2.1.4)."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from xml.etree import ElementTree as ET

from importer.reading.sheet_metadata import DAMAGE_ERRORS, SheetMetadata

ROW, CELL_ERROR_RECORD, FORMULA_ERROR_RECORD, SHEET = 0, 3, 11, 156
MAX_SHEET_BYTES = 1 << 30
ERROR_TEXTS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
# A record of an error: its kind, its length, column, style, error. It may match by chance, and never misses one:
# so only sheets that seem to have errors are walked through, which takes longer than everything else.
_SEEMS_AN_ERROR = re.compile(rb"(?:\x03\x09|\x0b..?)..\x00\x00....[\x00\x07\x0f\x17\x1d\x24\x2a\x2b]", re.DOTALL)


def read_xlsb_metadata(path: Path, sheet: str) -> SheetMetadata:
    """Return the error cells. Formats, merged cells and hidden rows are not read: the metadata counts as failed."""
    metadata = SheetMetadata(failed=True)
    try:
        with zipfile.ZipFile(path) as archive:
            part = _part_of(archive, sheet)
            if archive.getinfo(part).file_size > MAX_SHEET_BYTES:
                raise ValueError(part)
            _find_errors(archive.read(part), metadata)
    except (*DAMAGE_ERRORS, struct.error, IndexError):
        metadata.unsearched = True
    return metadata


def _find_errors(content: bytes, metadata: SheetMetadata) -> None:
    if not _SEEMS_AN_ERROR.search(content):
        return
    row = 0
    for kind, begin in _records(content):
        if kind == ROW:
            row = int.from_bytes(content[begin : begin + 4], "little")
        elif kind in (CELL_ERROR_RECORD, FORMULA_ERROR_RECORD):
            column = int.from_bytes(content[begin : begin + 4], "little")
            metadata.add_error(row, column, ERROR_TEXTS.get(content[begin + 8], "#N/A"))


def _records(content: bytes) -> Iterator[tuple[int, int]]:
    """Yield each record's kind and where its data begin. Both kind and length are in groups of seven bits."""
    at = 0
    while at < len(content):
        kind, at = content[at], at + 1
        if kind & 0x80:
            kind, at = (kind & 0x7F) | (content[at] & 0x7F) << 7, at + 1
        size = shift = 0
        while True:
            part, at = content[at], at + 1
            size, shift = size | (part & 0x7F) << shift, shift + 7
            if part < 0x80 or shift == 28:
                break
        yield kind, at
        at += size


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    content = archive.read("xl/workbook.bin")
    for kind, begin in _records(content):
        if kind == SHEET:
            key, at = _text(content, begin + 8)
            if _text(content, at)[0] == sheet:
                break
    else:
        raise KeyError(sheet)
    relations = ET.fromstring(archive.read("xl/_rels/workbook.bin.rels"))  # noqa: S314 - expat bounds what entities grow to
    target = next(node.get("Target", "") for node in relations if node.get("Id") == key)
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _text(content: bytes, at: int) -> tuple[str, int]:
    """Return the text that begins there, and where it ends."""
    (length,) = struct.unpack_from("<I", content, at)
    end = at + 4 + 2 * length
    return content[at + 4 : end].decode("utf-16-le"), end
