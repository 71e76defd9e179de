"""Runs contenders in turn, each as a process of its own, and keeps what each of their runs took."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).parents[2]
LAUNCHER = Path(__file__).with_name("launcher.py")
PLAIN = (sys.executable, "-m", "tests.benchmarks.plain")
"""Begins the command of ours, and of what is held against nothing but ours; see there."""
KEY = "iclosed-benchmark"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where the data lies, how often each contender runs, and whether everything is tiny."""

    folder: Path
    rounds: int
    quick: bool

    def size(self, full: int, tiny: int) -> int:
        """So many rows."""
        return tiny if self.quick else full

    def room(self, name: str) -> Path:
        """A folder of this name, for one kind of work."""
        path = self.folder / name
        path.mkdir(exist_ok=True)
        return path


@dataclass(frozen=True, slots=True)
class Contender:
    """Someone who does the work. ``command`` is handed an empty folder, where ``summary.json`` may be left."""

    name: str
    rows: int
    command: Callable[[Path], Sequence[str]]
    needs: tuple[str, ...] = ()
    codes: tuple[int, ...] = (0,)

    @property
    def is_here(self) -> bool:
        """Whether all that it needs is installed."""
        return all(find_spec(name) for name in self.needs)


@dataclass(frozen=True, slots=True)
class Run:
    """One process: seconds, processor seconds, peak memory in MB, and what its summary said."""

    seconds: float
    cpu: float
    memory: float
    said: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A contender's runs; none when it is not installed."""

    contender: Contender
    runs: list[Run]

    def seconds(self, rows: int | None = None) -> float:
        """The median of the whole process, for so many rows: what is not start-up grows with them."""
        return median(run.seconds + self._more(run, rows) for run in self.runs)

    def stage(self, name: str, rows: int | None = None) -> float:
        """The median of what the summaries say of a stage, for so many rows."""
        return median(run.said["seconds"][name] for run in self.runs) * self._times(rows)

    def says(self, name: str) -> bool:
        """Whether the summaries say anything of this stage."""
        return bool(self.runs) and name in self.runs[0].said.get("seconds", {})

    def _times(self, rows: int | None) -> float:
        return rows / self.contender.rows if rows else 1.0

    def _more(self, run: Run, rows: int | None) -> float:
        if self._times(rows) == 1:
            return 0.0
        return float(run.said["seconds"]["work"]) * (self._times(rows) - 1)


def environment() -> dict[str, str]:
    """What every process is given: a key, no proxy before the lean server, and modules that Python keeps compiled.

    Whatever is installed is compiled; without that, what runs from a working copy would be compiled at each start.
    """
    known = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**known, "ICLOSED_API_KEY": KEY, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def launch(command: Sequence[str], folder: Path) -> subprocess.Popen[bytes]:
    """Start a process through the launcher, which leaves its report in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(LAUNCHER), str(folder / "process.json"), *command],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=(folder / "stderr.txt").open("wb"),
    )


def collect(process: subprocess.Popen[bytes], folder: Path, codes: Sequence[int] = (0,)) -> Run:
    """Wait for it; what it took. Raises RuntimeError when it ended otherwise than it should."""
    process.wait()
    told = json.loads((folder / "process.json").read_text())
    if told["code"] not in codes:
        words = (folder / "stderr.txt").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{folder.name} ended with {told['code']}: {words}")
    summary = folder / "summary.json"
    said = json.loads(summary.read_text()) if summary.exists() else {}
    return Run(told["seconds"], told["cpu"], told["memory"], said)


def in_turn(
    contenders: Sequence[Contender], rounds: int, room: Path, aside: Callable[[], dict[str, Any]] = dict
) -> list[Found]:
    """Each of them once, then each of them again …; ``aside`` tells more of the run that has just ended."""
    found = [Found(contender, []) for contender in contenders]
    for turn in range(rounds):
        for place, entry in enumerate(found):
            contender = entry.contender
            if not contender.is_here:
                continue
            folder = room / f"{place}-{turn}"
            run = collect(launch(contender.command(folder), folder), folder, contender.codes)
            run.said.update(aside())
            entry.runs.append(run)
            shutil.rmtree(folder)
    return found


def module(name: str, *words: object) -> list[str]:
    """The command that runs a module of the benchmarks."""
    return [sys.executable, "-m", f"tests.benchmarks.{name}", *map(str, words)]
