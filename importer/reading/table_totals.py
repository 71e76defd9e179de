"""The totals rows of the tables in a sheet, as the workbook itself marks them (ECMA-376, ``totalsRowCount``)."""

from __future__ import annotations

import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

from importer.reading.sheet_metadata import DAMAGE_ERRORS

SUFFIXES = (".xlsx", ".xlsm")
LARGEST_PART_BYTES = 1 << 24
_LAST_ROW = re.compile(r":\$?[A-Z]{1,3}\$?([0-9]+)$")


def find_totals_rows(path: Path, sheet: str | None) -> frozenset[int]:
    """Return the numbers of the totals rows in a sheet of a workbook; none in a file that cannot be read as one."""
    if sheet is None or path.suffix.lower() not in SUFFIXES:
        return frozenset()
    try:
        with zipfile.ZipFile(path) as archive:
            if not any(name.startswith("xl/tables/") for name in archive.namelist()):
                return frozenset()
            tables = _related(archive, _find_sheet(archive, sheet), "/table")
            return frozenset(row for table in tables for row in _totals_rows(_parse(archive, table)))
    except (*DAMAGE_ERRORS, StopIteration):
        return frozenset()


def _totals_rows(table: ET.Element) -> range:
    count, last = int(table.get("totalsRowCount", "0")), _LAST_ROW.search(table.get("ref", ""))
    return range(int(last[1]) - count + 1, int(last[1]) + 1) if last else range(0)


def _find_sheet(archive: zipfile.ZipFile, sheet: str) -> str:
    nodes = _parse(archive, "xl/workbook.xml").findall(".//{*}sheet")
    wanted = next(node for node in nodes if node.get("name") == sheet)
    key = next(value for name, value in wanted.items() if name.endswith("}id"))
    return next(part for part in _related(archive, "xl/workbook.xml", "/worksheet", key))


def _related(archive: zipfile.ZipFile, part: str, kind: str, key: str | None = None) -> list[str]:
    """Return the parts of a kind that a part refers to."""
    folder, name = posixpath.split(part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in archive.namelist():
        return []
    return [
        posixpath.normpath(posixpath.join("/", folder, node.get("Target", ""))).lstrip("/")
        for node in _parse(archive, relations).findall(".//{*}Relationship")
        if node.get("Type", "").endswith(kind) and key in (None, node.get("Id"))
    ]


def _parse(archive: zipfile.ZipFile, part: str) -> ET.Element:
    if archive.getinfo(part).file_size > LARGEST_PART_BYTES:
        raise ValueError(part)
    return ET.fromstring(archive.read(part))  # noqa: S314 - expat bounds what entities grow to; the part is bounded above
