"""A text file, opened: its digest and its text as UTF-8. Imports no polars, so that prefetching can begin at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from importer.errors import FileError
from importer.files import sha256_of
from importer.reading.delimiter_detection import DELIMITER_NAMES
from importer.reading.read_options import ReadOptions
from importer.reading.transcode import TempCopy, Utf8File, copy_of_unprintable, to_utf8, unpack_gzip


@dataclass(frozen=True, slots=True)
class TextFile:
    """An open text file. ``delimiter`` and ``header_row`` are the user's, and None if they have to be detected."""

    sha256: str
    text: Utf8File
    delimiter: str | None
    header_row: int | None


def open_text(path: Path, options: ReadOptions, shown: str, held: tuple[TempCopy, ...] = ()) -> TextFile:
    """Open a text file. ``shown`` is its name in messages; ``held`` are copies to keep as long as it is used.

    Raises FileError.
    """
    with ThreadPoolExecutor(1) as worker:
        sha256 = worker.submit(sha256_of, path)
        if (copy := copy_of_unprintable(path)) is not None:
            path, held = copy.path, (*held, copy)
        if path.suffix.lower() == ".gz":
            unpacked = unpack_gzip(path, shown)
            path, held = unpacked.path, (*held, unpacked)
        delimiter = _parse_delimiter(options.delimiter)
        text = to_utf8(path, options.encoding, shown, delimiter)
    return TextFile(sha256.result(), replace(text, held=(*text.held, *held)), delimiter, options.header_row)


def _parse_delimiter(delimiter: str | None) -> str | None:
    if delimiter is None:
        return None
    char = DELIMITER_NAMES.get(delimiter.lower(), delimiter)
    if len(char) != 1 or char in '"\r\n':
        names = ", ".join(DELIMITER_NAMES)
        raise FileError(f"--delimiter {delimiter!r}: must be one character, such as ';', or one of {names}")
    return char
