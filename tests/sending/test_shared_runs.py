"""Runs in processes of their own that share a state folder and a vendor with a limit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running

LIMIT = 40.0


@pytest.fixture
def vendor() -> Iterator[str]:
    """A vendor that lets 40 requests a second through."""
    fault = Fault("429", rate=LIMIT, limiter="bucket", tells=True)
    with running(build_app(latency=0.02, faults=[fault])) as address:
        yield f"{address}/iclosed"


class Runs:
    """Processes of ``run``, each with a file of its own."""

    def __init__(self, folder: Path, address: str) -> None:
        self._folder = folder
        self._address = address
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, rows: int, *options: str) -> subprocess.Popen[bytes]:
        number = len(self.processes)
        file = self._folder / f"file{number}.csv"
        people = (f"Person{row},p{number}.{row}@example.com" for row in range(rows))
        file.write_text("\n".join(["First name,Email", *people]))
        command = [
            sys.executable, "-m", "importer", "run", str(file), "--vendor", "iclosed", "--base-url", self._address,
            "--state-dir", str(self._folder / "state"), "--output", str(self._folder / f"reports{number}"),
            "--yes", "--json", *options,
        ]  # fmt: skip
        self.processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE))
        return self.processes[-1]

    def summaries(self) -> list[dict[str, Any]]:
        """Wait for the runs, and return what each printed."""
        outputs = [process.communicate(timeout=100) for process in self.processes]
        return [json.loads(output) for output, _ in outputs if output]


@pytest.fixture
def runs(tmp_path: Path, vendor: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runs]:
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed_made_up_1234567890")
    started = Runs(tmp_path, vendor)
    yield started
    for process in started.processes:
        process.kill()
        process.communicate()


def refused(summaries: list[dict[str, Any]]) -> float:
    requests = [summary["requests"] for summary in summaries]
    return sum(each["throttled"] for each in requests) / sum(each["sent"] for each in requests)


def test_two_files_at_once_are_fair_and_four_fixed_rates_are_one(runs: Runs) -> None:
    runs.start(240)
    runs.start(240)
    learning = runs.summaries()
    runs.processes.clear()
    for _ in range(4):
        runs.start(100, "--rate", f"{LIMIT:g}/s")
    fixed = runs.summaries()

    seconds = [summary["seconds"]["send"] for summary in learning]
    assert max(seconds) <= 1.15 * min(seconds)
    assert max(seconds) <= 480 / (0.8 * LIMIT)  # the processes compete for the machine, too
    assert refused(learning) <= 0.03  # of few requests, with those that find the limit
    assert refused(fixed) <= 0.01
    assert max(summary["seconds"]["send"] for summary in fixed) >= 1.3 * 100 / LIMIT  # each would take that long alone


def test_a_killed_run_leaves_its_share_to_the_other(runs: Runs) -> None:
    dies = runs.start(900, "--rate", "30/s")
    stays = runs.start(200, "--rate", "30/s")
    assert stays.stderr is not None
    said = []
    while line := stays.stderr.readline():
        said.append(line)
        if b"Together they keep to one rate" in line:  # both are sending now
            break
    assert line, (b"".join(said).decode(), dies.poll())
    dies.kill()
    output, _ = stays.communicate(timeout=60)

    summary = json.loads(output)
    assert summary["counts"]["created"] == 200
    # At half of 30 a second, 200 rows take 13 seconds; the other died at their beginning.
    assert summary["seconds"]["send"] < 11
