"""A text file, opened: its digest, its text as UTF-8, and which of the settings count for it."""

from __future__ import annotations

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from importer.errors import FileError
from importer.reading import ahead
from importer.reading.digest import sha256_of
from importer.reading.plain import Copy, Plain, in_utf8, unpacked
from importer.reading.sniff import NAMES
from importer.settings import Settings

AHEAD_BYTES = 1 << 29
"""Larger files are not read ahead: nobody should have to wait for one whose import cannot begin."""
_REPORT = re.compile(
    rb"(?:\xef\xbb\xbf)?\"?(?:import_row\"?[,;\t]\"?import_status|row\"?[,;\t]\"?column\"?[,;\t]\"?field)\b"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A text file. ``delimiter`` and ``header_row`` are what a person said of it, None where nobody did."""

    sha256: str
    plain: Plain
    delimiter: str | None
    header_row: int | None


def read_ahead(path: Path, settings: Settings) -> None:
    """Begin to open a file of no uncommon size."""
    with contextlib.suppress(OSError):
        if path.stat().st_size <= AHEAD_BYTES:
            ahead.begin(path, partial(_opened, path, settings, None))


def open_text(path: Path, settings: Settings, copy: Copy | None) -> Opened:
    """Open a file, whose bytes may lie in a copy; what was begun ahead is not done again. Raises FileError."""
    begun = None if copy else ahead.begun(path)
    opened: Opened = begun.result() if begun else _opened(path, settings, copy)
    return opened


def _opened(path: Path, settings: Settings, copy: Copy | None) -> Opened:
    with ThreadPoolExecutor(1) as beside:
        sha256 = beside.submit(sha256_of, copy.path if copy else path)
        copy = unpacked(path) if path.suffix.lower() == ".gz" else copy
        if _is_report(copy.path if copy else path):  # these were said of the file that it is a report of
            settings = replace(settings, delimiter=None, encoding=None, header_row=None)
        given = _given(settings.delimiter)
        plain = in_utf8(copy.path if copy else path, settings.encoding, path, given)
    held = replace(plain, held=(*plain.held, *([copy] if copy else [])))
    return Opened(sha256.result(), held, given, settings.header_row)


def _is_report(path: Path) -> bool:
    """Whether a file begins as our own result.csv and errors.csv do."""
    with path.open("rb") as file:
        return bool(_REPORT.match(file.read(64)))


def _given(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    char = NAMES.get(delimiter.lower(), delimiter)
    if len(char) != 1 or char in '"\r\n':
        raise FileError(f"--delimiter {delimiter!r}: must be one character, such as ';', or one of {', '.join(NAMES)}")
    return char
