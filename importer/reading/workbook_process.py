"""A workbook that another process reads (``workbook_server``), so that whatever happens to it is a message."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import weakref
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any

from importer.errors import FileError
from importer.model.catalogue import N_

if TYPE_CHECKING:
    from importer.reading.sheet_cells import SheetCells
    from importer.reading.sheet_metadata import SheetMetadata

SERVER = "importer.reading.workbook_server"
BASE_SECONDS, BYTES_A_SECOND = 60, 50_000
"""The time until an answer must come, and packed bytes for one second more. The server's own limits are stricter, but
not every system has them."""


@dataclass(frozen=True, slots=True)
class ReadSheet:
    """The cells of a sheet, its metadata, and notes for the user about what of the sheet was not read."""

    cells: SheetCells
    metadata: SheetMetadata
    notes: tuple[str, ...]


class WorkbookProcess:
    """An open workbook. Its process ends when no object refers to it any more, or with ``close``."""

    def __init__(self, path: Path) -> None:
        """Open a workbook. Raises FileError if it is none."""
        self._path = path
        self._seconds = BASE_SECONDS + path.stat().st_size // BYTES_A_SECOND
        self._process = _take_server()
        # Both processes' copies: one that is killed cannot delete its own.
        self._folder = tempfile.TemporaryDirectory(prefix="contact-importer-", ignore_cleanup_errors=True)
        self._ending = weakref.finalize(self, _end, self._process, self._folder)
        self._loading: dict[str, Future[ReadSheet]] = {}
        self.names: list[str] = self._ask(open=str(path), folder=self._folder.name)["names"]

    def sheets_with_data(self) -> list[tuple[str, bool, int, list[list[str | None]]]]:
        """Return the names of the sheets that have data, True for a visible one, the numbers of rows, the first rows.

        A sheet that cannot be read, such as a chart, counts as one without data.
        """
        return [(name, shown, height, top) for name, shown, height, top in self._ask()["sheets"]]

    def read_ahead(self, name: str) -> None:
        """Start to read a sheet in a thread, which waits for the process."""
        thread = ThreadPoolExecutor(1)
        self._loading[name] = thread.submit(self._read, name)
        thread.shutdown(wait=False)

    def read_sheet(self, name: str) -> ReadSheet:
        """Return a sheet; the process ends with it. Raises FileError."""
        loading = self._loading.pop(name, None)
        read = loading.result() if loading else self._read(name)
        self.close()
        return read

    def close(self) -> None:
        """End the process."""
        self._ending()

    def _read(self, name: str) -> ReadSheet:
        target = Path(self._folder.name, "cells.arrow")
        answer = self._ask(read=name, to=str(target))
        # Not at the top: reading ahead starts before polars is imported.
        import polars as pl

        from importer.reading.sheet_cells import SheetCells
        from importer.reading.sheet_metadata import SheetMetadata

        with target.open("rb") as content:
            frame = pl.read_ipc(content)
        found = answer["metadata"] | {"hidden": bytearray.fromhex(answer["metadata"]["hidden"])}
        metadata = SheetMetadata(**found)
        if metadata.unsearched:  # errors of formulas would be read as blank cells
            raise FileError.said(
                N_(
                    "%(file)s: the sheet %(sheet)s is damaged and cannot be read completely; open it in a "
                    "spreadsheet program and save it again"
                ),
                file=self._path,
                sheet=repr(name),
            )
        return ReadSheet(SheetCells(frame, answer["first_column"]), metadata, tuple(answer["notes"]))

    def _ask(self, **request: str) -> dict[str, Any]:
        """Return the answer of the process. Raises FileError, also if the process dies or does not answer in time."""
        process = self._process
        timer = Timer(self._seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(json.dumps(request).encode() + b"\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            line = process.stdout.readline()  # type: ignore[union-attr]
        except (OSError, ValueError):  # it has ended
            line = b""
        finally:
            timer.cancel()
        answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"memory": True}
        if "error" in answer:
            raise (
                FileError.said(answer["template"], **answer["values"])
                if answer["template"]
                else FileError(answer["error"])
            )
        if "bug" in answer:
            raise RuntimeError(answer["bug"])
        if "memory" in answer:
            raise FileError.said(
                N_(
                    "%(file)s: cannot be read as a workbook: it takes more time or memory than a list of contacts "
                    "of its size; it is damaged, or its cells lie too far apart; open it in a spreadsheet program "
                    "and save it again, or copy the table to a sheet of its own"
                ),
                file=self._path,
            )
        return answer


_spares: list[subprocess.Popen[bytes]] = []
_keeps_spare = False


def keep_spare_server() -> None:
    """Keep a process waiting for the next workbook from now on, because starting one takes 0.15 seconds."""
    global _keeps_spare  # noqa: PLW0603 - processes belong to the whole program
    _keeps_spare = True
    if not _spares:
        _spares.append(_start_server())


def _take_server() -> subprocess.Popen[bytes]:
    try:
        process = _spares.pop()
    except IndexError:
        process = _start_server()
    if _keeps_spare:
        _spares.append(_start_server())
    return process if process.poll() is None else _start_server()


def _start_server() -> subprocess.Popen[bytes]:
    # The modules that this process finds, whatever its start-up files and its folder are.
    path = os.pathsep.join(os.path.abspath(folder) for folder in sys.path)  # noqa: PTH100 - Path takes longer
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-S", "-P", "-m", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # Rust reports panics there
        env={**os.environ, "PYTHONPATH": path},
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _end(process: subprocess.Popen[bytes], folder: tempfile.TemporaryDirectory[str] | None = None) -> None:
    process.kill()
    with contextlib.suppress(OSError), process:  # closes its pipes, one of which may hold a request, and waits for it
        pass
    process.wait()
    if folder is not None:
        folder.cleanup()
