"""The proof for several machines with one journal on PostgreSQL: machines and server are killed while rows are sent.

Every process begins with an empty state folder, as on a machine that has never seen the file. A kill counts if the
killed run had an intent written within the last second, a server kill if the vendor was just being sent something. In
the end an undisturbed machine imports each file once more, and its report is held against the vendor's memory.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from importer.journal_location import KEY_ENVIRONMENT, URL_ENVIRONMENT
from tests.crash.judge import Tally, ask, is_over
from tests.crash.scenarios import Scenario
from tests.postgres_server import Server

KEY = "07" * 32
CONCURRENCY = 16
CANNOT_START = 2  # exit code
QUEUE_COMMANDS = ("enqueue", "worker")
_IS_SENDING = (
    "SELECT r.id FROM contact_importer.runs AS r WHERE r.pid = %s AND r.state = 'running' AND EXISTS ("
    "SELECT FROM contact_importer.deliveries AS d WHERE d.run = r.id AND d.intended_at > contact_importer.seconds_now() - 1)"
)
_UNFINISHED = "SELECT count(*) FROM contact_importer_queue.procrastinate_jobs WHERE status IN ('todo', 'doing')"
_INTENDED = "SELECT count(*) FROM contact_importer.deliveries WHERE state = 'intended' AND run = %s"


@dataclass
class Plan:
    """How much is disturbed."""

    machines: int
    kills: int
    server_kills: int
    seconds: float


class MachinesProof:
    """A sandbox, a server, and machines that come and go."""

    def __init__(self, folder: Path, scenario: Scenario, server: Server, plan: Plan, seed: int) -> None:
        self.folder = folder
        self.scenario = scenario
        self.server = server
        self.plan = plan
        self.deadline = time.monotonic() + plan.seconds
        self.dice = random.Random(seed)
        self.tally = Tally()
        self.server_kills = 0
        self._machines = 0

    def run(self) -> Tally:
        """File after file, until there were enough kills."""
        number = 0
        while self.goes_on():
            number += 1
            self.one_file(number)
        return self.tally

    def goes_on(self) -> bool:
        """Return True while there were not enough kills and there is time for more."""
        is_enough = self.tally.kills >= self.plan.kills and self.server_kills >= self.plan.server_kills
        return not is_enough and time.monotonic() < self.deadline

    def one_file(self, number: int) -> None:
        """Import one file on all machines, disturbing them as often as they can be caught."""
        file = self.make_file(number)
        self.disturb([self.start(self.run_words(file)) for _ in range(self.plan.machines)], file)
        self.finish(file, number)

    def make_file(self, number: int) -> Path:
        """A file of rows that no other file has."""
        file = self.folder / f"leads-{number}.csv"
        self.scenario.make_file(file, number)
        return file

    def disturb(self, alive: list[subprocess.Popen[bytes]], file: Path) -> None:
        """Kill machines and the server, replacing what was killed, until all have ended or it was enough."""
        while alive and self.goes_on():
            time.sleep(self.dice.uniform(0.2, 1.2))
            if self.server_kills < self.plan.server_kills and self.dice.random() < 0.15:
                self.kill_server()
            elif self.tally.kills < self.plan.kills:
                victim = self.dice.choice(alive)
                if self.kill(victim):
                    alive.append(self.start(self.replacement(file)))
            alive = [process for process in alive if process.poll() is None]
        for process in alive:
            process.wait()

    def replacement(self, file: Path) -> list[str]:
        """The command of the machine that takes the place of a killed one."""
        return self.dice.choice([["resume"], self.run_words(file)])

    def finish(self, file: Path, number: int) -> None:
        """Import the file on a machine that nobody disturbs, and judge its report."""
        output = self.folder / f"out-{number}"
        while True:
            code = self.start(self.run_words(file, output)).wait()
            if code != CANNOT_START and is_over(output):
                break
        self.scenario.judge(self.tally, output, number)

    def run_words(self, file: Path, output: Path | None = None) -> list[str]:
        """The command that imports a file."""
        where = output or self.folder / f"out-of-machine-{self._machines}"
        words = ["run", str(file), *self.scenario.vendor_words(), "--output", str(where)]
        return [*words, "--concurrency", str(CONCURRENCY), "--rate", "350/s"]

    def start(self, words: list[str]) -> subprocess.Popen[bytes]:
        """A command on a new machine."""
        self._machines += 1
        state = self.folder / f"machine-{self._machines}"
        with (self.folder / f"stderr-{self._machines}").open("wb") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", "importer", *words, *([] if words[0] in QUEUE_COMMANDS else ["--quiet"])],
                env={
                    **os.environ,
                    URL_ENVIRONMENT: self.server.url(),
                    KEY_ENVIRONMENT: KEY,
                    "ICLOSED_API_KEY": "iclosed-crash",
                    "CLEMTA_API_KEY": "crash",
                    "CONTACT_IMPORTER_STATE_DIR": str(state),
                },
                cwd=self.folder,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def kill(self, victim: subprocess.Popen[bytes]) -> bool:
        """Kill a machine if it is sending; return True if it was."""
        runs = [run for pid in self.senders(victim) for run in self.query(_IS_SENDING, pid)]
        if not runs:
            return False
        for pid in [victim.pid, *self.senders(victim)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        victim.wait()
        self.tally.kills += 1
        self.tally.attacks["SIGKILL of a machine"] += 1
        self.tally.left_in_doubt.append(int(self.query(_INTENDED, runs[0])[0]))
        return True

    def senders(self, victim: subprocess.Popen[bytes]) -> list[int]:
        """The processes of a machine that send."""
        return [victim.pid]

    def kill_server(self) -> None:
        """Kill the server and start it again, if rows are being sent."""
        before = self.requests()
        time.sleep(0.1)
        if self.requests() == before:
            return
        self.server.kill()
        time.sleep(self.dice.uniform(0, 1))
        self.server.start()
        self.server_kills += 1
        self.tally.attacks["SIGKILL of the server"] += 1

    def requests(self) -> int:
        """How many requests the vendor has seen."""
        return int(sum(ask(self.scenario.address, "_requests").values()))

    def query(self, statement: str, *values: Any) -> list[Any]:
        """The first column of what the server answers."""
        return _retry(lambda: _query(self.server.url(), statement, values))

    def complaints(self) -> list[str]:
        """What no run may say, whatever happens to it."""
        texts = [path.read_text(errors="replace") for path in self.folder.glob("stderr-*")]
        return [text for text in texts if "Traceback" in text or "internal error" in text]


class QueueProof(MachinesProof):
    """The same with workers, which import what is enqueued."""

    def one_file(self, number: int) -> None:
        """Enqueue one file, and disturb the workers until one of them has imported it."""
        file = self.make_file(number)
        config = f'[jobs.leads]\nvendor = "iclosed"\nbase-url = "{self.scenario.address}/iclosed"\nrate = "350/s"\n'
        (self.folder / "importer.toml").write_text(f"{config}concurrency = {CONCURRENCY}\n")
        assert self.start(["enqueue", str(file), "--job", "leads"]).wait() == 0
        while self.query(_UNFINISHED)[0]:
            self.disturb([self.start(self.replacement(file)) for _ in range(self.plan.machines)], file)
        self.finish(file, number)

    def replacement(self, file: Path) -> list[str]:
        """A worker that ends when the queue is empty."""
        return ["worker", "--drain", "--retry-after", "0.1", "--output", str(self.folder / "reports")]

    def senders(self, victim: subprocess.Popen[bytes]) -> list[int]:
        """The imports of a worker."""
        found = subprocess.run(["pgrep", "-P", str(victim.pid)], capture_output=True, text=True, check=False)
        return [int(pid) for pid in found.stdout.split()]


def _query(url: str, statement: str, values: tuple[Any, ...]) -> list[Any]:
    with psycopg.connect(url, autocommit=True) as connection:
        return [found for (found,) in connection.execute(statement.encode(), values)]


def _retry(work: Callable[[], list[Any]]) -> list[Any]:
    """Do it once more where the server was just being started."""
    try:
        return work()
    except psycopg.OperationalError:
        time.sleep(1)  # it has said that it is ready, but it may still be recovering
        return work()
