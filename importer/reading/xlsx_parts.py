"""The parts of an .xlsx file, which is a zip file of XML."""

from __future__ import annotations

import posixpath
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import IO

LARGEST_PART_BYTES = 1 << 28
"""Limit for the styles and other small parts. Sheets have none, as they are read in pieces."""
PIECE_BYTES = 1 << 22
LONGEST_ROW_BYTES = 1 << 26


def sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by the sheet's name."""
    workbook = workbook_part(archive)
    relations = {key: target for key, _, target in _read_relations(archive, workbook)}
    parts = dict[str, str]()
    for node in parse_part(archive, workbook).findall(".//{*}sheet"):
        key = next((value for name, value in node.items() if name.endswith("}id")), None)
        if key in relations:
            parts[node.get("name", "")] = relations[key]
    return parts


def workbook_part(archive: zipfile.ZipFile) -> str:
    """Return the part of the workbook itself, which almost always is ``xl/workbook.xml``."""
    if "xl/workbook.xml" in archive.NameToInfo:
        return "xl/workbook.xml"
    nodes = parse_part(archive, "_rels/.rels").findall(".//{*}Relationship")
    return next(node.get("Target", "") for node in nodes if node.get("Type", "").endswith("/officeDocument")).lstrip(
        "/"
    )


def related_parts(archive: zipfile.ZipFile, part: str, kind: str) -> list[str]:
    """Return the parts that a part refers to, of the kinds whose name ends with ``kind``; none without relations."""
    try:
        return [target for _, type_, target in _read_relations(archive, part) if type_.endswith(kind)]
    except KeyError:
        return []


def _read_relations(archive: zipfile.ZipFile, part: str) -> list[tuple[str | None, str, str]]:
    """Return the identifier, the kind and the target of each relation of a part."""
    folder, name = posixpath.split(part)
    nodes = parse_part(archive, posixpath.join(folder, "_rels", f"{name}.rels")).findall(".//{*}Relationship")
    # A path that begins with a slash counts from the file's root, and any other from the folder of the part.
    return [
        (
            node.get("Id"),
            node.get("Type", ""),
            posixpath.normpath(posixpath.join("/", folder, node.get("Target", ""))).lstrip("/"),
        )
        for node in nodes
    ]


def parse_part(archive: zipfile.ZipFile, part: str) -> ET.Element:
    """Return the root element of a part. Raises one of DAMAGE_ERRORS."""
    if archive.getinfo(part).file_size > LARGEST_PART_BYTES:
        raise ValueError(part)
    return ET.fromstring(archive.read(part))  # noqa: S314 - expat bounds what entities grow to; the part is bounded above


def read_pieces(content: IO[bytes]) -> Iterator[bytes]:
    """Yield the XML of a sheet in pieces that end where a row does."""
    rest = b""
    while piece := content.read(PIECE_BYTES):
        piece = rest + piece
        cut = piece.rfind(b"row>") + 4
        cut = len(piece) if cut == 3 and len(piece) > LONGEST_ROW_BYTES else cut
        if cut > 3:
            yield piece[:cut]
            piece = piece[cut:]
        rest = piece
    yield rest


@cache
def column_index(letters: bytes) -> int:
    """Return the position of a column, counted from 0, that spreadsheet programs call ``A``, ``Z``, ``AA``."""
    column = 0
    for letter in letters.upper():
        column = 26 * column + letter - ord("A") + 1
    return column - 1
