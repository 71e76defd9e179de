"""Zip files that hold one table."""

from __future__ import annotations

import contextlib
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.reading.file_types import TABLE_SUFFIXES, reject_binary, suffix_of
from importer.reading.sheet_metadata import DAMAGE_ERRORS
from importer.reading.transcode import TempCopy
from importer.reading.unpacking import reject_bomb

MOST_NAMED = 5
START_BYTES = 64
TEXTS_BESIDE = ("readme", "read me", "license", "licence", "lisezmoi", "changelog", "notice")
"""Text files that come with a table and are none."""
WORKBOOK_PARTS = ("[Content_Types].xml", "content.xml")


@dataclass(frozen=True, slots=True)
class UnpackedTable:
    """A table from a zip file: its copy on disk, and its name in the zip file."""

    copy: TempCopy
    name: str


def unpack_table(path: Path, shown: str) -> UnpackedTable:
    """Return the only table in a zip file. ``shown`` is the zip file's name in messages. Raises FileError."""
    try:
        with zipfile.ZipFile(path) as archive:
            part = _find_table(archive, shown)
            reject_bomb(shown, [part])
            copy = TempCopy(_suffix_of_table(part.filename))
            with copy.file, archive.open(part) as content:
                start = content.read(START_BYTES)
                if copy.path.suffix == ".csv":
                    reject_binary(f"{shown}: {part.filename}", start)
                copy.file.write(start)
                shutil.copyfileobj(content, copy.file)
    except DAMAGE_ERRORS as error:
        raise FileError.said(
            N_("%(file)s: cannot be unpacked (%(error)s); pack it again, or give the file itself"),
            file=shown,
            error=error,
        ) from error
    return UnpackedTable(copy, part.filename)


def could_be_workbook(path: Path) -> bool:
    """Return True if a zip file is itself a workbook, or cannot be read."""
    with contextlib.suppress(*DAMAGE_ERRORS), zipfile.ZipFile(path) as archive:
        return _holds_workbook(archive)
    return True


def _holds_workbook(archive: zipfile.ZipFile) -> bool:
    """Return True if a zip file is itself a workbook."""
    return any(part in archive.NameToInfo for part in WORKBOOK_PARTS)


def _find_table(archive: zipfile.ZipFile, shown: str) -> zipfile.ZipInfo:
    """Return the only table in a zip file. Raises FileError."""
    if _holds_workbook(archive):
        raise FileError.said(
            N_("%(file)s: is a workbook although its name says .zip; rename it to .xlsx (or .ods)"), file=shown
        )
    files = [part for part in archive.infolist() if not _is_beside(PurePosixPath(part.filename), part)]
    tables = [part for part in files if suffix_of(part.filename) in TABLE_SUFFIXES] or (
        files if len(files) == 1 else []
    )
    if not tables:
        text = N_("%(file)s: holds no table (%(names)s); pack a CSV file or a workbook, or give the file itself")
        if not files:
            text = N_("%(file)s: is an empty zip file; pack a CSV file or a workbook, or give the file itself")
        raise FileError.said(text, file=shown, names=_name(files))
    if len(tables) > 1:
        raise FileError.said(
            N_("%(file)s: holds %(count)s tables (%(names)s); unpack it and import them one by one"),
            file=shown,
            count=len(tables),
            names=_name(tables),
        )
    if tables[0].flag_bits & 1:
        raise FileError.said(N_("%(file)s: is protected by a password; unpack it and give the file itself"), file=shown)
    return tables[0]


def _is_beside(path: PurePosixPath, part: zipfile.ZipInfo) -> bool:
    """Return True for what systems and people put beside a table."""
    return (
        part.is_dir()
        or "__MACOSX" in path.parts
        or path.name.startswith(".")
        or path.name.lower() in ("thumbs.db", "desktop.ini")
        or path.stem.lower() in TEXTS_BESIDE
    )


def _name(parts: list[zipfile.ZipInfo]) -> str:
    return ", ".join(part.filename for part in parts[:MOST_NAMED]) + (", …" if len(parts) > MOST_NAMED else "")


def _suffix_of_table(name: str) -> str:
    """Return the suffix that says how a table is read; a name without a known one is text."""
    suffix = suffix_of(name)
    return suffix if suffix in TABLE_SUFFIXES else ".csv"
