"""Conversion of any text file to UTF-8 on disk: unpacked, decoded, and checked byte by byte on the way."""

from __future__ import annotations

import codecs
import csv
import difflib
import gzip
import os
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from importer.errors import FileError, UndecidedEncodingError
from importer.model.catalogue import N_
from importer.model.source_ref import printable_path
from importer.reading.delimiter_detection import detect_delimiter
from importer.reading.encoding_detection import CODE_PAGES, encoding_from_mark, guess_encoding, has_letters_of_utf8
from importer.reading.unpacking import bomb_error, is_bomb

PIECE_BYTES = 1 << 18
START_BYTES = 1 << 12
ENCODING_NAMES = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "latin-1",
    "ascii",
    *CODE_PAGES,
    *(f"windows-{number}" for number in range(1250, 1258)),
    "shift_jis",
    "gb18030",
    "big5",
)


class TempCopy:
    """A converted copy of a file. It is deleted when no object refers to it any more."""

    def __init__(self, suffix: str = ".csv") -> None:
        handle, name = tempfile.mkstemp(suffix=suffix)
        self.path = Path(name)
        self.file = os.fdopen(handle, "wb")
        self._deletion = weakref.finalize(self, _delete, self.file, self.path)

    def renamed(self, suffix: str) -> TempCopy:
        """Give the copy, once it is complete and closed, a name with another suffix."""
        self.path = self.path.replace(self.path.with_suffix(suffix))
        self._deletion.detach()
        self._deletion = weakref.finalize(self, _delete, self.file, self.path)
        return self


def copy_of_unprintable(path: Path) -> TempCopy | None:
    """Return a copy of a file whose name is no UTF-8, which the libraries that are written in Rust cannot open."""
    if printable_path(path) == str(path):
        return None
    copy = TempCopy(path.suffix)
    with copy.file, path.open("rb") as content:
        shutil.copyfileobj(content, copy.file)
    return copy


def _delete(file: IO[bytes], path: Path) -> None:
    file.close()
    path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Utf8File:
    """A text file as UTF-8: its path, its original encoding, notes, and what parsers of CSV disagree on.

    ``lone_returns`` is True if a CR alone ends lines, ``quotes`` and ``backslashes`` if there is one anywhere. ``held``
    are the copies that the path may lie in.
    """

    path: Path
    encoding: str
    notes: tuple[str, ...]
    lone_returns: bool
    quotes: bool
    held: tuple[TempCopy, ...]
    backslashes: bool = False


class _NotTextError(Exception):
    """Raised for a byte that the encoding does not have, with its position in the file."""

    def __init__(self, codec: str, position: int, byte: int, *, is_cut_letter: bool = False) -> None:
        super().__init__(codec, position, byte)
        self._codec, self._position, self._byte = codec, position, byte
        self.is_cut_letter = is_cut_letter

    def to_file_error(self, path: Path, shown: str, delimiter: str | None) -> FileError:
        """Return the error for the user. Finding the cell takes a pass over the file."""
        is_wide = self._codec.startswith(("utf-16", "utf-32"))
        cell = None if is_wide else _find_cell(path, self._position, delimiter)
        advice = N_("save the file as UTF-8")
        if self.is_cut_letter:
            advice = N_(
                "the file ends in the middle of a letter, so that it was probably cut off: export or copy it again"
            )
        text = N_("%(file)s: the byte 0x%(byte)s (at %(position)s) is not %(encoding)s; %(advice_text)s%(cli)s")
        if cell is not None:
            text = N_(
                "%(file)s: row %(row)s, column %(column)s%(name)s: the byte 0x%(byte)s (at %(position)s) is not "
                "%(encoding)s; %(advice_text)s%(cli)s"
            )
        return FileError.said(
            text,
            file=shown,
            **(cell or {}),
            byte=f"{self._byte:02X}",
            position=self._position,
            encoding=self._codec,
            advice_text=advice,
            cli=", or name its encoding, for example --encoding cp1252",
        )


def unpack_gzip(path: Path, shown: str) -> TempCopy:
    """Return a copy of what a gzip file holds. Raises FileError."""
    copy, packed_bytes = TempCopy(), path.stat().st_size
    try:
        with gzip.open(path) as packed:
            while piece := packed.read(PIECE_BYTES):
                copy.file.write(piece)
                if is_bomb(copy.file.tell(), packed_bytes):
                    raise bomb_error(shown, copy.file.tell())
    except (OSError, EOFError, zlib.error) as error:
        raise FileError.said(
            N_("%(file)s: cannot be unpacked as gzip (%(error)s); pack it again, or give the file itself"),
            file=shown,
            error=error,
        ) from error
    copy.file.close()
    return copy


def to_utf8(path: Path, named: str | None, shown: str, delimiter: str | None = None) -> Utf8File:
    """Return the file's text as UTF-8: the file itself if it is UTF-8 already, else a converted copy.

    ``named`` is the encoding and ``delimiter`` the delimiter that the user gave, ``shown`` the file's name in messages.
    Raises FileError, naming the cell of a byte that is no text.
    """
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    # The mark of UTF-8 is no text in any other encoding, so that it counts more than the option.
    encoding = (None if start.startswith(codecs.BOM_UTF8) else named) or encoding_from_mark(start)
    try:
        return _convert(path, encoding or "utf-8", shown, ())
    except _NotTextError as error:
        guess = None if encoding or (error.is_cut_letter and has_letters_of_utf8(path)) else guess_encoding(path)
        if guess is not None and guess.rivals:
            undecided = UndecidedEncodingError(f"{shown}: {_ask_for_encoding(guess.rivals)}")
            undecided.rivals = guess.rivals
            raise undecided from error
        if guess is None or guess.encoding is None:
            raise error.to_file_error(path, shown, delimiter) from error
        guessed = guess.encoding
    known = f" ({CODE_PAGES[guessed]})" if guessed in CODE_PAGES else ""
    note = f"the file is not UTF-8; it was read as {guessed}{known}, and --encoding NAME says otherwise"
    try:
        return _convert(path, guessed, shown, (note,))
    except _NotTextError as error:
        raise error.to_file_error(path, shown, delimiter) from error


def _ask_for_encoding(rivals: Sequence[tuple[str, str]]) -> str:
    """Return the question that only the user can answer, with one word both ways."""
    readings = " or ".join(f"{word} ({page})" for page, word in rivals)
    (page, _), *_ = rivals
    return (
        f"is not UTF-8, and its letters do not tell its encoding for certain: is it {readings}? "
        f"Save it as UTF-8, or name its encoding, for example --encoding {page}"
    )


def _convert(path: Path, encoding: str, shown: str, notes: tuple[str, ...]) -> Utf8File:
    codec = _find_codec(encoding)
    copy = None if codec.name in ("utf-8", "utf-8-sig") else TempCopy()
    after_return, lone_returns, quotes, backslashes = False, False, False, False
    for text in _decode(path, codec, shown):
        lone_returns = lone_returns or (after_return and not text.startswith("\n")) or _has_lone_return(text)
        quotes = quotes or '"' in text
        backslashes = backslashes or "\\" in text
        after_return = text.endswith("\r") if text else after_return
        if copy:
            copy.file.write(text.encode("utf-8", "surrogatepass"))
    if copy:
        copy.file.close()
    name = {"utf-8-sig": "utf-8"}.get(codec.name, codec.name)
    copies = (copy,) if copy else ()
    return Utf8File(copy.path if copy else path, name, notes, lone_returns or after_return, quotes, copies, backslashes)


def _decode(path: Path, codec: codecs.CodecInfo, shown: str) -> Iterator[str]:
    """Yield the text in pieces, the last of which may be empty."""
    decoder = codec.incrementaldecoder()
    position = 0
    with path.open("rb") as file:
        while True:
            piece = file.read(PIECE_BYTES)
            try:
                text = decoder.decode(piece, final=not piece)
            except UnicodeDecodeError as error:
                pending = len(error.object) - len(piece)  # bytes of a character that began in the piece before
                cut = codec.name.startswith("utf-8") and "unexpected end" in error.reason
                raise _NotTextError(
                    codec.name, position - pending + error.start, error.object[error.start], is_cut_letter=cut
                ) from error
            except UnicodeError as error:
                raise FileError.said(
                    N_("%(file)s: is not %(encoding)s (%(error)s); name another encoding"),
                    file=shown,
                    encoding=codec.name,
                    error=error,
                ) from error
            yield text
            if not piece:
                return
            position += len(piece)


def _find_codec(name: str) -> codecs.CodecInfo:
    try:
        codec = codecs.lookup(name)
        "x".encode(codec.name)  # not every codec is one of texts
    except (LookupError, UnicodeError) as error:
        near = next(iter(difflib.get_close_matches(name.lower(), ENCODING_NAMES, 1)), None)
        hint = f"did you mean {near}?" if near else "try utf-8, cp1252 or utf-16"
        raise FileError(f"--encoding {name}: there is no such encoding; {hint}") from error
    return codec


def _has_lone_return(text: str) -> bool:
    """Return True if a CR is followed by something other than LF. The LF of a CR at the end may still come."""
    return "\r" in text and text.count("\r") - text.endswith("\r") > text.count("\r\n")


def _find_cell(path: Path, position: int, given: str | None) -> dict[str, object] | None:
    """Return row, column and the column's name for the byte at a position; None if the text before it is no CSV."""
    with path.open("rb") as file:
        sample = file.read(min(position, PIECE_BYTES)).decode("latin-1")
    delimiter = given or detect_delimiter(sample or ",", complete=False)
    rows, header, last = 0, list[str](), [""]
    try:
        for record in csv.reader(_lines_before(path, position), delimiter=delimiter):
            rows, header, last = rows + 1, header or record, record
    except csv.Error:
        return None
    name = header[len(last) - 1].strip() if 0 < len(last) <= len(header) else ""
    named = f" ({name.encode('latin-1').decode('utf-8', 'replace')!r})" if name and rows > 1 else ""
    return {"row": rows, "column": len(last), "name": named}


def _lines_before(path: Path, position: int) -> Iterator[str]:
    """Yield the lines up to a byte, which ``?`` stands for. Latin-1 makes each byte one character."""
    remaining, mark = position, "\xef\xbb\xbf"
    with path.open(encoding="latin-1", newline="") as file:
        for line in file:
            if len(line) > remaining:
                yield (line[:remaining] + "?").removeprefix(mark)
                return
            yield line.removeprefix(mark)
            remaining -= len(line)
            mark = ""
