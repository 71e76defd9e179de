"""What the vendor has is held against what the reports say."""

from __future__ import annotations

import csv
import json
import time
import urllib.request
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CONFIRMED = {"created", "already_done"}
NEVER_THERE = {"failed", "invalid", "rejected", "not_attempted"}


@dataclass
class Tally:
    """What the proof counts."""

    kills: int = 0
    rows: int = 0
    made: int = 0
    duplicates: int = 0
    lost: int = 0
    wrongly_reported: int = 0
    left_in_doubt: list[int] = field(default_factory=list)
    attacks: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)


def ask(address: str, what: str) -> Any:
    """Something of the sandbox's own."""
    with urllib.request.urlopen(f"{address}/{what}") as answer:
        return json.load(answer)


def is_over(output: Path) -> bool:
    """Whether every row was attempted."""
    summary = output / "summary.json"  # there is none when the disk was full
    if not summary.exists():
        return False
    counts = json.loads(summary.read_text())["counts"]
    return bool(counts["not_attempted"] == counts["failed"] == 0)


def judge(tally: Tally, address: str, output: Path, prefix: str, rows: int) -> None:
    """Hold the report of one file against what the vendor has of it."""
    time.sleep(0.2)
    there: dict[str, list[str]] = defaultdict(list)
    for contact in ask(address, "_contacts/iclosed"):
        if contact["email"].startswith(prefix):
            there[contact["email"]].append(str(contact["id"]))
    with (output / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        report = list(csv.DictReader(file))
    tally.rows += rows
    tally.made += sum(len(ids) for ids in there.values())
    tally.duplicates += sum(len(ids) - 1 for ids in there.values())
    tally.lost += rows - len({row["email"] for row in report})
    for row in report:
        status, ids = row["import_status"], there.get(row["email"], [])
        tally.statuses[status] += 1
        wrong = (status in CONFIRMED and ids != [row["import_id"]]) or (status in NEVER_THERE and ids)
        tally.wrongly_reported += bool(wrong)
        tally.lost += status in CONFIRMED and not ids
