"""Standard input as a source: CSV, copied to a temporary file because reading takes several passes."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, ClassVar

from importer.errors import FileError
from importer.files import sha256_of
from importer.model.source_ref import STANDARD_INPUT, SourceRef
from importer.reading.file_types import WORKBOOK_STARTS, reject_empty
from importer.reading.read_options import ReadOptions

if TYPE_CHECKING:
    from importer.model.table import Table
    from importer.reading.transcode import TempCopy

BEGINNING_BYTES = 64


class StandardInput:
    """The text that arrives on standard input."""

    suffixes: ClassVar[tuple[str, ...]] = ()

    def __init__(self, ref: SourceRef) -> None:
        self.ref = ref
        self._copy: TempCopy | None = None

    @classmethod
    def accepts(cls, ref: SourceRef) -> bool:
        return ref.uri == STANDARD_INPUT

    def digest(self) -> str:
        return sha256_of(self._copied().path)

    def sheet_names(self) -> tuple[str, ...]:
        return ()

    def beginning(self) -> bytes:
        with self._copied().path.open("rb") as file:
            return file.read(BEGINNING_BYTES)

    def prefetch(self, options: ReadOptions) -> None:
        """Do nothing: the program that writes the input decides when it arrives."""

    def discard_prefetch(self) -> None:
        """Do nothing, as nothing was prefetched."""

    def open(self, options: ReadOptions) -> Table:
        from importer.reading.csv_reader import open_csv
        from importer.reading.text_file import open_text

        start = self.beginning()
        reject_empty("standard input", start)
        if start.startswith(WORKBOOK_STARTS):
            raise FileError("standard input: is a workbook; only CSV can be read from there, so name the file")
        copy, self._copy = self._copied(), None  # the table removes the copy when it is done
        return open_csv(open_text(copy.path, options, self.ref.uri, held=(copy,)), self.ref.uri)

    def _copied(self) -> TempCopy:
        from importer.reading.transcode import TempCopy

        if self._copy is None:
            self._copy = TempCopy()
            shutil.copyfileobj(sys.stdin.buffer, self._copy.file)
            self._copy.file.close()
        return self._copy
