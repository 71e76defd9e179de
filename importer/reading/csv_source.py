"""CSV files as a source."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from importer.errors import FileError
from importer.model.catalogue import N_
from importer.model.source_ref import SourceRef
from importer.reading.file_types import TEXT_SUFFIXES, ZIP, reject_workbook, suffix_of
from importer.reading.local_file import LocalFile
from importer.reading.prefetch import Prefetch
from importer.reading.read_options import ReadOptions

if TYPE_CHECKING:
    from importer.model.table import Table

SMALLEST_PREFETCH_BYTES, LARGEST_PREFETCH_BYTES = 1 << 20, 1 << 29
# A smaller file costs more for the thread than it saves. With a larger one, a command that fails at once ends late,
# because it waits for the thread.
BEGINNING_BYTES = 64


class CsvSource(LocalFile):
    """A text file with delimiters, packed with gzip or not."""

    suffixes: ClassVar[tuple[str, ...]] = TEXT_SUFFIXES

    def __init__(self, ref: SourceRef) -> None:
        super().__init__(ref)
        self._prefetch: Prefetch[Table] = Prefetch()

    @classmethod
    def accepts(cls, ref: SourceRef) -> bool:
        return suffix_of(ref.name) in cls.suffixes

    def sheet_names(self) -> tuple[str, ...]:
        return ()

    def beginning(self) -> bytes:
        path = self.ref.path
        if not self.is_file():
            return b""
        try:
            with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
                return file.read(BEGINNING_BYTES)
        except (OSError, EOFError, zlib.error):  # open() reports what is wrong with the file
            return b""

    def prefetch(self, options: ReadOptions) -> None:
        if SMALLEST_PREFETCH_BYTES <= self.size() <= LARGEST_PREFETCH_BYTES:
            self._prefetch.start(options, partial(self._read_ahead, options))

    def discard_prefetch(self) -> None:
        self._prefetch.discard()

    def open(self, options: ReadOptions) -> Table:
        start = self.read_start()
        if start.startswith(ZIP) and (packed := self._open_zip(options)) is not None:
            return packed
        reject_workbook(self.ref.uri, start)
        table = self._prefetch.take(options)
        if table is not None:
            return table
        from importer.reading.csv_reader import open_csv
        from importer.reading.text_file import open_text

        return open_csv(open_text(self.ref.path, options, self.ref.uri), self.ref.uri)

    def _open_zip(self, options: ReadOptions) -> Table | None:
        """Return the table of a zip file with the name of a text file; None for a workbook. Raises FileError."""
        from importer.reading.csv_reader import open_csv
        from importer.reading.text_file import open_text
        from importer.reading.zip_archive import could_be_workbook, unpack_table

        if could_be_workbook(self.ref.path):
            return None
        unpacked = unpack_table(self.ref.path, self.ref.uri)
        if suffix_of(unpacked.copy.path.name) not in self.suffixes:
            raise FileError.said(
                N_("%(file)s: is a zip file with %(table)s; rename it to .zip"),
                file=self.ref,
                table=repr(unpacked.name),
            )
        table = open_csv(open_text(unpacked.copy.path, options, self.ref.uri, held=(unpacked.copy,)), self.ref.uri)
        note = f"{unpacked.name!r} was read from the zip file"
        return replace(table, facts=replace(table.facts, sha256=self.digest(), notes=(note, *table.facts.notes)))

    def _read_ahead(self, options: ReadOptions) -> Table:
        # Decoding needs no module that is still being imported; polars comes after it.
        from importer.reading.text_file import open_text

        text = open_text(self.ref.path, options, self.ref.uri)
        from importer.reading.csv_reader import open_csv
        from importer.reading.prefetch import with_first_batch

        return with_first_batch(open_csv(text, self.ref.uri))
