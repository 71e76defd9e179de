"""Any text file → UTF-8 text on disk: unpacked, decoded, its bytes checked on the way."""

from __future__ import annotations

import codecs
import csv
import gzip
import os
import tempfile
import weakref
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from importer.errors import FileError
from importer.reading.delimiter_detection import detect_delimiter
from importer.reading.encoding_detection import PAGES, guess_encoding, marked

PIECE_BYTES = 1 << 18
START_BYTES = 1 << 12


class TempCopy:
    """A converted copy of a file; it goes when nothing holds it any more."""

    def __init__(self) -> None:
        handle, name = tempfile.mkstemp(suffix=".csv")
        self.path = Path(name)
        self.file = os.fdopen(handle, "wb")
        weakref.finalize(self, _discard, self.file, self.path)


def _discard(file: IO[bytes], path: Path) -> None:
    file.close()
    path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Utf8File:
    """Where the UTF-8 text is, which encoding the file has, what to say of it; what is in it that parsers differ on."""

    path: Path
    encoding: str
    notes: tuple[str, ...]
    lone_returns: bool
    """Whether a CR alone ends lines."""
    quotes: bool
    held: tuple[TempCopy, ...]


class _NotTextError(Exception):
    """A byte that the encoding does not have, at a position in the file."""

    def __init__(self, codec: str, position: int, byte: int) -> None:
        super().__init__(codec, position, byte)
        self._codec, self._position, self._byte = codec, position, byte

    def told(self, path: Path, shown: Path, delimiter: str | None) -> FileError:
        """The same in words, with the cell, which takes a pass over the file to find."""
        place = "" if self._codec.startswith(("utf-16", "utf-32")) else _place(path, self._position, delimiter)
        return FileError(
            f"{shown}: {place}the byte 0x{self._byte:02X} (at {self._position}) is not {self._codec}; save the file as "
            "UTF-8, or name its encoding, for example --encoding cp1252"
        )


def unpacked(path: Path) -> TempCopy:
    """A copy of what a gzip file holds. Raises FileError."""
    copy = TempCopy()
    try:
        with gzip.open(path) as packed:
            while piece := packed.read(PIECE_BYTES):
                copy.file.write(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise FileError(
            f"{path}: cannot be unpacked as gzip ({error}); pack it again, or give the file itself"
        ) from error
    copy.file.close()
    return copy


def to_utf8(path: Path, named: str | None, shown: Path, delimiter: str | None = None) -> Utf8File:
    """The text of a file. ``shown`` is its name in messages, ``delimiter`` the one that a person gave.

    Raises FileError naming the cell of a byte that is no text.
    """
    with path.open("rb") as file:
        start = file.read(START_BYTES)
        # The mark of UTF-8 is no text in any other encoding, whatever a person believes.
        encoding = (None if start.startswith(codecs.BOM_UTF8) else named) or marked(start)
    try:
        return _converted(path, encoding or "utf-8", shown, ())
    except _NotTextError as error:
        guessed = None if encoding else guess_encoding(path)
        if guessed is None:
            raise error.told(path, shown, delimiter) from error
    known = f" ({PAGES[guessed]})" if guessed in PAGES else ""
    note = f"the file is not UTF-8; it was read as {guessed}{known}, and --encoding NAME says otherwise"
    try:
        return _converted(path, guessed, shown, (note,))
    except _NotTextError as error:
        raise error.told(path, shown, delimiter) from error


def _converted(path: Path, encoding: str, shown: Path, notes: tuple[str, ...]) -> Utf8File:
    codec = _codec(encoding)
    decoder = codec.incrementaldecoder()
    copy = None if codec.name in ("utf-8", "utf-8-sig") else TempCopy()
    begun, after_return, lone, quotes = 0, False, False, False
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE_BYTES)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                kept_back = len(error.object) - len(piece)
                position = begun - kept_back + error.start
                raise _NotTextError(codec.name, position, error.object[error.start]) from error
            except UnicodeError as error:
                raise FileError(f"{shown}: is not {codec.name} ({error}); name another encoding") from error
            lone = lone or (after_return and not text.startswith("\n")) or _has_lone_return(text)
            quotes = quotes or '"' in text
            after_return = text.endswith("\r") if text else after_return
            if copy:
                copy.file.write(text.encode("utf-8", "surrogatepass"))
            if not piece:
                break
            begun += len(piece)
    if copy:
        copy.file.close()
    name = {"utf-8-sig": "utf-8"}.get(codec.name, codec.name)
    return Utf8File(copy.path if copy else path, name, notes, lone or after_return, quotes, (copy,) if copy else ())


def _codec(name: str) -> codecs.CodecInfo:
    try:
        codec = codecs.lookup(name)
        "x".encode(codec.name)  # not every codec is one of texts
    except (LookupError, UnicodeError) as error:
        raise FileError(f"--encoding {name}: there is no such encoding; try utf-8, cp1252 or utf-16") from error
    return codec


def _has_lone_return(text: str) -> bool:
    """Whether a CR is followed by something else than LF (one at the very end may have its LF still to come)."""
    return "\r" in text and text.count("\r") - text.endswith("\r") > text.count("\r\n")


def _place(path: Path, position: int, given: str | None) -> str:
    """``row 3, column 2 ('Name'): `` of a byte, by the records before it; empty where they cannot be told apart."""
    with path.open("rb") as file:
        sample = file.read(min(position, PIECE_BYTES)).decode("latin-1")
    delimiter = given or detect_delimiter(sample or ",", complete=False)
    rows, header, last = 0, list[str](), [""]
    try:
        for record in csv.reader(_lines_before(path, position), delimiter=delimiter):
            rows, header, last = rows + 1, header or record, record
    except csv.Error:
        return ""
    name = header[len(last) - 1].strip() if 0 < len(last) <= len(header) else ""
    named = f" ({name.encode('latin-1').decode('utf-8', 'replace')!r})" if name and rows > 1 else ""
    return f"row {rows}, column {len(last)}{named}: "


def _lines_before(path: Path, position: int) -> Iterator[str]:
    """The lines up to a byte, which stands as ``?`` at their end; every byte before it is a character."""
    left, mark = position, "\xef\xbb\xbf"
    with path.open(encoding="latin-1", newline="") as file:
        for line in file:
            if len(line) > left:
                yield (line[:left] + "?").removeprefix(mark)
                return
            yield line.removeprefix(mark)
            left -= len(line)
            mark = ""
