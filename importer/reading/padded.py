"""Numbers that a workbook shows with zeros in front: ``1234`` in the format ``00000`` is ``01234`` to who looks at it.

calamine knows no formats, so a workbook is looked at once more, but only if a format of that kind is in use at all.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path, PurePosixPath

import polars as pl

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
OFFICE = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
PADDING = re.compile(r"(0{2,})(?:;.*)?")
WHOLE = re.compile(r"\d+(?:\.0+)?")
LARGEST_PART = 1 << 31


def with_shown_zeros(frame: pl.DataFrame, path: Path, sheet: str) -> pl.DataFrame:
    """The sheet's cells (``c0 …``, one row a row of the sheet), with the zeros that their formats show."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return frame
    try:
        with zipfile.ZipFile(path) as archive:
            widths = _padded_styles(archive)
            found = _padded_cells(archive, sheet, widths) if widths else []
    except (KeyError, ValueError, OSError, ET.ParseError, zipfile.BadZipFile):
        return frame  # what calamine could read is read; formats are all that is missed
    for column in sorted({column for _, column, _ in found if column < frame.width}):
        texts = frame[:, column].to_list()
        for row, at, text in found:
            if at == column and row < len(texts):
                texts[row] = text
        frame = frame.with_columns(pl.Series(frame.columns[column], texts, dtype=pl.String))
    return frame


def _padded_styles(archive: zipfile.ZipFile) -> dict[str, int]:
    """The widths to which styles fill up with zeros, by the style's number."""
    styles = _parse(archive, "xl/styles.xml")
    widths = {
        node.get("numFmtId"): len(padding[1])
        for node in styles.iter(f"{MAIN}numFmt")
        if (padding := PADDING.fullmatch(node.get("formatCode", "")))
    }
    formats = styles.find(f"{MAIN}cellXfs")
    uses = [] if formats is None else [node.get("numFmtId") for node in formats]
    return {str(index): widths[used] for index, used in enumerate(uses) if used in widths}


def _padded_cells(archive: zipfile.ZipFile, sheet: str, widths: dict[str, int]) -> list[tuple[int, int, str]]:
    """Row and column, both from 0, and text of the whole numbers that are shown with zeros in front.

    Columns count from the first that has a value, as calamine's do.
    """
    found, first = [], None
    part = _part_of(archive, sheet)
    _check_size(archive, part)
    with archive.open(part) as content:
        for _, node in ET.iterparse(content):  # noqa: S314 - expat bounds what entities grow to; the part is bounded above
            if node.tag == f"{MAIN}row":
                node.clear()
            if node.tag != f"{MAIN}c" or not len(node):
                continue
            row, column = _position(node.get("r", ""))
            first = column if first is None else min(first, column)
            value = node.findtext(f"{MAIN}v") or ""
            if node.get("s") in widths and node.get("t", "n") == "n" and WHOLE.fullmatch(value):
                found.append((row, column, value.partition(".")[0].zfill(widths[node.get("s", "")])))
    return [(row, column - (first or 0), text) for row, column, text in found]


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str:
    named = {
        node.get("name"): node.get(f"{OFFICE}id") for node in _parse(archive, "xl/workbook.xml").iter(f"{MAIN}sheet")
    }
    targets = {
        node.get("Id"): node.get("Target", "")
        for node in _parse(archive, "xl/_rels/workbook.xml.rels").iter(f"{PACKAGE}Relationship")
    }
    target = targets[named[sheet]]
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _parse(archive: zipfile.ZipFile, part: str) -> ET.Element:
    _check_size(archive, part)
    return ET.fromstring(archive.read(part))  # noqa: S314 - expat bounds what entities grow to; parts are bounded above


def _check_size(archive: zipfile.ZipFile, part: str) -> None:
    if archive.getinfo(part).file_size > LARGEST_PART:
        raise ValueError(part)


def _position(reference: str) -> tuple[int, int]:
    """``B3`` → (2, 1)."""
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(reference[len(letters) :]) - 1, column - 1
