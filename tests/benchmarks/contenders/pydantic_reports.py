"""pydantic 2 checks the rows of csv.DictReader, and writes what ours writes: FILE FOLDER.

Does: what ``pydantic_check`` does; a result for every row, and the wrong rows as a workbook (openpyxl, as it is written
fastest). Does not: colours and comments in it, a page, clean values, look for damage, twins or shared addresses.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from tests.benchmarks.contenders.model import check_rows
from tests.benchmarks.contenders.report import write_report


def main() -> None:
    """Validate row by row."""
    file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    begun = time.perf_counter()
    with file.open(encoding="utf-8", newline="") as source, (folder / "result.csv").open("w", newline="") as target:
        rows, results = csv.DictReader(source), csv.writer(target)
        names = list(rows.fieldnames or ())
        results.writerow(["row", "status", *names])
        book = Workbook(write_only=True)
        sheet = book.create_sheet("Rows to fix")
        sheet.append(["row", *names])

        def told(number: int, row: Mapping[str, Any], *, wrong: bool) -> None:
            results.writerow([number, "invalid" if wrong else "valid", *row.values()])
            if wrong:
                sheet.append([number, *row.values()])

        wrong = check_rows(rows, folder / "errors.csv", told)
    book.save(folder / "errors.xlsx")
    write_report(folder, begun, invalid=wrong)


main()
