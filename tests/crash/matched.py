"""A vendor with contacts of its own: some of a file's rows are there once, some twice, the others not at all."""

from __future__ import annotations

import contextlib
import csv
import json
import time
import urllib.error
import urllib.request
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Any

from tests.crash.judge import Tally, ask

COMPANY = "c1"
OLD, NEW = "as it was", "as it is to be"
UNTOUCHED = {"ambiguous", "failed", "invalid", "rejected", "not_attempted"}
PRESENT = {"created", "updated", "exists", "already_done"}


def write_matched_file(file: Path, number: int, rows: int) -> None:
    """Write a file of rows that no other file has."""
    lines = [f"customer,{_email(number, row)},Ana,{NEW}\n" for row in range(rows)]
    file.write_text("Type,Email,Full name,Description\n" + "".join(lines))


def add_own_contacts(address: str, number: int, rows: int) -> None:
    """Give the vendor its own contacts, whatever its faults do to the requests."""
    wanted = {(_email(number, row), name) for row in range(rows) for name in ("Ana", "Anna")[: _times_there(row)]}
    while missing := wanted - {(contact["email"], contact["full_name"]) for contact in _contacts(address, number)}:
        with ThreadPoolExecutor(8) as workers:
            list(workers.map(lambda person: _add(address, *person), missing))


def judge_matched(tally: Tally, address: str, output: Path, number: int) -> None:
    """Hold the report against the vendor: no contact more than it should have, and every value as it is reported."""
    time.sleep(0.2)
    there: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for contact in _contacts(address, number):
        there[contact["email"]].append(contact)
    with (output / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        report = list(csv.DictReader(file))
    tally.rows += len(report)
    for row in report:
        status, found = row["import_status"], there.pop(row["Email"], [])
        times = _times_there(int(row["Email"].partition("row")[2].partition("@")[0]))
        tally.statuses[status] += 1
        tally.made += len(found) - times
        tally.duplicates += max(0, len(found) - max(times, 1))
        tally.lost += len(found) < times or (status in PRESENT and not found)
        changed = [contact["id"] for contact in found if contact["description"] == NEW]
        wrong = {
            "created": times or changed != [row["import_id"]],
            "updated": times != 1 or changed != [row["import_id"]],
            "exists": changed != [row["import_id"]],
            "already_done": changed != [row["import_id"]],
            "ambiguous": times != 2,
        }.get(status, False)
        wrong = bool(wrong or (status in UNTOUCHED and (changed or len(found) != times)))
        tally.wrongly_reported += wrong
        if wrong or len(found) > max(times, 1):
            shown = [(contact["id"], contact["description"]) for contact in found]
            tally.complaints.append(f"{row['Email']} is {status} ({row['import_id']}), {times} before, now {shown}")
    tally.duplicates += sum(map(len, there.values()))


def _email(number: int, row: int) -> str:
    return f"file{number}-row{row}@example.com"


def _times_there(row: int) -> int:
    """How often the vendor has the contact of a row: half of them once, every tenth twice."""
    return 2 if row % 10 == 3 else row % 2


def _contacts(address: str, number: int) -> list[dict[str, Any]]:
    return [contact for contact in ask(address, "_contacts/clemta") if contact["email"].startswith(f"file{number}-")]


def _add(address: str, email: str, name: str) -> None:
    person = {"type": "customer", "full_name": name, "email": email, "company_id": COMPANY, "description": OLD}
    keys = {"X-API-Key": "crash", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{address}/clemta/contacts", json.dumps(person).encode(), keys, method="POST")
    with contextlib.suppress(urllib.error.URLError, HTTPException, OSError), urllib.request.urlopen(request):
        pass
