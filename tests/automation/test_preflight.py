"""doctor: what a run would need is looked at one by one, and nothing is created."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importer import Settings, run_import


def examined(*options: str, **environment: str) -> tuple[int, dict[str, tuple[str, str]]]:
    done = subprocess.run(
        [sys.executable, "-m", "importer", "doctor", *options, "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    found = json.loads(done.stdout)
    return done.returncode, {entry["name"]: (entry["health"], entry["words"]) for entry in found}


@pytest.fixture
def used(tmp_path: Path, sandbox: str) -> Path:
    """A state folder with a run in it."""
    (tmp_path / "people.csv").write_text("Email\nana@example.com\n")
    where: dict[str, Any] = {"base_url": f"{sandbox}/iclosed", "api_key": "iclosed-k"}
    run_import(tmp_path / "people.csv", Settings("iclosed", output=tmp_path / "out", **where))
    return tmp_path / "state"


def test_all_is_well_and_nothing_was_created(
    used: Path, sandbox: str, contacts: Callable[[str], list[dict[str, Any]]]
) -> None:
    code, found = examined("--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed", ICLOSED_API_KEY="iclosed-k")

    assert code == 0
    assert {health for health, _ in found.values()} == {"good"}
    assert found["key"][1] == "there, from environment ICLOSED_API_KEY"
    assert found["journal"][1].startswith("1 runs in")
    assert len(contacts("iclosed")) == 1


def test_a_host_that_is_not_there_is_bad(used: Path) -> None:
    code, found = examined("--vendor", "iclosed", "--base-url", "http://127.0.0.1:9", ICLOSED_API_KEY="other")

    assert code == 2
    assert found["host"][0] == "bad"
    assert found["key"][0] == "doubtful"
    assert "begins with none of" in found["key"][1]


def test_a_missing_key_is_bad_and_the_rest_is_looked_at(used: Path, sandbox: str) -> None:
    code, found = examined("--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed")

    assert code == 2
    assert "no API key" in found["settings"][1]
    assert found["journal"][0] == "good"


def test_a_damaged_journal_is_bad(used: Path, sandbox: str) -> None:
    for name in ("journal.sqlite3-wal", "journal.sqlite3-shm"):
        (used / name).unlink(missing_ok=True)
    path = used / "journal.sqlite3"
    data = bytearray(path.read_bytes())
    data[4096 * 2 :] = b"\x55" * (len(data) - 4096 * 2)
    path.write_bytes(data)

    code, found = examined("--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed", ICLOSED_API_KEY="iclosed-k")

    assert code == 2
    assert found["journal"][0] == "bad"


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_state_folder_that_others_can_look_into_is_doubtful(used: Path, sandbox: str) -> None:
    used.chmod(0o755)

    code, found = examined("--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed", ICLOSED_API_KEY="iclosed-k")

    assert code == 0
    assert "chmod 700" in "".join(words for _, words in found.values())
