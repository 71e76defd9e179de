r"""Recognises quoting that is not RFC 4180, for a file as a whole, and rewrites such a file as RFC 4180.

Recognised are a blank before a quote (``Ana, "Doe"``), single quotes (``'Doe, Ana'``), and backslashes before quotes,
delimiters and line breaks, as MySQL's ``INTO OUTFILE`` writes them. A dialect must read the whole sample without an
error, and with rows at least as even as RFC 4180 reads them. What is not beyond doubt stays RFC 4180.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.reading.transcode import PIECE_BYTES, TempCopy, Utf8File

LEAST_SINGLE_QUOTED = 0.3
"""The least share of the cells that have single quotes around them where single quotes are the quotes."""
MOST_LATE_BYTES = 1 << 16
"""Lines with signs of another dialect that are judged beside the sample."""
_TEXT_IN_EQUALS = re.compile(r'(?:^|[,;\t|])(?:="[^"]*"|"=""[^"]*""")(?=[,;\t|\r\n]|$)', re.MULTILINE)
_BACKSLASH = re.compile(r"\\(?:\r\n|[\s\S]|$)")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The signs of a CSV file."""

    delimiter: str
    quote: str = '"'
    has_blanks_before_quotes: bool = False
    has_backslashes: bool = False

    @property
    def differences(self) -> str:
        """What is not as in RFC 4180, for a note; empty if nothing is."""
        found = [
            (self.quote == "'", "single quotes around cells"),
            (self.has_blanks_before_quotes, "blanks before quotes"),
            (self.has_backslashes, "backslashes before quotes, delimiters and line breaks"),
        ]
        return " and ".join(text for present, text in found if present)

    def read(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """Yield the records of lines. Raises csv.Error where the text does not have this dialect."""
        if not self.differences:
            return csv.reader(lines, delimiter=self.delimiter, strict=True)
        if self.has_backslashes:
            lines = (_BACKSLASH.sub(self._escape, line) if "\\" in line else line for line in lines)
        if self.has_blanks_before_quotes:
            after = re.compile(rf"{self.quote} +(?={re.escape(self.delimiter)}|\r|\n|$)")
            lines = (after.sub(self.quote, line) for line in lines)
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar="\\" if self.has_backslashes else None,
            skipinitialspace=self.has_blanks_before_quotes,
            strict=True,
        )

    def _escape(self, found: re.Match[str]) -> str:
        r"""Double a backslash that escapes nothing: ``C:\path`` stays, and so does ``\N``. CR and LF are two signs."""
        text = found[0]
        if text[1:] == "\r\n":
            return "\\\r\\\n"
        return text if text[1:] in ("\n", "\r", "\\", '"', "'", self.delimiter) else "\\" + text


@dataclass(frozen=True, slots=True)
class _Fit:
    """How well a dialect reads a sample: the share of the records that have the most frequent width."""

    share: float
    records: list[list[str]]


def detect_dialect(sample: str, delimiter: str, *, complete: bool) -> Dialect:
    """Return the dialect of a sample. ``complete`` is True if the sample is the whole file."""
    plain = Dialect(delimiter)
    if not complete:
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    sign = re.escape(delimiter)
    # Most files have none of these signs, and to look for a single one is a hundred times as quick as a pattern.
    blanks = f"{delimiter} " in sample and delimiter != " " and re.search(rf'{sign} +"', sample)
    single = (
        "'" in sample
        and not re.search(rf'(?:^|{sign})[ ]*"', sample, re.MULTILINE)
        and re.search(rf"(?:^|{sign})[ ]*'", sample, re.MULTILINE)
    )
    escapes = "\\" in sample and re.search(rf'\\(?:["\\N\r\n]|{sign})', sample)
    if delimiter in "'\\" or not (blanks or single or escapes):
        return plain
    usual = _fit(plain, sample, complete=complete)
    for quote, backslashes, before in product("'\"" if single else '"', {bool(escapes), False}, (True, False)):
        found = replace(plain, quote=quote, has_backslashes=backslashes, has_blanks_before_quotes=before)
        if before and not _begins_with_blanks(usual, quote):
            continue
        if found.differences and _is_certain(found, sample, usual, complete=complete):
            return found
    return plain


def find_late_signs(text: Utf8File, delimiter: str, after: int) -> str:
    """Return lines beyond a position that have a sign of another dialect, to be judged with the sample before it."""
    sign = delimiter.encode()
    signs = [b'\\"', b"\\" + sign, b"\\\n", b"\\\r"] if text.backslashes else []
    signs += [sign + b' "'] if text.quotes else []
    found, size = [b"\n"], 0
    with text.path.open("rb") as file:
        file.seek(after)
        file.readline()
        while signs and size < MOST_LATE_BYTES and (piece := file.read(PIECE_BYTES)):
            piece += file.readline()
            if any(each in piece for each in signs):
                lines = piece.splitlines(keepends=True)
                found += [line for line in lines if any(each in line for each in signs)]
                size = sum(map(len, found))
    return b"".join(found).decode(errors="replace")


def _begins_with_blanks(usual: _Fit | None, quote: str) -> bool:
    """Return True if cells, read as usual, have blanks and a quote in front."""
    return usual is None or any(
        cell[:1] == " " and cell.lstrip(" ")[:1] == quote for record in usual.records for cell in record
    )


def _is_certain(dialect: Dialect, sample: str, usual: _Fit | None, *, complete: bool) -> bool:
    fit = _fit(dialect, sample, complete=complete)
    if fit is None or (usual is not None and fit.share < usual.share):
        return False
    better = usual is None or fit.share > usual.share
    sign = re.escape(dialect.delimiter)
    if dialect.quote == "'":
        quoted = len(re.findall(rf"(?:^|{sign})[ ]*'(?:[^']|'')*'[ ]*(?={sign}|\r|\n|$)", sample, re.MULTILINE))
        cells = sum(1 for record in fit.records for cell in record if cell)
        return quoted >= (2 if better else max(4, LEAST_SINGLE_QUOTED * cells))
    if dialect.has_backslashes:
        null = re.search(rf"(?:^|{sign})\\N(?={sign}|\r|\n|$)", sample, re.MULTILINE)
        return better or (null is not None and usual is not None)
    return True


def _fit(dialect: Dialect, sample: str, *, complete: bool) -> _Fit | None:
    """Return the fit of a dialect, or None if it cannot read the sample."""
    records = list[list[str]]()
    try:
        for record in dialect.read(io.StringIO(sample, newline="")):
            if record:
                records.append(record)
    except csv.Error as error:
        if complete or "unexpected end of data" not in str(error):
            return None
    if not records:
        return None
    return _Fit(Counter(map(len, records)).most_common(1)[0][1] / len(records), records)


def rewrite(text: Utf8File, dialect: Dialect, shown: str) -> Utf8File:
    """Return the text as RFC 4180, record by record, with a note. ``shown`` names the file. Raises FileError."""
    copy = TempCopy()
    number = 0
    with (
        text.path.open(encoding="utf-8-sig", newline="") as lines,
        io.TextIOWrapper(copy.file, encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, delimiter=dialect.delimiter, lineterminator="\n")
        try:
            for number, record in enumerate(dialect.read(lines), start=1):  # noqa: B007 - used for the message
                writer.writerow(record)
        except csv.Error as error:
            raise FileError.said(
                N_(
                    "%(file)s: after row %(number)s: the file has quotes of its own kind, but this row does not fit "
                    "(%(error)s); correct the row, or export the file again with double quotes that are doubled "
                    "inside cells"
                ),
                file=shown,
                number=number,
                error=error,
            ) from error
    note = f"the file has {dialect.differences}; its cells were read without these quoting signs"
    return replace(
        text, path=copy.path, quotes=True, lone_returns=False, notes=(*text.notes, note), held=(*text.held, copy)
    )


def equals_note(sample: str) -> list[str]:
    """Return a note if there are cells such as ``="02134"``."""
    if '="' in sample and _TEXT_IN_EQUALS.search(sample):
        return ['cells written ="…" were read as the text within']
    return []
