"""report.html: the same counts as everywhere else, hostile texts shown and not run, drawn by a real browser."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import urllib.request
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from importer import Settings, check_file, run_import
from importer.model.summary import SentRows, Traffic
from importer.reporting.timeline import BOTTOM, LEFT, MAX_COLUMNS, RIGHT, TOP, draw_timeline
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running

HOSTILE = "<script>document.title='run'</script><img src=x onerror=alert(1)>\"'&\u202e"


class Parts(HTMLParser):
    """Every element's name and attributes, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def counts(self, name: str) -> dict[str, int]:
        found: Counter[str] = Counter()
        for _, attributes in self.elements:
            if attributes.get(name):
                found[str(attributes[name])] += int(attributes["data-count"] or 0)
        return dict(found)


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_report_has_the_same_counts_and_the_vendor_agrees(tmp_path: Path) -> None:
    bad = {5: "bo@", 9: "nobody"}
    rows = [f"{bad.get(number, f'user{number % 180}@example.com')},Tag {number % 180}" for number in range(200)]
    (tmp_path / "people.csv").write_text("Email,Tag\n" + "\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "before.csv").write_text(
        "Email,Tag\nuser7@example.com,other\nuser8@example.com,Tag 8\n", encoding="utf-8"
    )
    faults = [Fault("apply-close", 0.01), Fault("500", 0.01), Fault("refuse", 0.03)]
    with running(build_app(faults=faults, seed=5)) as address:
        where: dict[str, Any] = {
            "base_url": f"{address}/iclosed",
            "api_key": "iclosed-k",
            "rate": 500.0,
            "keep_going": True,
        }
        run_import(tmp_path / "before.csv", Settings("iclosed", output=tmp_path / "first", **where))
        summary = run_import(tmp_path / "people.csv", Settings("iclosed", output=tmp_path / "out", **where))
        with urllib.request.urlopen(f"{address}/_contacts/iclosed") as answer:
            there = json.load(answer)

    out = tmp_path / "out"
    counts = {str(status): count for status, count in summary.counts.items() if count}
    assert {"created", "invalid", "duplicate", "changed", "rejected", "uncertain"} <= counts.keys()
    written = json.loads((out / "summary.json").read_text())
    page = Parts((out / "report.html").read_text(encoding="utf-8"))
    assert {name: count for name, count in written["counts"].items() if count} == counts
    assert dict(Counter(row["import_status"] for row in lines(out / "result.csv"))) == counts
    assert page.counts("data-status") == counts
    problems = Counter(line["code"] for line in lines(out / "errors.csv") if line["severity"] == "error")
    assert written["problems"] == dict(problems)
    uncertain = {
        line["code"] for line in lines(out / "errors.csv") if line["source"] == "delivery" and line["code"] != "changed"
    }
    assert page.counts("data-code") == {code: count for code, count in problems.items() if code not in uncertain}
    created = {row["import_id"] for row in lines(out / "result.csv") if row["import_status"] == "created"}
    ids = {str(contact["id"]) for contact in there}
    assert len(created) == counts["created"]
    assert created <= ids
    assert len(created) + 2 <= len(ids) <= len(created) + 2 + counts["uncertain"]


def test_hostile_texts_are_shown_and_nothing_else(tmp_path: Path) -> None:
    cells = f'"{HOSTILE.replace(chr(34), chr(34) * 2)}"'
    (tmp_path / "people.csv").write_text(
        f"Email,{cells},{cells}\nbo@{cells[1:-1].replace(chr(34), '')},{cells},x\n", encoding="utf-8"
    )
    check_file(
        tmp_path / "people.csv", Settings("iclosed", output=tmp_path / "out", columns=((f"{HOSTILE} [B]", "status"),))
    )

    page = Parts((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))

    assert not {"script", "img", "iframe", "link"} & {tag for tag, _ in page.elements}
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert "<script>document.title='run'</script><img src=x onerror=alert(1)>" in page.text
    assert "\u202e" not in page.text


def test_nothing_is_fetched_from_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("Email\nbo@\n", encoding="utf-8")
    check_file(tmp_path / "people.csv", Settings("iclosed", output=tmp_path / "out"))

    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")

    assert not re.findall(r"\b(?:src|href)=|@import|url\(", text)
    assert "default-src 'none'" in text


def test_a_browser_draws_it_without_running_anything(tmp_path: Path) -> None:
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if not browser:
        pytest.skip("there is no Chromium")
    (tmp_path / "people.csv").write_text(f"Email,Status\nbo@,{HOSTILE}\n", encoding="utf-8")
    check_file(tmp_path / "people.csv", Settings("iclosed", output=tmp_path / "out"))

    command = [
        browser,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path}/profile",
        "--dump-dom",
    ]
    drawn = subprocess.run(
        [*command, f"file://{tmp_path}/out/report.html"], check=True, capture_output=True, timeout=100
    )

    page = Parts(drawn.stdout.decode())
    assert "<script>document.title='run'</script>" in page.text
    assert not [attributes for tag, attributes in page.elements if tag in ("script", "img")]


def test_the_drawing_has_all_rows_and_stays_in_its_frame() -> None:
    sent = [
        SentRows(1000 + 7 * second, done=second % 5 + 1, refused=second % 3, uncertain=second % 2)
        for second in range(3000)
    ]
    traffic = [Traffic(1000.0 + 32 * span, 32.0, 50, span % 2, 2.0) for span in range(650)]

    drawn = draw_timeline(sent, traffic)

    assert drawn is not None
    assert 0 < len({bar.x for bar in drawn.bars}) <= MAX_COLUMNS + 1
    assert all(bar.x >= LEFT and bar.x + bar.width <= RIGHT + 1 and TOP <= bar.y <= BOTTOM for bar in drawn.bars)
    scale = (BOTTOM - TOP) / drawn.top / drawn.step
    total = sum(entry.done + entry.refused + entry.uncertain for entry in sent)
    assert sum(bar.height for bar in drawn.bars) / scale == pytest.approx(total)
    assert sum(count for _, count in drawn.throttled) == sum(span.throttled for span in traffic)


def test_a_pause_of_hours_is_a_gap_in_the_line() -> None:
    sent = [SentRows(1000, done=5), SentRows(20_000, done=5)]
    traffic = [Traffic(1000.0, 1.0, 5, 0, 0.02), Traffic(20_000.0, 1.0, 5, 0, 0.02)]

    drawn = draw_timeline(sent, traffic)

    assert drawn is not None
    assert len([points for points in drawn.pace if points]) == 2
