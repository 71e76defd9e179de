"""Any text file → UTF-8 text on disk: unpacked, decoded, its bytes checked on the way."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import os
import tempfile
import weakref
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from importer.errors import FileError
from importer.reading.encoding import PAGES, guess, marked
from importer.reading.sniff import sniff_delimiter

PIECE_BYTES = 1 << 22
LONGEST_PLACE = 1 << 28


class Copy:
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
class Plain:
    """Where the UTF-8 text is, which encoding the file has, what to say of it, and whether a lone CR ends lines."""

    path: Path
    encoding: str
    notes: tuple[str, ...]
    lone_returns: bool
    held: tuple[Copy, ...]


def unpacked(path: Path) -> Copy:
    """A copy of what a gzip file holds. Raises FileError."""
    copy = Copy()
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


def in_utf8(path: Path, named: str | None, shown: Path) -> Plain:
    """The text of a file. ``shown`` is the name in messages. Raises FileError naming a byte that is no text."""
    with path.open("rb") as file:
        encoding = named or marked(file.read(4))
    try:
        return _converted(path, encoding or "utf-8", shown, ())
    except FileError:
        guessed = None if encoding else guess(path)
        if guessed is None:
            raise
    known = f" ({PAGES[guessed]})" if guessed in PAGES else ""
    note = f"the file is not UTF-8; it was read as {guessed}{known}, and --encoding NAME says otherwise"
    return _converted(path, guessed, shown, (note,))


def _converted(path: Path, encoding: str, shown: Path, notes: tuple[str, ...]) -> Plain:
    codec = _codec(encoding)
    decoder = codec.incrementaldecoder()
    copy = None if codec.name in ("utf-8", "utf-8-sig") else Copy()
    begun, after_return, lone = 0, False, False
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE_BYTES)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                kept_back = len(error.object) - len(piece)
                raise _no_text(path, shown, codec.name, begun - kept_back + error.start, error) from error
            except UnicodeError as error:
                raise FileError(f"{shown}: is not {codec.name} ({error}); name another encoding") from error
            lone = lone or (after_return and not text.startswith("\n")) or _has_lone_return(text)
            after_return = text.endswith("\r") if text else after_return
            if copy:
                copy.file.write(text.encode("utf-8", "surrogatepass"))
            if not piece:
                break
            begun += len(piece)
    if copy:
        copy.file.close()
    name = {"utf-8-sig": "utf-8"}.get(codec.name, codec.name)
    return Plain(copy.path if copy else path, name, notes, lone or after_return, (copy,) if copy else ())


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


def _no_text(path: Path, shown: Path, codec: str, position: int, error: UnicodeDecodeError) -> FileError:
    byte = error.object[error.start]
    place = _place(path, position) if codec not in ("utf-16", "utf-32", "utf-16-le", "utf-16-be") else ""
    return FileError(
        f"{shown}: {place}the byte 0x{byte:02X} (at {position}) is not {codec}; save the file as UTF-8, "
        "or name its encoding, for example --encoding cp1252"
    )


def _place(path: Path, position: int) -> str:
    """``row 3, column 2 ('Name'): `` of a byte, by the records before it; empty where that would take too long."""
    if position > LONGEST_PLACE:
        return ""
    with path.open("rb") as file:
        before = file.read(position).decode("latin-1").removeprefix("\xef\xbb\xbf")
    delimiter = sniff_delimiter(before[:PIECE_BYTES] or ",", complete=False)
    rows, header, last = 0, list[str](), [""]
    try:
        for last in csv.reader(io.StringIO(before, newline=""), delimiter=delimiter):
            rows += 1
            header = header or last
    except csv.Error:
        return ""
    if before.endswith(("\n", "\r")) or not before:
        rows, last = rows + 1, [""]
    name = header[len(last) - 1].strip() if 0 < len(last) <= len(header) else ""
    named = f" ({name.encode('latin-1').decode('utf-8', 'replace')!r})" if name and rows > 1 else ""
    return f"row {rows}, column {len(last)}{named}: "
