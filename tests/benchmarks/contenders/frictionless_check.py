"""frictionless 5 checks a CSV file: FILE FOLDER.

Does: lengths, patterns, the list of statuses, the URL's form, blank rows; a list of all errors as CSV.
Does not: clean values, look for damage, find twins or shared addresses, write the rows or a workbook, keep the rows.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

from frictionless import Resource, Schema

from tests.benchmarks.contenders.report import write_report
from tests.benchmarks.contenders.rules import FIELDS, LONGEST, PATTERNS, STATUSES

TOLD = ["rowNumber", "fieldName", "cell", "type", "note"]


def schema() -> Schema:
    """The contract as a table schema."""
    fields = []
    for name in FIELDS:
        constraints = {}
        if name in LONGEST:
            constraints["maxLength"] = LONGEST[name]
        if name in PATTERNS:
            constraints["pattern"] = PATTERNS[name]
        if name == "Status":
            constraints["enum"] = list(STATUSES)
        form = "uri" if name == "Referrer URL" else "default"
        fields.append({"name": name, "type": "string", "format": form, "constraints": constraints})
    return Schema.from_descriptor({"fields": fields})


def main() -> None:
    """Validate and list the errors."""
    file, folder = Path(sys.argv[1]), Path(sys.argv[2])
    begun = time.perf_counter()
    resource = Resource(path=file.name, basepath=str(file.parent), schema=schema())
    errors = resource.validate(limit_errors=1_000_000_000).flatten(TOLD)
    with (folder / "errors.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(TOLD)
        writer.writerows(errors)
    write_report(folder, begun, invalid=len({error[0] for error in errors}))


main()
