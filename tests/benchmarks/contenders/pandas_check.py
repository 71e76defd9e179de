"""pandas reads a CSV file and pandera checks the frame, lazily: FILE FOLDER.

Does: lengths, patterns, the list of statuses, the beginning of the URL, empty rows; a list of all errors as CSV.
Does not: clean values, look for damage, find twins or shared addresses, write the rows or a workbook; bound its memory.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from tests.benchmarks.contenders.report import write_report
from tests.benchmarks.contenders.rules import FIELDS, LONGEST, PATTERNS, STATUSES


def schema() -> pa.DataFrameSchema:
    """The contract as a pandera schema."""
    columns = {}
    for name in FIELDS:
        checks = [pa.Check.str_length(max_value=LONGEST[name])] if name in LONGEST else []
        checks += [pa.Check.str_matches(PATTERNS[name])] if name in PATTERNS else []
        checks += [pa.Check.isin(STATUSES)] if name == "Status" else []
        checks += [pa.Check.str_matches(r"^[a-z][a-z0-9+.-]*://\S+$")] if name == "Referrer URL" else []
        columns[name] = pa.Column(nullable=True, checks=checks)
    return pa.DataFrameSchema(columns, checks=pa.Check(lambda frame: frame.notna().any(axis="columns")))


def main() -> None:
    """Read, validate and list the errors."""
    file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    begun = time.perf_counter()
    frame = pd.read_csv(file, dtype=str, keep_default_na=False, na_values=[""])
    wrong = pd.DataFrame(columns=["index", "column", "check", "failure_case"])
    try:
        schema().validate(frame, lazy=True)
    except pa.errors.SchemaErrors as errors:
        wrong = errors.failure_cases
    wrong.to_csv(folder / "errors.csv", index=False)
    write_report(folder, begun, invalid=wrong["index"].nunique())


main()
