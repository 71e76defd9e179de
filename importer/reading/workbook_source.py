"""Workbooks as a source."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from importer.errors import FileError
from importer.model.source_ref import SourceRef
from importer.reading.file_types import WORKBOOK_SUFFIXES, reject_no_workbook, suffix_of
from importer.reading.local_file import LocalFile
from importer.reading.prefetch import Prefetch
from importer.reading.read_options import ReadOptions

if TYPE_CHECKING:
    from importer.model.table import Table
    from importer.reading.workbook_process import WorkbookProcess


class WorkbookSource(LocalFile):
    """A workbook of any kind that calamine reads."""

    suffixes: ClassVar[tuple[str, ...]] = WORKBOOK_SUFFIXES

    def __init__(self, ref: SourceRef) -> None:
        super().__init__(ref)
        self._prefetch: Prefetch[WorkbookProcess] = Prefetch()
        self._workbook: WorkbookProcess | None = None

    @classmethod
    def accepts(cls, ref: SourceRef) -> bool:
        return suffix_of(ref.name) in cls.suffixes

    def beginning(self) -> bytes:
        return b""

    def sheet_names(self) -> tuple[str, ...]:
        with contextlib.suppress(FileError):  # open() reports what is wrong with the file
            self._workbook = self._take_workbook()
            return tuple(self._workbook.names)
        return ()

    def prefetch(self, options: ReadOptions) -> None:
        del options  # a workbook of one sheet is read the same way, whatever they are
        if self.size() > 0:
            self._prefetch.start(None, self._read_ahead)

    def discard_prefetch(self) -> None:
        workbook = self._prefetch.discard()
        if workbook is not None:
            workbook.close()

    def open(self, options: ReadOptions) -> Table:
        from importer.reading.workbook_reader import read_workbook

        workbook = self._take_workbook()
        return read_workbook(workbook, self.ref.path, self.digest, options)

    def _take_workbook(self) -> WorkbookProcess:
        """Return the workbook that is open or being opened, and forget it: its cells take memory. Raises FileError."""
        workbook, self._workbook = self._workbook or self._prefetch.take(None), None
        return workbook or self._open_workbook()

    def _open_workbook(self) -> WorkbookProcess:
        from importer.reading.workbook_process import WorkbookProcess

        reject_no_workbook(self.ref.uri, self.read_start())
        return WorkbookProcess(self.ref.path)

    def _read_ahead(self) -> WorkbookProcess:
        workbook = self._open_workbook()
        if len(workbook.names) == 1:
            workbook.read_ahead(workbook.names[0])
        return workbook
