"""A file's rows as JSON objects, as someone who sends them with a script of their own would read them."""

from __future__ import annotations

import csv
from pathlib import Path

from tests.benchmarks.contenders.rules import FIELDS

HEADERS = {"Authorization": "Bearer iclosed-benchmark"}
PATH = "/v1/contacts"


def bodies_of(file: Path) -> list[dict[str, str]]:
    """One object a row, without its empty cells."""
    with file.open(encoding="utf-8", newline="") as source:
        return [{FIELDS[name]: cell for name, cell in row.items() if cell} for row in csv.DictReader(source)]
