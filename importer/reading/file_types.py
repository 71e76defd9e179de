"""File types: which names and first bytes are supported, and the messages for those that are not."""

from __future__ import annotations

from pathlib import PurePath

from importer.errors import FileError
from importer.model.catalogue import N_

TEXT_SUFFIXES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
VCARD_SUFFIXES = (".vcf", ".vcard")
ARCHIVE_SUFFIXES = (".zip",)
TABLE_SUFFIXES = TEXT_SUFFIXES + WORKBOOK_SUFFIXES + VCARD_SUFFIXES
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
WORKBOOK_STARTS = (ZIP, OLE)
GZIP = b"\x1f\x8b"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
OTHER_STARTS = {
    b"%PDF": N_("a PDF"),
    b"\x89PNG": N_("a picture"),
    b"\xff\xd8\xff": N_("a picture"),
    b"GIF8": N_("a picture"),
    b"MZ": N_("a program"),
    b"\x7fELF": N_("a program"),
    b"<!DOCTYPE": N_("a web page"),
    b"<html": N_("a web page"),
    b"<table": N_("a web page"),
    b"<?xml": N_("an XML file"),
}
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r")


def suffix_of(name: str) -> str:
    """Return the suffix of a file's name in lower case; of a gzip file, both suffixes (``.csv.gz``)."""
    path = PurePath(name.lower())
    return "".join(path.suffixes[-2:]) if path.suffix == ".gz" else path.suffix


def reject_unsupported(name: str, start: bytes) -> None:
    """Raise FileError for an upload that is no table, given its name and its first few hundred bytes."""
    suffix = suffix_of(name)
    reject_unknown_suffix(name)
    reject_empty(name, start)
    if suffix in WORKBOOK_SUFFIXES:
        reject_no_workbook(name, start)
        return
    if suffix in ARCHIVE_SUFFIXES:
        if not start.startswith(ZIP):
            raise FileError.said(N_("%(file)s: is no zip file although its name says so; pack it again"), file=name)
        return
    reject_workbook(name, start)
    if suffix.endswith(".gz"):
        if not start.startswith(GZIP):
            raise FileError.said(
                N_("%(file)s: is not packed although its name says %(suffix)s"), file=name, suffix=suffix
            )
    else:
        reject_binary(name, start)


def reject_unknown_suffix(name: str) -> None:
    """Raise FileError if no source reads files with this suffix."""
    suffix = suffix_of(name)
    if suffix not in TABLE_SUFFIXES + ARCHIVE_SUFFIXES:
        raise FileError.said(
            N_(
                "%(file)s: a name ending in %(suffix_text)s is neither CSV (%(texts)s) nor a workbook "
                "(%(workbooks)s), a vCard file (%(vcards)s) or a zip file with one of these (%(archives)s); save "
                "it as one of these"
            ),
            file=name,
            suffix_text=suffix or N_("nothing"),
            texts=", ".join(TEXT_SUFFIXES),
            workbooks=", ".join(WORKBOOK_SUFFIXES),
            vcards=", ".join(VCARD_SUFFIXES),
            archives=", ".join(ARCHIVE_SUFFIXES),
        )


def reject_empty(name: str, start: bytes) -> None:
    """Raise FileError if a file has no bytes."""
    if not start:
        raise FileError.said(N_("%(file)s: is empty"), file=name)


def reject_workbook(name: str, start: bytes) -> None:
    """Raise FileError if a file with the name of a text file is a workbook."""
    if start.startswith(WORKBOOK_STARTS):
        raise FileError.said(
            N_("%(file)s: is a workbook although its name says %(suffix)s; rename it to .xlsx"),
            file=name,
            suffix=suffix_of(name),
        )


def reject_no_workbook(name: str, start: bytes) -> None:
    """Raise FileError if a file with the name of a workbook is none: reports are often web pages or text named .xls."""
    suffix = suffix_of(name)
    if start.startswith(ZIP) and suffix == ".xls":
        raise FileError.said(
            N_("%(file)s: is a newer workbook although its name says .xls; rename it to .xlsx"), file=name
        )
    if start.startswith(WORKBOOK_STARTS):
        return
    other = _other_type(start) or (N_("not a workbook") if _CONTROLS.intersection(start) else N_("a text file"))
    is_text = other == "a text file"
    cure = N_("rename it to .csv") if is_text else N_("open it in a spreadsheet program and save it as .xlsx")
    raise FileError.said(
        N_("%(file)s: is %(kind_text)s although its name says %(suffix)s; %(cure_text)s"),
        file=name,
        kind_text=other,
        suffix=suffix,
        cure_text=cure,
    )


def reject_binary(name: str, start: bytes) -> None:
    """Raise FileError if the first bytes of a file are not those of a text."""
    other = _other_type(start)
    if other or (b"\0" in start and not start.startswith(UTF16_MARKS) and not _is_unmarked_utf16(start)):
        raise FileError.said(
            N_("%(file)s: is %(kind_text)s; export the contacts as CSV or .xlsx"),
            file=name,
            kind_text=other or N_("not text"),
        )


def _other_type(start: bytes) -> str | None:
    lowered = start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((what for first, what in OTHER_STARTS.items() if lowered.startswith(first.lower())), None)


def _is_unmarked_utf16(start: bytes) -> bool:
    """Return True if every other byte is zero, as in UTF-16 text without a byte order mark."""
    return any(start[place::2].count(0) > 0.8 * len(start[place::2]) for place in (0, 1))
