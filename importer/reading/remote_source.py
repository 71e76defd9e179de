"""Remote files as a source: downloaded once to a temporary file, and read as the kind of file that they are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from importer.errors import FileError
from importer.files import sha256_of
from importer.model.source_ref import SourceRef, is_remote
from importer.reading.csv_source import CsvSource
from importer.reading.file_types import ARCHIVE_SUFFIXES, OLE, TABLE_SUFFIXES, ZIP, suffix_of
from importer.reading.read_options import ReadOptions
from importer.reading.vcard_source import VcardSource
from importer.reading.workbook_source import WorkbookSource
from importer.reading.zip_source import ZipSource

if TYPE_CHECKING:
    from importer.model.table import Batch, Table
    from importer.reading.transcode import TempCopy

FileSource = CsvSource | WorkbookSource | VcardSource | ZipSource
FILE_SOURCES: tuple[type[FileSource], ...] = (CsvSource, WorkbookSource, VcardSource, ZipSource)
START_BYTES = 8


class RemoteSource:
    """A file in a bucket, on an SFTP server or on the web."""

    suffixes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, ref: SourceRef) -> None:
        self.ref = ref
        self._downloaded: TempCopy | None = None

    @classmethod
    def accepts(cls, ref: SourceRef) -> bool:
        return is_remote(ref.uri)

    def digest(self) -> str:
        return sha256_of(self._download().path)

    def beginning(self) -> bytes:
        with self._file_source() as source:
            return source.beginning()

    def sheet_names(self) -> tuple[str, ...]:
        with self._file_source() as source:
            return source.sheet_names()

    def prefetch(self, options: ReadOptions) -> None:
        """Do nothing: a command that fails at once would have to wait for the download."""

    def discard_prefetch(self) -> None:
        """Do nothing, as nothing was prefetched."""

    def open(self, options: ReadOptions) -> Table:
        with self._file_source() as source:
            table = source.open(options)
            copy = self._download()
        facts = replace(table.facts, path=self.ref.uri, sha256=self.digest())
        return replace(table, facts=facts, batches=lambda: _read_batches(table, copy))

    @contextlib.contextmanager
    def _file_source(self) -> Iterator[FileSource]:
        """Yield the source of the downloaded file, and name the address in its errors. Raises FileError."""
        copy = self._download()
        ref = SourceRef.of(copy.path)
        try:
            yield next(kind for kind in FILE_SOURCES if kind.accepts(ref))(ref)
        except FileError as error:
            raise FileError(str(error).replace(ref.uri, self.ref.uri)) from error

    def _download(self) -> TempCopy:
        if self._downloaded is None:
            from importer.reading.remote import open_remote, parse_address
            from importer.reading.transcode import TempCopy

            address = parse_address(self.ref.location or self.ref.uri)
            copy = TempCopy(".part")
            with copy.file:
                try:
                    suffix = open_remote(address).download(address.path, copy.file)
                except OSError as error:
                    raise FileError(f"{self.ref}: cannot be saved on this machine ({error.strerror})") from error
            known = suffix_of(address.path)
            self._downloaded = copy.renamed(known if known in KNOWN_SUFFIXES else suffix or _guess_suffix(copy))
        return self._downloaded


KNOWN_SUFFIXES = TABLE_SUFFIXES + ARCHIVE_SUFFIXES


def _guess_suffix(copy: TempCopy) -> str:
    """Return the suffix of a file that has none and of which the server says nothing."""
    with copy.path.open("rb") as file:
        start = file.read(START_BYTES)
    return ".xlsx" if start.startswith(ZIP) else ".xls" if start.startswith(OLE) else ".csv"


def _read_batches(table: Table, copy: TempCopy) -> Iterator[Batch]:
    """Yield the batches of a table. ``copy`` is what they are read from, and is kept until then."""
    del copy
    yield from table.batches()
