"""pydantic 2 checks the rows of csv.DictReader: FILE FOLDER.

Does: lengths, patterns, the list of statuses, the URL's form, empty rows; a list of all errors as CSV.
Does not: clean values, look for damage, find twins or shared addresses, write the rows or a workbook, keep the rows.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

from tests.benchmarks.contenders.model import check_rows
from tests.benchmarks.contenders.report import write_report


def main() -> None:
    """Validate row by row."""
    file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    begun = time.perf_counter()
    with file.open(encoding="utf-8", newline="") as source:
        wrong = check_rows(csv.DictReader(source), folder / "errors.csv")
    write_report(folder, begun, invalid=wrong)


main()
