"""Zip files as a source: the one table that a zip file holds."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.model.source_ref import SourceRef
from importer.reading.csv_source import CsvSource
from importer.reading.file_types import ARCHIVE_SUFFIXES, ZIP, suffix_of
from importer.reading.local_file import LocalFile
from importer.reading.read_options import ReadOptions
from importer.reading.vcard_source import VcardSource
from importer.reading.workbook_source import WorkbookSource

if TYPE_CHECKING:
    from importer.model.table import Batch, Table
    from importer.reading.transcode import TempCopy
    from importer.reading.zip_archive import UnpackedTable

TableSource = CsvSource | WorkbookSource | VcardSource
TABLE_SOURCES: tuple[type[TableSource], ...] = (CsvSource, WorkbookSource, VcardSource)


class ZipSource(LocalFile):
    """A zip file that holds one table of any kind."""

    suffixes: ClassVar[tuple[str, ...]] = ARCHIVE_SUFFIXES

    def __init__(self, ref: SourceRef) -> None:
        super().__init__(ref)
        self._unpacked: UnpackedTable | None = None

    @classmethod
    def accepts(cls, ref: SourceRef) -> bool:
        return suffix_of(ref.name) in cls.suffixes

    def beginning(self) -> bytes:
        with contextlib.suppress(FileError), self._table_source() as source:
            return source.beginning()
        return b""

    def sheet_names(self) -> tuple[str, ...]:
        with contextlib.suppress(FileError), self._table_source() as source:
            return source.sheet_names()
        return ()

    def prefetch(self, options: ReadOptions) -> None:
        """Do nothing: a packed file is unpacked first."""

    def discard_prefetch(self) -> None:
        """Do nothing, as nothing was prefetched."""

    def open(self, options: ReadOptions) -> Table:
        with self._table_source() as source:
            table = source.open(options)
        unpacked, self._unpacked = self._unpack(), None
        note = f"{unpacked.name!r} was read from the zip file"
        facts = replace(table.facts, path=self.ref.uri, sha256=self.digest(), notes=(note, *table.facts.notes))
        return replace(table, facts=facts, batches=lambda: _read_batches(table, unpacked.copy))

    @contextlib.contextmanager
    def _table_source(self) -> Iterator[TableSource]:
        """Yield the source of the table, and name the zip file in its errors. Raises FileError."""
        unpacked = self._unpack()
        ref = SourceRef.of(unpacked.copy.path)
        try:
            yield next(kind for kind in TABLE_SOURCES if kind.accepts(ref))(ref)
        except FileError as error:
            raise FileError(str(error).replace(ref.uri, f"{self.ref}: {unpacked.name}")) from error

    def _unpack(self) -> UnpackedTable:
        from importer.reading.zip_archive import unpack_table

        if self._unpacked is None:
            if not self.read_start().startswith(ZIP):
                raise FileError.said(
                    N_("%(file)s: is no zip file although its name says so; give the file itself"), file=self.ref
                )
            self._unpacked = unpack_table(self.ref.path, self.ref.uri)
        return self._unpacked


def _read_batches(table: Table, copy: TempCopy) -> Iterator[Batch]:
    """Yield the batches of a table. ``copy`` is what they are read from, and is kept until then."""
    del copy
    yield from table.batches()
