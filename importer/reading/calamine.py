"""The only place that calls calamine (through fastexcel), whose troubles all become FileErrors here.

Some damage makes calamine panic: that arrives as an exception that is no ``Exception``, after a report of its own on
standard error, which nobody should have to read.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import fastexcel

from importer.errors import FileError
from importer.reading import prefetch as ahead
from importer.reading.workbook_safety import reject_unsafe_workbook

if TYPE_CHECKING:
    import polars as pl

for _name in ("fastexcel", "calamine"):
    logging.getLogger(_name).setLevel(logging.ERROR)  # they warn of what is no news to a person
STDERR = 2
ERRORS = {"DIV0": "#DIV/0!", "NAME": "#NAME?"}
"""Errors whose texts are not their names."""
AHEAD_BYTES = 1 << 23
"""Larger workbooks are not read ahead: nobody should have to wait for one whose import cannot begin."""
_standard_error = Lock()


def read_ahead(path: Path) -> None:
    """Begin to read a workbook of one sheet, while the modules that it takes to import it are loaded."""
    with contextlib.suppress(OSError):
        if path.suffix.lower() in (".xlsx", ".xlsm") and path.stat().st_size <= AHEAD_BYTES:
            ahead.begin(path, partial(_opened, path))


def forget(path: Path) -> None:
    """Wait for what nobody asked for: only then is standard error free again."""
    begun = ahead.begun(path)
    if begun is not None and begun.exception() is None:
        begun.result().wait()


def _opened(path: Path) -> Book:
    with path.open("rb") as file:
        reject_unsafe_workbook(path, file.read(8))
    book = Book(path)
    if len(book.names) == 1:
        book.load_ahead(book.names[0])
    return book


def open_book(path: Path, start: bytes) -> Book:
    """A workbook, whose file begins with these bytes; what was read ahead of it is not read again. Raises FileError."""
    begun = ahead.begun(path)
    if begun is not None:
        book: Book = begun.result()
        return book
    reject_unsafe_workbook(path, start)
    return Book(path)


class Book:
    """An open workbook."""

    def __init__(self, path: Path) -> None:
        """Raises FileError when it is none."""
        self._path = path
        self._loading: dict[str, Future[fastexcel.ExcelSheet]] = {}
        with self._calls("cannot be read as a workbook"):
            self._reader = fastexcel.read_excel(path)
        self.names: list[str] = self._reader.sheet_names

    def with_data(self) -> Iterator[tuple[str, bool]]:
        """The sheets that have data, and whether each is visible; what cannot be read, such as a chart, has none."""
        for name in self.names:
            with contextlib.suppress(FileError), self._calls("cannot be read"):
                sheet = self._reader.load_sheet(name, header_row=None, n_rows=5)
                if sheet.height:
                    yield name, sheet.visible == "visible"

    def load_ahead(self, name: str) -> None:
        """Begin to read a sheet, as far as calamine does that without the interpreter."""
        thread = ThreadPoolExecutor(1)
        self._loading[name] = thread.submit(self._load, name)
        thread.shutdown(wait=False)

    def wait(self) -> None:
        """Wait for what is being read."""
        for loading in self._loading.values():
            loading.exception()

    def _load(self, name: str) -> fastexcel.ExcelSheet:
        with self._calls(f"the sheet {name!r} cannot be read"):
            return self._reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")

    def cells(self, name: str) -> tuple[pl.DataFrame, int, list[tuple[int, int, str]]]:
        """A sheet's cells as text from its first row on, its first column with a value, where errors stand, and which.

        Columns, those of errors too, count from that first one. Raises FileError.
        """
        import polars as pl  # here, and not while a workbook is read ahead

        loading = self._loading.pop(name, None)
        loaded = loading.result() if loading else self._load(name)
        with self._calls(f"the sheet {name!r} cannot be read"):
            if not loaded.height:
                raise FileError(f"{self._path}: the sheet {name!r} is empty")
            first = loaded.available_columns()[0].absolute_index
            batch, errors = loaded.to_arrow_with_errors()
        frame = pl.DataFrame(batch)
        frame.columns = [f"c{index}" for index in range(frame.width)]
        return (
            frame,
            first,
            [(*entry.offset_position, _shown(entry.detail)) for entry in errors.errors] if errors else [],
        )

    @contextlib.contextmanager
    def _calls(self, trouble: str) -> Iterator[None]:
        advice = "open it in a spreadsheet program and save it again"
        try:
            with _panics_unseen():
                yield
        except fastexcel.FastExcelError as error:
            words = str(error).splitlines()[0]
            if "password" in words.lower() or "encrypt" in words.lower():
                raise FileError(f"{self._path}: is protected by a password; save it without one") from error
            raise FileError(f"{self._path}: {trouble} ({words}); {advice}") from error
        except BaseException as error:
            if not _is_panic(error):
                raise
            raise FileError(f"{self._path}: {trouble} (it is damaged); {advice}") from None


def _shown(detail: str) -> str:
    """What a spreadsheet shows for an error: calamine calls ``#DIV/0!`` ``Error(Div0)``."""
    kind = detail.rpartition("Error(")[2].partition(")")[0].upper()
    return ERRORS.get(kind, f"#{kind}!" if kind in ("REF", "VALUE", "NULL", "NUM") else "#N/A")


def _is_panic(error: BaseException) -> bool:
    return type(error).__name__ == "PanicException"


@contextlib.contextmanager
def _panics_unseen() -> Iterator[None]:
    """What is written to standard error meanwhile appears later, and not at all after a panic. One at a time."""
    with _standard_error:
        yield from _aside()


def _aside() -> Iterator[None]:
    try:
        kept = os.dup(STDERR)
    except OSError:  # there is no standard error
        yield
        return
    with tempfile.TemporaryFile() as aside:
        if sys.stderr is not None:
            sys.stderr.flush()
        os.dup2(aside.fileno(), STDERR)
        panicked = False
        try:
            yield
        except BaseException as error:
            panicked = _is_panic(error)
            raise
        finally:
            os.dup2(kept, STDERR)
            os.close(kept)
            if not panicked and aside.tell():
                aside.seek(0)
                os.write(STDERR, aside.read())
