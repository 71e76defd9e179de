"""Run the commands of a Markdown page, and hold what they print against what the page shows.

A block ``console`` has commands behind ``$`` with their output. A line ``…`` in the output stands for any lines. A
comment above a block says what the reader does by hand:

- ``<!-- file: leads.csv -->``: saves the block under this name,
- ``<!-- edit: errors.xlsx "Stage" "Hot lead" "QUALIFIED" -->``: replaces a text in a column of a workbook,
- ``<!-- not run: … -->``: the block is not run, for the reason that is given.

The vendor's address is that of a sandbox. ``python -m tests.docs.console`` writes what the commands print into the
pages, except where a page leaves lines out.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl

from importer.sandbox.app import build_app
from importer.sandbox.server import running

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
VENDOR = "https://public.api.iclosed.io"
KEY = "iclosed-practice"
_BLOCK = re.compile(r"((?:^<!-- (?:file|edit|not run): [^\n]* -->\n+)*)^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMENT = re.compile(r"^<!-- (file|edit|not run): (.*) -->$", re.MULTILINE)
_RUN = re.compile(r"\b\d{8}-\d{6}-[0-9a-f]{8}\b")
_RUNS_SHOWN = (
    "20261126-101500-3fa2c04e",
    "20261126-101512-8c1d77b0",
    "20261126-102040-51be93a5",
    "20261126-102215-d07a418f",
)
_LOCAL = re.compile(r"http://127\.0\.0\.1:\d+")
_TIME = re.compile(r"\b(\d{4}-\d\d-\d\d)T[\d:.]+Z")
_SECONDS = re.compile(r"\b\d+\.\d+ s\b")


@dataclass(frozen=True, slots=True)
class Step:
    """A command with the output that the page shows."""

    command: str
    shown: str


@dataclass(slots=True)
class Console:
    """A folder in which commands run, with the names that a page uses for what is different each time."""

    folder: Path
    address: str
    environment: dict[str, str] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Put the command of this checkout on the path, and begin without a user's settings."""
        programs = self.folder.parent / "programs"
        programs.mkdir()
        program = programs / "contact-importer"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m importer "$@"\n', encoding="utf-8")
        program.chmod(0o755)
        home = self.folder.parent / "home"
        self.environment = {
            **{name: text for name, text in os.environ.items() if not name.startswith(("ICLOSED_", "CONTACT_"))},
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(home),
            "CONTACT_IMPORTER_STATE_DIR": str(home / "state"),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "100",
            "TZ": "UTC",
        }

    def run(self, command: str) -> str:
        """Run a line as the page's reader would, and return what it prints, in the page's names."""
        exported = re.fullmatch(r"export (\w+)=(.*)", command)
        if exported:
            value = exported[2].replace(VENDOR, f"{self.address}/iclosed")
            self.environment[exported[1]] = KEY if exported[1].endswith("_API_KEY") else value
            return ""
        for real, shown in zip(self.runs, _RUNS_SHOWN, strict=False):
            command = command.replace(shown, real)
        ended = subprocess.run(
            ["bash", "-c", command.replace(VENDOR, f"{self.address}/iclosed")],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )
        refusal = ended.stderr if ended.returncode in (1, 2) else ""
        return self.rename(ended.stdout + refusal)

    def rename(self, text: str) -> str:
        """Return a text with the names that pages use for what is different each time."""
        for run in _RUN.findall(text):
            if run not in self.runs:
                self.runs.append(run)
        for real, shown in zip(self.runs, _RUNS_SHOWN, strict=False):
            text = text.replace(real, shown)
        text = text.replace(f"{self.address}/iclosed", VENDOR).replace(str(self.folder), "/home/ana")
        text = _SECONDS.sub("0.8 s", _LOCAL.sub("http://127.0.0.1:8808", text))
        text = _TIME.sub(_shown_time, text.removeprefix("\ufeff"))
        return "".join(f"{line.rstrip()}\n" for line in text.splitlines())

    def edit(self, what: str) -> None:
        """Replace a text in a column of a workbook, as a person does in a spreadsheet program."""
        name, column, old, new = shlex.split(what)
        for real, shown in zip(self.runs, _RUNS_SHOWN, strict=False):
            name = name.replace(shown, real)
        book = openpyxl.load_workbook(self.folder / name)
        sheet = book.worksheets[0]
        place = next(cell.column for cell in sheet[1] if cell.value == column)
        cells = [row[place - 1] for row in sheet.iter_rows(min_row=2) if row[place - 1].value == old]
        assert cells, f"{name}: no {old!r} in {column!r}"
        for cell in cells:
            cell.value = new
        book.save(self.folder / name)


def _shown_time(found: re.Match[str]) -> str:
    """Return the time that pages show for one of today or, around midnight, yesterday; others are data."""
    age = datetime.now(UTC).date() - date.fromisoformat(found[1])
    return "2026-11-26T10:20:41.512Z" if age.days in (0, 1) else found[0]


def steps_of(body: str) -> list[Step]:
    """Return the commands of a block with their outputs. A backslash continues a command."""
    parts = re.split(r"^\$ ((?:.*\\\n)*.*)\n", body, flags=re.MULTILINE)
    return [Step(command, shown) for command, shown in zip(parts[1::2], parts[2::2], strict=True)]


def agrees(shown: str, printed: str) -> bool:
    """Return True if the page shows what is printed, except for lines that it leaves out."""
    pattern = "".join(r"(?:.*\n)*" if line == "…" else re.escape(f"{line}\n") for line in shown.splitlines())
    return re.fullmatch(pattern, printed) is not None


def follow(text: str, console: Console) -> tuple[str, list[str]]:
    """Do what a page says; return the page with what was printed, and a description of each difference."""
    differences: list[str] = []

    def do(found: re.Match[str]) -> str:
        comments, kind, body = found[1], found[2], found[3]
        orders = _COMMENT.findall(comments)
        if any(order == "not run" for order, _ in orders):
            return found[0]
        for order, what in orders:
            if order == "edit":
                console.edit(what)
            elif order == "file":
                (console.folder / what).write_text(body, encoding="utf-8")
        if kind != "console":
            return found[0]
        written = ""
        for step in steps_of(body):
            printed = console.run(step.command)
            same = agrees(step.shown, printed)
            if not same:
                differences.append(f"$ {step.command}\n--- shown\n{step.shown}--- printed\n{printed}")
            written += f"$ {step.command}\n{step.shown if same or '…' in step.shown.splitlines() else printed}"
        return f"{comments}```console\n{written}```"

    return _BLOCK.sub(do, text), differences


def follow_page(page: Path, folder: Path) -> tuple[str, list[str]]:
    """Do what a page says in an empty folder, with a sandbox for a vendor."""
    (folder / "work").mkdir()
    with running(build_app()) as address:
        return follow(page.read_text(encoding="utf-8"), Console(folder / "work", address))


def pages_with_commands() -> list[Path]:
    """Return the pages that show what commands print."""
    return [page for page in PAGES if "```console\n" in page.read_text(encoding="utf-8")]


def main() -> None:
    """Write what the commands print into the pages, and report what differs where lines are left out."""
    for page in pages_with_commands():
        with tempfile.TemporaryDirectory() as folder:
            text, differences = follow_page(page, Path(folder))
        page.write_text(text, encoding="utf-8")
        print(f"{page.relative_to(ROOT)}: {len(differences)} differences")
        for difference in differences:
            if "\n…\n" in difference:
                print(difference)


if __name__ == "__main__":
    main()
