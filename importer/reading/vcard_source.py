"""vCard files as a source: contact k is row k + 1, as if the names of the columns were the first row."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, ClassVar

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.model.source_ref import SourceRef
from importer.reading.file_types import VCARD_SUFFIXES, suffix_of
from importer.reading.local_file import LocalFile
from importer.reading.read_options import ReadOptions

if TYPE_CHECKING:
    from importer.model.table import Table

LARGEST_BYTES, MOST_CELLS = 1 << 29, 1 << 26
FALLBACK_ENCODING = "cp1252"
_FOLDED = re.compile(rb"\r?\n[ \t]")
_CHARSET = re.compile(rb"^[^:]*;CHARSET=\"?([\w.-]+)", re.IGNORECASE)
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class VcardSource(LocalFile):
    """A file of contacts from a phone book, iCloud or Outlook."""

    suffixes: ClassVar[tuple[str, ...]] = VCARD_SUFFIXES

    @classmethod
    def accepts(cls, ref: SourceRef) -> bool:
        return suffix_of(ref.name) in cls.suffixes

    def beginning(self) -> bytes:
        return b""

    def sheet_names(self) -> tuple[str, ...]:
        return ()

    def prefetch(self, options: ReadOptions) -> None:
        """Do nothing: address books are small."""

    def discard_prefetch(self) -> None:
        """Do nothing, as nothing was prefetched."""

    def open(self, options: ReadOptions) -> Table:
        self.read_start()
        if self.size() > LARGEST_BYTES:
            raise FileError.said(
                N_("%(file)s: is too large (%(size)s GB); export the contacts without photos"),
                file=self.ref,
                size=f"{self.size() / 1000000000.0:.1f}",
            )
        content = self.ref.path.read_bytes()
        text, encoding = decode_vcards(content, options.encoding, self.ref.uri)
        return _read_table(text, encoding, self)


def decode_vcards(content: bytes, named: str | None, shown: str) -> tuple[str, str]:
    """Return the text of a vCard file and the name of its encoding. Raises FileError.

    vCard 2.1 names the encoding of each line that is not plain; without a name, text that is not UTF-8 is cp1252.
    """
    encoding = named or next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    encoding = encoding or _unmarked_utf16(content)
    try:
        if encoding:
            return content.decode(encoding), encoding
        # A fold may lie within a character of several bytes, so that lines are joined before they are decoded.
        lines = _FOLDED.sub(b"", content).split(b"\n")
        decoded = [_decode_line(line) for line in lines]
    except (UnicodeDecodeError, LookupError) as error:
        raise FileError.said(
            N_("%(file)s: is not %(encoding)s (%(error)s); name its encoding%(cli)s"),
            file=shown,
            encoding=encoding,
            error=error,
            cli=" with --encoding",
        ) from error
    other = sorted({name for _, name in decoded if name != "utf-8"})
    return "\n".join(text for text, _ in decoded), ", ".join(other) or "utf-8"


def _unmarked_utf16(content: bytes) -> str | None:
    start = content[:200]
    return "utf-16-le" if start[1:2] == b"\0" else "utf-16-be" if start[:1] == b"\0" else None


def _decode_line(line: bytes) -> tuple[str, str]:
    try:
        return line.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        charset = _CHARSET.match(line)
        name = charset[1].decode() if charset else FALLBACK_ENCODING
        try:
            return line.decode(name), name.lower()
        except (UnicodeDecodeError, LookupError):
            return line.decode(FALLBACK_ENCODING, "replace"), FALLBACK_ENCODING


def _read_table(text: str, encoding: str, source: VcardSource) -> Table:
    import polars as pl

    from importer.model.table import Batch, FileFacts, Table
    from importer.reading.table_layout import cell_names, drop_blank_rows
    from importer.reading.vcard import columns_of, parse_vcards

    contacts = list(parse_vcards(text))
    columns = columns_of(contacts)
    if not columns:
        raise FileError.said(
            N_("%(file)s: has no contacts (BEGIN:VCARD … END:VCARD); export the contacts as vCard or CSV"),
            file=source.ref,
        )
    if len(contacts) * len(columns) > MOST_CELLS:
        raise FileError.said(
            N_("%(file)s: a contact has %(count)s values; take away its surplus phone numbers"),
            file=source.ref,
            count=f"{len(columns):,}",
        )
    cells = {
        name: pl.Series([contact.get(column) for contact in contacts], dtype=pl.String)
        for name, column in zip(cell_names(len(columns)), columns, strict=True)
    }
    frame = pl.DataFrame(cells).with_row_index("row", offset=2).with_columns(pl.col("row").cast(pl.UInt32))
    note = f"the file is not UTF-8 throughout; it was read as {encoding}"
    notes = () if encoding.startswith("utf") else (f"{note}, and --encoding NAME says otherwise",)
    facts = FileFacts(source.ref.uri, source.digest(), encoding=encoding, notes=notes)
    return Table(facts, tuple(columns), 1, lambda: iter([Batch(drop_blank_rows(frame))]))
