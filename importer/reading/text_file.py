"""A text file, opened: its digest, its text as UTF-8, and which of the settings count for it. Needs no polars."""

from __future__ import annotations

import re
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from importer.errors import FileError
from importer.files import sha256_of
from importer.reading.delimiter_detection import NAMES
from importer.reading.transcode import TempCopy, Utf8File, to_utf8, unpacked
from importer.settings import Settings

_REPORT = re.compile(
    rb"(?:\xef\xbb\xbf)?\"?(?:import_row\"?[,;\t]\"?import_status|row\"?[,;\t]\"?column\"?[,;\t]\"?field)\b"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A text file. ``delimiter`` and ``header_row`` are what a person said of it, None where nobody did."""

    sha256: str
    plain: Utf8File
    delimiter: str | None
    header_row: int | None


def settings_of(path: Path, settings: Settings) -> Hashable:
    """All that the text of a file depends on."""
    return path, settings.delimiter, settings.encoding, settings.header_row


def open_text(path: Path, settings: Settings, copy: TempCopy | None = None) -> Opened:
    """Open a file, whose bytes may lie in a copy. Raises FileError."""
    with ThreadPoolExecutor(1) as beside:
        sha256 = beside.submit(sha256_of, copy.path if copy else path)
        copy = unpacked(path) if path.suffix.lower() == ".gz" else copy
        if _is_report(copy.path if copy else path):  # these were said of the file that it is a report of
            settings = replace(settings, delimiter=None, encoding=None, header_row=None)
        given = _given(settings.delimiter)
        plain = to_utf8(copy.path if copy else path, settings.encoding, path, given)
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
