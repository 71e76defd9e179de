"""What is refused before calamine sees it: protected, no workbook, or damaged in a way that it would not survive."""

from __future__ import annotations

import contextlib
import struct
import zipfile
from pathlib import Path
from xml.parsers import expat

from importer.errors import FileError
from importer.reading.sheet_metadata import UNREADABLE

OLE = b"\xd0\xcf\x11\xe0"
MOST_BYTES = 1 << 32
"""What a workbook may unpack to: several times the largest sheet of contacts."""
SUSPECT_BYTES, MOST_PACKED = 1 << 28, 300
"""A part larger than this that is packed to less than one in so many is no spreadsheet's."""
CFB_HEADER = struct.Struct("<30xH8xII16xI4xI")
"""Of an .xls: the size of a sector as a power of two, and how many sectors four tables have."""


def reject_unsafe_workbook(path: Path, start: bytes) -> None:
    """``start`` are the file's first bytes. Raises FileError."""
    suffix = path.suffix.lower()
    if start.startswith(OLE) and suffix != ".xls":
        raise FileError(f"{path}: is protected by a password (or is an old .xls under a new name); save it without one")
    if suffix != ".xls" and not start.startswith(b"PK"):
        raise FileError(f"{path}: is not a workbook; open it in a spreadsheet program and save it as .xlsx")
    if suffix == ".xls":
        _refuse_wild_tables(path)
        return
    with contextlib.suppress(*UNREADABLE), zipfile.ZipFile(path) as archive:
        _refuse_bombs(path, archive)
        if suffix == ".ods":
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise FileError(f"{path}: is protected by a password; save it without one")
            _refuse_broken_xml(path, archive)


def _refuse_bombs(path: Path, archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    size = sum(part.file_size for part in parts)
    suspect = any(part.file_size > max(SUSPECT_BYTES, MOST_PACKED * part.compress_size) for part in parts)
    if suspect or size > MOST_BYTES:
        raise FileError(
            f"{path}: would unpack to {size / 1e9:.1f} GB, which no list of contacts does; it is damaged or made "
            "to do harm. If you trust it, save the sheet as CSV and import that"
        )


def _refuse_broken_xml(path: Path, archive: zipfile.ZipFile) -> None:
    """Calamine would look for the end of the sheet for ever."""
    try:
        with archive.open("content.xml") as content:
            expat.ParserCreate().ParseFile(content)
    except (expat.ExpatError, *UNREADABLE) as error:
        raise FileError(
            f"{path}: cannot be read as a workbook (it is damaged: {error}); open it in a spreadsheet program and save "
            "it again"
        ) from error


def _refuse_wild_tables(path: Path) -> None:
    """Calamine would ask for as much memory as the file says that it needs."""
    with path.open("rb") as file:
        header = file.read(512)
    if not header.startswith(OLE) or len(header) < 512:
        return  # an .xls of another kind, or none: calamine tells
    shift, directory, fat, mini_fat, difat = CFB_HEADER.unpack_from(header)
    sectors = path.stat().st_size >> min(shift, 12)
    if shift not in (9, 12) or max(directory, fat, mini_fat, difat) > sectors:
        raise FileError(
            f"{path}: cannot be read as a workbook (it is damaged); open it in a spreadsheet program and save it again"
        )
