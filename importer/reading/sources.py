"""Sources: everything that contacts can be read from. A new one is a module like ``csv_source`` and a line here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Protocol

from importer.model.source_ref import SourceRef
from importer.model.table import Table
from importer.reading.csv_source import CsvSource
from importer.reading.read_options import ReadOptions
from importer.reading.remote_source import RemoteSource
from importer.reading.standard_input import StandardInput
from importer.reading.vcard_source import VcardSource
from importer.reading.workbook_source import WorkbookSource
from importer.reading.zip_source import ZipSource
from importer.settings import Settings


class Source(Protocol):
    """Something that holds one table of contacts. Creating a source opens nothing."""

    suffixes: ClassVar[tuple[str, ...]]
    """Suffixes of the file names that the source reads, in lower case; empty if it reads no files."""
    ref: SourceRef

    def __init__(self, ref: SourceRef) -> None: ...

    @classmethod
    def accepts(cls, ref: SourceRef) -> bool:
        """Return True if this kind of source reads what the reference names, judged by the name alone."""

    def digest(self) -> str:
        """Return the hexadecimal SHA-256 of the source's bytes."""

    def beginning(self) -> bytes:
        """Return the first bytes of the text; empty if the source is no text or cannot be read."""

    def sheet_names(self) -> tuple[str, ...]:
        """Return the names of the sheets; empty if the source has no sheets or cannot be read."""

    def prefetch(self, options: ReadOptions) -> None:
        """Start to read in a thread, if that pays. ``open`` with the same options continues from there."""

    def discard_prefetch(self) -> None:
        """Wait for the thread, and forget what ``open`` did not take."""

    def open(self, options: ReadOptions) -> Table:
        """Open the source as a table of text cells, with nothing inferred. Raises FileError with what to do next."""


SOURCES: tuple[type[Source], ...] = (
    StandardInput,
    RemoteSource,
    CsvSource,
    WorkbookSource,
    VcardSource,
    ZipSource,
)  # fmt: skip

SUFFIXES = tuple(suffix for kind in SOURCES for suffix in kind.suffixes)


def source_for(ref: SourceRef) -> Source:
    """Return the source that a reference names. An unknown suffix is reported by ``open``, as a missing file is."""
    return next((kind for kind in SOURCES if kind.accepts(ref)), CsvSource)(ref)


def as_source(file: Source | Path | str) -> Source:
    """Return the source of a file; a source stays as it is."""
    return source_for(SourceRef.of(file)) if isinstance(file, str | Path) else file


@contextlib.contextmanager
def prefetched_source(file: Path | str, settings: Settings) -> Iterator[Source]:
    """Yield the source of a file while a thread starts to read it."""
    source = as_source(file)
    source.prefetch(ReadOptions.of(settings))
    try:
        yield source
    finally:
        source.discard_prefetch()


def read_table(file: Source | Path | str, settings: Settings) -> Table:
    """Open a file as a table of text cells. Raises FileError."""
    return as_source(file).open(ReadOptions.of(settings))
