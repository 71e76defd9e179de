"""The output cannot end a run, and what is printed cannot steer a terminal."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importer.cli.output import one_line, visible

Contacts = Callable[[str], list[dict[str, Any]]]
NAMES = ("Zoë", "Łucja", "花子", "A\u001b[31mna", "B\u009bo", "C\u202ey")


def words(tmp_path: Path, sandbox: str, *more: str) -> list[str]:
    path = tmp_path / "people → 花.csv"
    people = "".join(f"{name},p{number}@example.com\n" for number, name in enumerate(NAMES))
    path.write_text(f"First Name,Email\n{people}", encoding="utf-8")
    found = [sys.executable, "-m", "importer", "run", str(path), "--vendor", "iclosed", "--base-url"]
    return [*found, f"{sandbox}/iclosed", "--output", str(tmp_path / "out"), *more]


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "ICLOSED_API_KEY": "iclosed-k", **more}


def assert_reported(tmp_path: Path, contacts: Contacts, code: int) -> None:
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["exit_code"] == code
    assert summary["counts"]["created"] == len(contacts("iclosed"))
    assert (tmp_path / "out" / "report.html").exists()


@pytest.mark.parametrize(
    ("encoding", "more"), [("cp1252", ()), ("ascii", ()), ("cp437:strict", ()), ("cp1252", ("--json",))]
)
def test_a_console_that_cannot_show_a_character_changes_nothing(
    tmp_path: Path, sandbox: str, contacts: Contacts, encoding: str, more: tuple[str, ...]
) -> None:
    ended = subprocess.run(
        words(tmp_path, sandbox, *more),
        env=environment(PYTHONIOENCODING=encoding, PYTHONUTF8="0"),
        capture_output=True,
        check=False,
    )

    assert b"Traceback" not in ended.stderr
    assert_reported(tmp_path, contacts, ended.returncode)
    if more:
        name = json.loads(ended.stdout.decode(encoding))["input"]["path"]
        assert "→ 花" in name


@pytest.mark.parametrize(
    "redirection",
    [
        ">/dev/full 2>/dev/full",
        ">&- 2>&-",
        "<&- >&- 2>&-",
        "2>&-",
        "2>&1 | head -n 1",
        "--json >/dev/full",
        "2>/dev/full",
    ],
)
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the device is of Linux")
def test_an_output_that_takes_nothing_changes_neither_the_run_nor_its_exit_code(
    tmp_path: Path, sandbox: str, contacts: Contacts, redirection: str
) -> None:
    command = words(tmp_path, sandbox, "--verbose", "--rate", "10/s")
    script = f'"$@" {redirection}' if "|" not in redirection else f'("$@"; echo $? >"$CODE") {redirection}'
    code = tmp_path / "code"

    ended = subprocess.run(
        ["sh", "-c", script, "sh", *command], env=environment(CODE=str(code)), check=False, capture_output=True
    )

    assert_reported(tmp_path, contacts, int(code.read_text()) if code.exists() else ended.returncode)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signal")
def test_a_lost_connection_stops_the_run_in_order_even_if_it_is_reported_twice(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    command = words(tmp_path, sandbox, "--verbose", "--rate", "4/s")
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    next(line for line in process.stderr if line.startswith("row "))
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGHUP)
    process.stderr.close()

    assert process.wait(30) == 130
    assert_reported(tmp_path, contacts, 130)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signal")
def test_a_run_under_nohup_does_not_end_with_the_connection(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    command = ["nohup", *words(tmp_path, sandbox, "--verbose", "--rate", "4/s")]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    next(line for line in process.stderr if line.startswith("row "))
    process.send_signal(signal.SIGHUP)
    process.communicate()

    assert process.wait(30) in (0, 3)
    assert_reported(tmp_path, contacts, process.returncode)


def test_no_control_character_of_a_file_reaches_the_terminal(tmp_path: Path, sandbox: str) -> None:
    path = tmp_path / "x\u001b]0;owned\u0007\u202e.csv"
    path.write_text("First Name,Email,\u009b2J\nAna,a\u001b[2J@,1\nBo,b\u202ey@,\n", encoding="utf-8")
    command = [sys.executable, "-m", "importer", "check", str(path), "--vendor", "iclosed", "--verbose"]
    for more in ((), ("--json",), ("--log-format", "json")):
        ended = subprocess.run(
            [*command, *more, "--output", str(tmp_path / "out")], env=environment(), capture_output=True, check=False
        )

        said = (ended.stdout + ended.stderr).decode()
        assert not set(said) & set("\u001b\u0007\u009b\u202e"), more
        if more == ("--json",):
            assert json.loads(ended.stdout)["input"]["path"].endswith(path.name)


def test_a_line_cannot_be_forged_and_what_is_harmless_stays() -> None:
    assert one_line("a\nnote: paid\t") == r"a\nnote: paid\t"
    assert visible("Zoë 花子 🙂\na\tb") == "Zoë 花子 🙂\na\tb"
    assert visible("\x1b[2J\x9b\u2066\ud800") == r"\u001b[2J\u009b\u2066\ud800"
