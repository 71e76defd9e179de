"""Rejects workbooks that calamine must not open: protected ones, and damage that it does not survive.

calamine panics on some .xls files, reserves whatever memory their header asks for, and never ends on an .ods file whose
XML is cut off. The fuzz tests found these cases.
"""

from __future__ import annotations

import contextlib
import struct
import zipfile
from pathlib import Path
from xml.parsers import expat

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.reading.file_types import OLE
from importer.reading.sheet_metadata import DAMAGE_ERRORS
from importer.reading.unpacking import reject_bomb

CFB_HEADER = struct.Struct("<30xH8xII16xI4xI")
"""The header of an .xls file: the size of a sector as a power of two, and the sectors that four tables have."""


def reject_unsafe_workbook(path: Path, start: bytes) -> None:
    """Raise FileError for a workbook that must not be opened, given its first bytes."""
    suffix = path.suffix.lower()
    if start.startswith(OLE) and suffix != ".xls":
        raise FileError.said(
            N_("%(file)s: is protected by a password (or is an old .xls under a new name); save it without one"),
            file=path,
        )
    if suffix != ".xls" and not start.startswith(b"PK"):
        raise FileError.said(
            N_("%(file)s: is not a workbook; open it in a spreadsheet program and save it as .xlsx"), file=path
        )
    if suffix == ".xls":
        _reject_false_sizes(path)
        return
    with contextlib.suppress(*DAMAGE_ERRORS), zipfile.ZipFile(path) as archive:
        reject_bomb(str(path), archive.infolist())
        if suffix == ".ods":
            if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                raise FileError.said(N_("%(file)s: is protected by a password; save it without one"), file=path)
            _reject_broken_xml(path, archive)


def _reject_broken_xml(path: Path, archive: zipfile.ZipFile) -> None:
    """Raise FileError for broken XML, in which calamine would look for the end of the sheet for ever."""
    try:
        with archive.open("content.xml") as content:
            expat.ParserCreate().ParseFile(content)
    except (expat.ExpatError, *DAMAGE_ERRORS) as error:
        raise FileError.said(
            N_(
                "%(file)s: cannot be read as a workbook (it is damaged: %(error)s); open it in a spreadsheet "
                "program and save it again"
            ),
            file=path,
            error=error,
        ) from error


def _reject_false_sizes(path: Path) -> None:
    """Raise FileError for tables larger than the file, for which calamine would reserve the memory."""
    with path.open("rb") as file:
        header = file.read(512)
    if not header.startswith(OLE) or len(header) < 512:
        return  # another kind of .xls, or none: calamine reports it
    shift, directory, fat, mini_fat, difat = CFB_HEADER.unpack_from(header)
    sectors = path.stat().st_size >> min(shift, 12)
    if shift not in (9, 12) or max(directory, fat, mini_fat, difat) > sectors:
        raise FileError.said(
            N_(
                "%(file)s: cannot be read as a workbook (it is damaged); open it in a spreadsheet program and save "
                "it again"
            ),
            file=path,
        )
