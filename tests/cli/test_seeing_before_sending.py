"""On a terminal the mapping is shown first, and the question before sending says what stays behind and why."""

from __future__ import annotations

import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from importer.cli.mapping_table import describe_unused, draw_mapping
from importer.model.mapping_view import MappedColumn, MappingView, MatchedBy
from importer.runs.history import list_runs

PROMPT = re.compile(r"\[y/N\]|(?:\[[\w ]+\]|Answer, or stop)(?=: )")
"""The question before sending, and those about the file, of which Enter takes the proposal."""
CTRL_C = "Ctrl-C"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def on_a_terminal(folder: Path, *words: str, answer: str = "n", columns: int = 80) -> tuple[str, int]:
    """Run the command on a pseudo-terminal, answer its question, and return what it showed and its exit code."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "COLUMNS": str(columns)}
    environment |= {"ICLOSED_API_KEY": "iclosed-k", "CLEMTA_API_KEY": "k", "TERM": "xterm"}
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "importer", *words]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown, answered, end = "", 0, time.monotonic() + 60
    while time.monotonic() < end:
        if not select.select([ours], [], [], 1)[0]:
            continue
        try:
            part = os.read(ours, 65536).decode(errors="replace")
        except OSError:
            break
        if not part:
            break
        shown += part
        if prompts := PROMPT.findall(shown[answered:]):
            answered = len(shown)
            if answer == CTRL_C:
                process.send_signal(signal.SIGINT)
                continue
            os.write(ours, f"{answer if prompts[-1] == '[y/N]' else ''}\n".encode())
    os.close(ours)
    if time.monotonic() >= end:
        process.kill()
        pytest.fail(f"it waits, after {shown[-500:]}")
    return ESCAPES.sub("", shown).replace("\r\n", "\n"), process.wait(timeout=10)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    rows = [f"Ana{n},a{n}@example.com,+1 (202) 555-01{n:02},qualified,Joe" for n in range(20)]
    rows[3] = rows[3].replace("qualified", "Hot lead")
    rows[4] = rows[4].replace("qualified", "Hot lead")
    rows[5] = rows[5].replace("@example.com", "@")
    rows.append(rows[0])
    path = tmp_path / "people.csv"
    path.write_text("First Name,E-mail,Phone,Status,Owner\n" + "\n".join(rows) + "\nTotal,,,,\n")
    return path


def test_the_question_says_how_many_rows_stay_behind_and_why_and_no_leaves_nothing(
    people: Path, sandbox: str, tmp_path: Path
) -> None:
    words = ("run", people.name, "--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed", "--output", "out")

    shown, code = on_a_terminal(tmp_path, *words)

    assert code == 130
    assert "5 of 22 rows stay behind:" in shown
    held = shown.partition("stay behind:")[2].partition("Send ")[0].splitlines()
    assert [line.strip() for line in held if line.strip()] == [
        "2 × invalid: Status: Not one of the allowed values",
        "1 × duplicate: the same as an earlier row, not sent",
        "1 × invalid: E-mail: Not in the form the vendor takes",
        "1 × skipped: Totals",
    ]
    assert f"Send 17 contacts to iClosed contacts at {sandbox}/iclosed? [y/N]" in shown
    assert "Nothing was sent." in shown
    assert "Interrupted" not in shown
    assert list_runs(tmp_path / "state") == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("rows", ["+12025550101", "2025550101"])
def test_ctrl_c_leaves_before_sending_and_at_a_question(sandbox: str, tmp_path: Path, rows: str) -> None:
    (tmp_path / "one.csv").write_text(f"First Name,Phone\nAna,{rows}\nBo,{rows[:-1]}2\n")
    words = ("run", "one.csv", "--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed", "--output", "out")

    shown, code = on_a_terminal(tmp_path, *words, answer=CTRL_C)

    assert code == 130
    assert "Interrupted." in shown
    assert list_runs(tmp_path / "state") == []


def test_rows_that_the_journal_knows_stay_behind_too(people: Path, sandbox: str, tmp_path: Path) -> None:
    words = ("run", people.name, "--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed", "--output", "out")
    on_a_terminal(tmp_path, *words, answer="y")
    people.write_text(people.read_text() + "Bo,bo@example.com,,,Joe\nAnna,a1@example.com,,,Joe\n")

    shown, _ = on_a_terminal(tmp_path, *words)

    assert "17 × already done: confirmed in an earlier run, not sent again" in shown
    assert "1 × changed: sent before with other values, not sent again" in shown
    assert "Send 1 contact to" in shown


def test_look_ups_are_counted_before_the_question(tmp_path: Path, sandbox: str) -> None:
    rows = "".join(f"customer,N,n{number}@example.com\n" for number in range(150))
    (tmp_path / "people.csv").write_text(f"Type,Full name,Email\n{rows}")
    words = ("run", "people.csv", "--vendor", "clemta", "--base-url", f"{sandbox}/clemta", "--set", "company_id=c1")

    shown, code = on_a_terminal(tmp_path, *words, "--match", "skip-existing", "--output", "out")

    assert code == 130
    before = " ".join(shown.partition("Send 150 contacts")[0].split())
    assert "150 look-ups and at most 150 contacts to send: about 3 minutes at this pace" in before


def test_the_mapping_is_shown_first_and_fits_the_terminal(people: Path, tmp_path: Path) -> None:
    words = ("check", people.name, "--vendor", "iclosed", "--map", "Owner=tag", "--set", "eventName=Fair")

    for columns in (80, 120):
        shown, _ = on_a_terminal(tmp_path, *words, columns=columns)

        table = shown[shown.index("Column") : shown.index("All of the 5 columns are imported.")]
        assert max(len(line) for line in table.splitlines()) <= columns
        assert re.search(r"First Name +Ana0, Ana1, Ana2 +firstName +own name", table)
        assert "+1 (202) 555-0100 → +12025550100" in table
        assert re.search(r"Owner +Joe +tag +--map", table)
        assert re.search(r"every row +Fair +eventName +--set", table)
        assert shown.index("All of the 5 columns") < shown.index("22 rows")


@pytest.mark.parametrize("quiet", ["--quiet", "--json"])
def test_quiet_and_json_show_no_table(people: Path, tmp_path: Path, quiet: str) -> None:
    shown, _ = on_a_terminal(tmp_path, "check", people.name, "--vendor", "iclosed", quiet)

    assert "Matched by" not in shown


def test_what_is_not_imported_is_counted_and_named() -> None:
    names = tuple(f"Question {number}" for number in range(48))

    assert describe_unused(MappingView((), names[:2], 5)) == (
        "3 of 5 columns are imported, 2 are not: Question 0, Question 1"
    )
    assert describe_unused(MappingView((), names, 50)).endswith("Question 18, Question 19 and 28 more")
    assert describe_unused(MappingView((), ("x",), 2)) == "1 of 2 columns is imported, 1 is not: x"


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_text_of_the_file_steers_the_terminal_or_breaks_the_table(width: int) -> None:
    column = MappedColumn(
        "[bold]A\x1b[2J\u202e", ("x" * 500, "a\nb", "名" * 60), "f" * 60, MatchedBy.VALUES, ("\x07", "")
    )
    target = io.StringIO()
    console = Console(file=target, width=width, color_system=None)

    console.print(*draw_mapping(MappingView((column,), ("u\x1b[31m",), 2)), sep="\n")

    assert not re.search("[\x07\x1b\u202e]", target.getvalue())
    assert "[bold]A" in target.getvalue().replace("\n", "") or width == 40
    assert max(map(len, target.getvalue().splitlines())) <= width
