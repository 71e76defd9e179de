"""A file → Table: text cells, nothing inferred, and the row numbers that a spreadsheet program shows."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from importer.errors import FileError
from importer.model.table import Table
from importer.reading import prefetch as ahead
from importer.reading.file_types import TEXT_SUFFIXES, WORKBOOK_STARTS, WORKBOOK_SUFFIXES, suffix_of
from importer.settings import Settings

STANDARD_INPUT = "-"
WORTH_IT, TOO_LONG = 1 << 20, 1 << 29
"""Bytes of the texts that are read ahead: of a small one it saves nothing, and for a huge one whose import cannot begin
nobody should have to wait."""


@contextlib.contextmanager
def prefetching(path: Path, settings: Settings) -> Iterator[None]:
    """A file that ``read_table`` is asked for meanwhile is read from the beginning on, as far as that needs nothing."""
    suffix = suffix_of(path)
    with contextlib.ExitStack() as stack:
        if suffix in WORKBOOK_SUFFIXES:
            from importer.reading import calamine

            calamine.read_ahead(path)
            stack.callback(calamine.forget, path)
        elif suffix in TEXT_SUFFIXES and WORTH_IT <= _size(path) <= TOO_LONG:
            from importer.reading.text_file import settings_of

            what = settings_of(path, settings)
            ahead.begin(what, partial(_begun, path, settings))
            stack.callback(ahead.forget, what)
        yield


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it is told where the file is asked for
        return -1


def _begun(path: Path, settings: Settings) -> Table:
    """A CSV file and its first rows; what needs no module that is being loaded comes first."""
    from importer.reading.text_file import open_text

    opened = open_text(path, settings)
    from importer.reading.csv_reader import table_of

    return ahead.with_first(table_of(opened, path))


def read_table(path: Path, settings: Settings) -> Table:
    """Open a CSV file or a workbook. Raises FileError, naming the file and what to do about it."""
    if str(path) == STANDARD_INPUT:
        return _read_standard_input(path, settings)
    suffix = suffix_of(path)
    if not path.exists():
        raise FileError(f"{path}: there is no such file")
    if path.is_dir():
        raise FileError(f"{path}: is a folder; name the file in it")
    if suffix not in TEXT_SUFFIXES + WORKBOOK_SUFFIXES:
        raise FileError(
            f"{path}: a name ending in {suffix or 'nothing'} is neither CSV ({', '.join(TEXT_SUFFIXES)}) "
            f"nor a workbook ({', '.join(WORKBOOK_SUFFIXES)}); save it as one of these"
        )
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise FileError(f"{path}: cannot be opened: {error.strerror}") from error
    if not start:
        raise FileError(f"{path}: is empty")
    if suffix in WORKBOOK_SUFFIXES:
        from importer.reading.workbook_reader import read_workbook

        return read_workbook(path, start, settings)
    if start.startswith(WORKBOOK_STARTS):
        raise FileError(f"{path}: is a workbook although its name says {suffix}; rename it to .xlsx")
    from importer.reading.csv_reader import read_csv

    return read_csv(path, settings)


def _read_standard_input(path: Path, settings: Settings) -> Table:
    """A CSV file from standard input, kept on disk while it is read."""
    from importer.reading.csv_reader import read_csv
    from importer.reading.transcode import TempCopy

    copy = TempCopy()
    shutil.copyfileobj(sys.stdin.buffer, copy.file)
    copy.file.close()
    with copy.path.open("rb") as file:
        start = file.read(8)
    if not start:
        raise FileError("standard input: is empty")
    if start.startswith(WORKBOOK_STARTS):
        raise FileError("standard input: is a workbook; only CSV can be read from there, so name the file")
    return read_csv(path, settings, copy)
