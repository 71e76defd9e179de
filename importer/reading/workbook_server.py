"""The process that reads a workbook. A panic, an abort or a hang of calamine ends it, and not the program.

It answers each line of JSON on standard input with one on standard output. Cells go through a file in Arrow's format,
because a million rows take a tenth of a second that way. It limits its own memory and processor time.
"""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import tempfile
import traceback
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.errors import FileError
from importer.reading.sheet_metadata import DAMAGE_ERRORS
from importer.reading.workbook_safety import reject_unsafe_workbook

if TYPE_CHECKING:
    from importer.reading.calamine import Workbook
    from importer.reading.sheet_metadata import SheetMetadata

START_BYTES = 8
BASE_SECONDS, BYTES_A_SECOND = 10, 1 << 22
"""The processor time for any workbook, and for one second more. The largest lists take a tenth of it."""
BASE_BYTES, BYTES_A_BYTE = 5 << 29, 12
"""The memory for any workbook, and for each byte that it unpacks to. Most of the former is never used."""


def main() -> None:
    """Answer requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the program decides when this process ends
    answers, sys.stdout = sys.stdout, sys.stderr
    import importer.reading.calamine
    import importer.reading.sheet_cells  # noqa: F401 - imported while the program does something else

    server = _WorkbookAnswers()
    for line in sys.stdin:
        answers.write(json.dumps(server.answer(json.loads(line))) + "\n")
        answers.flush()


class _WorkbookAnswers:
    """Reads one workbook."""

    def __init__(self) -> None:
        self._workbook: Workbook | None = None

    def answer(self, request: dict[str, str]) -> dict[str, Any]:
        """Return the answer to a request, or the text of the error."""
        try:
            if "open" in request:
                tempfile.tempdir = request["folder"]
                return self._open(Path(request["open"]))
            if "read" in request:
                return self._read(request["read"], Path(request["to"]))
            return {"sheets": list(self._opened().sheets_with_data())}
        except FileError as error:
            values = {name: str(value) for name, value in error.values.items()}
            return {"error": str(error), "template": error.template, "values": values}
        except MemoryError:
            return {"memory": True}
        except Exception:  # noqa: BLE001 - the program raises it
            return {"bug": traceback.format_exc()}

    def _open(self, path: Path) -> dict[str, Any]:
        _limit_resources(0)
        with path.open("rb") as file:
            start = file.read(START_BYTES)
        reject_unsafe_workbook(path, start)
        _limit_resources(_unpacked_bytes(path))
        from importer.reading.calamine import Workbook

        self._workbook = Workbook(path)
        return {"names": self._workbook.names}

    def _read(self, name: str, target: Path) -> dict[str, Any]:
        from importer.reading.sheet_cells import replace_texts

        workbook = self._opened()
        with ThreadPoolExecutor(1) as thread:
            searching = thread.submit(read_metadata, workbook.content, name)
            cells = workbook.read_cells(name)
            metadata = searching.result()
        metadata.round_long_numbers(cells.frame, cells.first_column)
        texts = [(row, column - cells.first_column, text) for row, column, text in metadata.texts]
        replace_texts(cells.frame, texts).write_ipc(target)
        metadata.texts, metadata.long_numbers = [], []
        found = asdict(metadata) | {"hidden": metadata.hidden.hex()}
        return {"first_column": cells.first_column, "metadata": found, "notes": workbook.notes(name)}

    def _opened(self) -> Workbook:
        if self._workbook is None:
            raise RuntimeError("no workbook is open")
        return self._workbook


def read_metadata(path: Path, sheet: str) -> SheetMetadata:
    """Return the metadata of a sheet, read by the module for its kind of workbook."""
    suffix = path.suffix.lower()
    if suffix in (".xlsx", ".xlsm"):
        from importer.reading.xlsx_metadata import read_xlsx_metadata

        return read_xlsx_metadata(path, sheet)
    if suffix == ".ods":
        from importer.reading.ods_metadata import read_ods_metadata

        return read_ods_metadata(path, sheet)
    if suffix == ".xls":
        from importer.reading.xls_metadata import read_xls_metadata

        return read_xls_metadata(path, sheet)
    from importer.reading.xlsb_metadata import read_xlsb_metadata

    return read_xlsb_metadata(path, sheet)


def _unpacked_bytes(path: Path) -> int:
    with contextlib.suppress(*DAMAGE_ERRORS), zipfile.ZipFile(path) as archive:
        return sum(part.file_size for part in archive.infolist())
    return path.stat().st_size


def _limit_resources(unpacked: int) -> None:
    """Limit memory and processor time of this process by the size of the workbook, where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the program ends the process after a while
        return
    limits = {
        resource.RLIMIT_CPU: BASE_SECONDS + unpacked // BYTES_A_SECOND,
        resource.RLIMIT_AS: BASE_BYTES + unpacked * BYTES_A_BYTE,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in limits.items():
        _, hard = resource.getrlimit(kind)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


if __name__ == "__main__":
    main()
