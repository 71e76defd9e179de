"""check --against-vendor: what importing would create and change is shown, and nothing is sent but look-ups."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

HEADER = "Type,Full name,Email,Description\n"
ANA, BO = "customer,Ana,ana@example.com,new\n", "customer,Bo,bo@example.com,old\n"
Contacts = Callable[[str], list[dict[str, Any]]]
Check = Callable[..., dict[str, Any]]


def called(words: list[str]) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "CLEMTA_API_KEY": "k", "CLEARTALK_API_KEY": "k"}
    words = [sys.executable, "-m", "importer", "check", *words]
    return subprocess.run(words, env=environment, capture_output=True, encoding="utf-8", check=False)


@pytest.fixture
def clemta(sandbox: str) -> str:
    """The address of a sandbox whose Clemta has one Ana, one Bo and two Cys."""
    for name in ("Ana", "Bo", "Cy", "Cy"):
        email = f"{name.lower()}@example.com"
        person = {"type": "customer", "full_name": name, "email": email, "company_id": "c1", "description": "old"}
        keys = {"X-API-Key": "k", "Content-Type": "application/json"}
        body = json.dumps(person).encode()
        urllib.request.urlopen(urllib.request.Request(f"{sandbox}/clemta/contacts", body, keys)).close()
    return f"{sandbox}/clemta"


@pytest.fixture
def checked(tmp_path: Path, clemta: str) -> Check:
    def check(rows: str, *options: str, code: int = 0) -> dict[str, Any]:
        (tmp_path / "people.csv").write_text(HEADER + rows, encoding="utf-8")
        words = [str(tmp_path / "people.csv"), "--vendor", "clemta", "--base-url", clemta]
        words += ["--set", "company_id=c1", "--output", str(tmp_path / "out"), "--rate", "1000/s", "--against-vendor"]
        result = called([*words, *options])
        assert result.returncode == code, result.stderr
        summary = json.loads((tmp_path / "out" / "summary.json").read_text())
        return summary | {"text": result.stdout, "page": (tmp_path / "out" / "report.html").read_text()}

    return check


def test_the_table_tells_creates_updates_and_what_is_there(tmp_path: Path, checked: Check, contacts: Contacts) -> None:
    before = contacts("clemta")
    cy, di = "customer,Cy,cy@example.com,new\n", "customer,Di,di@example.com,new\n"

    summary = checked(ANA + BO + cy + di)

    found = summary["comparison"]
    assert found["counts"] == {"create": 1, "update": 1, "exists": 1, "ambiguous": 1, "unknown": 0}
    assert (found["compared"], found["fields"]) == (4, {"description": 1})
    assert (summary["counts"]["valid"], summary["requests"]["sent"], summary["requests"]["looked_up"]) == (4, 4, 4)
    assert contacts("clemta") == before
    assert "description          old → new" in summary["text"]
    assert "contacts of 2 rows already, and run creates them again: --match skip-existing" in summary["text"]
    assert 'data-difference="update"' in summary["page"]
    book = openpyxl.load_workbook(tmp_path / "out" / "changes.xlsx")
    assert list(book["Changes"].values)[1:] == [(2, before[0]["id"], "description", "old", "new")]
    assert [row[1] for row in book["Rows"].values][1:] == ["update", "exists", "ambiguous", "create"]


def test_with_match_a_check_ends_as_the_run_would(checked: Check) -> None:
    summary = checked(ANA + BO + "customer,Cy,cy@example.com,new\n", "--match", "update-existing", code=3)

    counts = {status: count for status, count in summary["counts"].items() if count}
    assert counts == {"valid": 1, "exists": 1, "ambiguous": 1}


def test_a_sample_is_spread_over_the_file(tmp_path: Path, checked: Check) -> None:
    rows = "".join(f"customer,N,n{number}@example.com,x\n" for number in range(20))

    summary = checked(rows, "--sample", "5")

    assert (summary["comparison"]["rows"], summary["comparison"]["compared"]) == (20, 5)
    book = openpyxl.load_workbook(tmp_path / "out" / "changes.xlsx")
    assert [row[0] for row in book["Rows"].values][1:] == [5, 9, 13, 17, 21]


def test_a_vendor_that_does_not_answer_ends_the_check_early(checked: Check) -> None:
    words = ("--base-url", "http://127.0.0.1:9", "--max-tries", "1")

    summary = checked("".join(f"customer,N,n{number}@example.com,x\n" for number in range(40)), *words, code=4)

    assert summary["comparison"]["counts"]["create"] == 0
    assert summary["comparison"]["counts"]["unknown"] >= 5
    assert "could not be looked up" in summary["stopped"]
    assert "The check stopped before every row was looked up." in summary["text"]


def test_a_sample_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text(HEADER)

    result = called([str(tmp_path / "people.csv"), "--vendor", "clemta", "--sample", "5"])

    assert result.returncode == 2
    assert "--against-vendor" in result.stderr


def test_a_vendor_without_a_look_up_says_so(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Email\nana@example.com\n")
    words = [str(tmp_path / "people.csv"), "--vendor", "cleartalk", "--against-vendor"]

    result = called([*words, "--base-url", "http://127.0.0.1:9"])

    assert result.returncode == 2
    assert "documents no way to look contacts up" in result.stderr
