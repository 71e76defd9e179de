"""The kinds of files that can be read, by how their names end and how they begin."""

from __future__ import annotations

from pathlib import Path

from importer.errors import FileError

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

GZIP = b"\x1f\x8b"
UTF16 = (b"\xff\xfe", b"\xfe\xff")
OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"MZ": "a program",
    b"\x7fELF": "a program",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}


def suffix_of(path: Path) -> str:
    """How a file's name ends, in small letters; of a packed file with what is packed."""
    return "".join(path.suffixes[-2:]).lower() if path.suffix.lower() == ".gz" else path.suffix.lower()


def reject_unsupported(path: Path, start: bytes) -> None:
    """Raises FileError for a file that is no table, given its first bytes (a few hundred are enough)."""
    suffix = suffix_of(path)
    if suffix not in TEXT_SUFFIXES + WORKBOOK_SUFFIXES:
        raise FileError(
            f"{path.name}: a name ending in {suffix or 'nothing'} is neither CSV ({', '.join(TEXT_SUFFIXES)}) "
            f"nor a workbook ({', '.join(WORKBOOK_SUFFIXES)}); save it as one of these"
        )
    if not start:
        raise FileError(f"{path.name}: is empty")
    if suffix in WORKBOOK_SUFFIXES:
        if not start.startswith(WORKBOOK_STARTS):
            raise FileError(f"{path.name}: is no workbook although its name says {suffix}; save it anew as .xlsx")
    elif start.startswith(WORKBOOK_STARTS):
        raise FileError(f"{path.name}: is a workbook although its name says {suffix}; rename it to .xlsx")
    elif suffix.endswith(".gz"):
        if not start.startswith(GZIP):
            raise FileError(f"{path.name}: is not packed although its name says {suffix}")
    else:
        other = next((what for first, what in OTHERS.items() if start.lstrip().startswith(first)), None)
        if other or (b"\0" in start and not start.startswith(UTF16) and not _is_bare_utf16(start)):
            raise FileError(f"{path.name}: is {other or 'not text'}; export the contacts as CSV or .xlsx")


def _is_bare_utf16(start: bytes) -> bool:
    """Whether every other byte of a text is zero, as of UTF-16 without a mark."""
    return any(start[place::2].count(0) > 0.8 * len(start[place::2]) for place in (0, 1))
