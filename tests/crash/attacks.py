"""The ways in which a run that is sending is disturbed."""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import IO

# Nothing listens there: a request that went through this proxy would never arrive.
PROXY = "http://127.0.0.1:9"
PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy")
BAD_WORDS = (b"Traceback", b"internal error")
SHORTEST_ROOM, LONGEST_ROOM = 20_000, 600_000


class Attack(StrEnum):
    """What happens to a run."""

    KILL = "SIGKILL"  # at a random moment
    HANG_UP = "SIGHUP"  # as when its terminal is closed
    PIPE = "closed pipes"  # nobody reads its output any more
    LOST = "state folder moved away"  # and put back when the run has ended
    FULL = "full disk"  # no file can grow


# A kill is the hardest, and the only one that leaves nothing to the run itself.
WEIGHTS = {Attack.KILL: 12, Attack.HANG_UP: 2, Attack.PIPE: 2, Attack.LOST: 2, Attack.FULL: 2}


@dataclass
class Victim:
    """A started run: its process, what is to happen to it, and its standard error."""

    process: subprocess.Popen[bytes]
    attack: Attack | None
    errors: Path

    def complaint(self) -> str:
        """What no run may say or do, whatever happens to it; empty if there was none."""
        said = self.errors.read_bytes()
        if any(word in said for word in BAD_WORDS):
            return said.decode(errors="replace")
        killed = self.process.returncode < 0 and self.attack is not Attack.KILL
        return f"ended by signal {-self.process.returncode}" if killed else ""


class Attacker:
    """Starts runs over one state folder and disturbs them."""

    def __init__(self, folder: Path, dice: random.Random, requests: Callable[[], int]) -> None:
        self.state = folder / "state"
        self.away = folder / "state-away"
        self.errors = folder / "stderr"
        self.dice = dice
        self.requests = requests

    def choose(self) -> Attack:
        """The next attack."""
        return self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]

    def start(self, words: list[str], attack: Attack | None) -> Victim:
        """A run, or a resume, in a process of its own."""
        is_piped = attack is Attack.PIPE
        errors: IO[bytes]
        with self.errors.open("wb") as errors:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "importer",
                    *words,
                    "--state-dir",
                    str(self.state),
                    *([] if is_piped else ["--quiet"]),
                ],
                env={
                    **os.environ,
                    **dict.fromkeys(PROXY_VARIABLES, PROXY),
                    "NO_PROXY": "",
                    "ICLOSED_API_KEY": "iclosed-crash",
                    "CLEMTA_API_KEY": "crash",
                },
                stdout=subprocess.PIPE if is_piped else subprocess.DEVNULL,
                stderr=subprocess.PIPE if is_piped else errors,
            )
        return Victim(process, attack, self.errors)

    def disturb(self, victim: Victim) -> bool:
        """Wait until it has begun to send (mostly), and a random while; then attack it, if it still runs.

        Return True if it was sending: only then does the attack count.
        """
        before, patience = self.requests(), time.monotonic() + self.dice.choice([0.5, 20, 20, 20])
        process = victim.process
        while process.poll() is None and self.requests() == before and time.monotonic() < patience:
            time.sleep(0.01)
        time.sleep(self.dice.uniform(0, 0.8))
        was_sending = process.poll() is None and self.requests() > before
        match victim.attack:
            case Attack.KILL:
                process.kill()
            case Attack.HANG_UP:
                process.send_signal(signal.SIGHUP)
            case Attack.PIPE:
                for pipe in (process.stdout, process.stderr):
                    assert pipe is not None
                    pipe.close()
            case Attack.LOST if self.state.exists():
                self.state.rename(self.away)
            case Attack.FULL:
                self._fill(process)
        return was_sending

    def repair(self) -> None:
        """Put back what was moved away. What the run has made in its place says nothing."""
        if self.away.exists():
            shutil.rmtree(self.state, ignore_errors=True)
            self.away.rename(self.state)

    def _fill(self, process: subprocess.Popen[bytes]) -> None:
        """Let no file of a process grow much larger than the log of the journal is now."""
        log = self.state / "journal.sqlite3-wal"
        size = log.stat().st_size if log.exists() else 0
        most = size + self.dice.randint(SHORTEST_ROOM, LONGEST_ROOM)
        if process.poll() is None:
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most, most))
