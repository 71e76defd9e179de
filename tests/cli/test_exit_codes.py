"""Every exit code, as a process ends with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from importer.errors import ExitCode
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running

GOOD, BAD = "Email\nana@example.com\n", "Email\nana@example.com\nbo@\n"


ENVIRONMENT = {**os.environ, "ICLOSED_API_KEY": "iclosed-k"}


def command(tmp_path: Path, address: str, text: str, *more: str) -> list[str]:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    words = [sys.executable, "-m", "importer", "run", str(tmp_path / "people.csv"), "--vendor", "iclosed"]
    words += ["--base-url", f"{address}/iclosed", "--output", str(tmp_path / "out")]
    return [*words, "--state-dir", str(tmp_path / "state"), "--quiet", *more]


@pytest.mark.parametrize(
    ("code", "text", "faults", "more"),
    [
        (ExitCode.DONE, GOOD, [], ()),
        (ExitCode.USAGE, GOOD, [], ("--map", "Nothing=email")),
        (ExitCode.NEEDS_REVIEW, BAD, [], ()),
        (ExitCode.STOPPED, GOOD, [Fault("429")], ("--patience", "1")),
        (ExitCode.STOPPED, BAD, [], ("--on-invalid", "abort")),
        (ExitCode.UNCERTAIN, BAD, [Fault("apply-close")], ()),
    ],
)
def test_a_run_ends_with_the_highest_concern(
    tmp_path: Path, code: ExitCode, text: str, faults: list[Fault], more: tuple[str, ...]
) -> None:
    with running(build_app(faults=faults)) as address:
        ended = subprocess.run(
            command(tmp_path, address, text, *more), env=ENVIRONMENT, capture_output=True, check=False, timeout=100
        )

    assert ended.returncode == code


def test_an_interrupted_run_ends_with_130_and_a_mistake_of_the_program_with_1(tmp_path: Path) -> None:
    many = "Email\n" + "".join(f"p{number}@example.com\n" for number in range(400))
    with running(build_app()) as address:
        words = command(tmp_path, address, many, "--rate", "20/s", "--verbose")
        process = subprocess.Popen(words, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)
        assert process.stderr is not None
        next(line for line in process.stderr if line.startswith("row "))  # it is sending
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=100)
        run = json.loads((tmp_path / "out" / "summary.json").read_text())["run"]
        plan = tmp_path / "state" / "runs" / run / "plan.json"
        plan.write_text(json.dumps(json.loads(plan.read_text()) | {"rows": 7}))  # then the counts cannot add up
        resume = [sys.executable, "-m", "importer", "resume", run, "--state-dir", str(tmp_path / "state"), "--quiet"]
        resumed = subprocess.run(resume, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=100)

    assert process.returncode == ExitCode.INTERRUPTED
    assert resumed.returncode == ExitCode.INTERNAL
    assert "internal error: 7 rows were read but 400 are accounted for" in resumed.stderr
