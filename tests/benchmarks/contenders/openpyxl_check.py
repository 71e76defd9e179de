"""pydantic 2 checks the rows that openpyxl reads of a workbook, in its read-only mode: FILE FOLDER.

Does and does not as ``pydantic_check``; nor does it look at number formats, merged cells or hidden rows.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from tests.benchmarks.contenders.model import check_rows
from tests.benchmarks.contenders.report import write_report


def rows_of(file: Path) -> Iterator[dict[str, Any]]:
    """The rows of the first sheet by the names in its first row."""
    sheet = load_workbook(file, read_only=True, data_only=True).worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    names = [str(cell) for cell in next(rows)]
    for row in rows:
        yield dict(zip(names, row, strict=False))


def main() -> None:
    """Validate row by row."""
    file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    begun = time.perf_counter()
    write_report(folder, begun, invalid=check_rows(rows_of(file), folder / "errors.csv"))


main()
