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
    problems = json.loads(summary.read_text())["problems"]
    steps = any(f"second_step_{status}" in problems for status in ("not_attempted", "failed"))
    return bool(counts["not_attempted"] == counts["failed"] == 0 and not steps)


def judge(tally: Tally, address: str, output: Path, prefix: str, rows: int, vendor: str = "iclosed") -> None:
    """Hold the report of one file against what the vendor has of it, second steps (tags) among it."""
    time.sleep(0.2)
    there: dict[str, list[str]] = defaultdict(list)
    tags: dict[str, int] = {}
    for contact in ask(address, f"_contacts/{vendor}"):
        if contact["email"].startswith(prefix):
            there[contact["email"]].append(str(contact["id"]))
            tags[contact["email"]] = len(contact.get("tag", []))
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
        if vendor != "iclosed" and status in CONFIRMED:
            judge_step(tally, row["import_code"], tags.get(row["email"], 0))


def judge_step(tally: Tally, code: str, times: int) -> None:
    """Hold what is reported of a second step against how often the vendor has it."""
    code = code if code.startswith("second_step_") else ""
    tally.statuses[code or "tagged"] += 1
    tally.duplicates += times > 1
    tally.lost += not code and not times
    tally.wrongly_reported += code not in ("", "second_step_uncertain") and times > 0
