"""The proof on one machine: imports are disturbed and resumed, and the vendor's memory is held against the reports."""

from __future__ import annotations

import random
import signal
import sqlite3
import time
from pathlib import Path

from tests.crash.attacks import Attacker
from tests.crash.judge import Tally, ask, is_over
from tests.crash.scenarios import Scenario

CONCURRENCY = 16
CANNOT_START = 2  # exit code


class Proof:
    """A sandbox, a state folder, and the attacks."""

    def __init__(self, folder: Path, scenario: Scenario, kills: int, seed: int, seconds: float) -> None:
        self.folder = folder
        self.scenario = scenario
        self.kills = kills
        self.deadline = time.monotonic() + seconds
        self.dice = random.Random(seed)
        self.tally = Tally()
        self.attacker = Attacker(folder, self.dice, self.requests)

    def run(self) -> Tally:
        """File after file, until there were enough attacks."""
        number = 0
        while self.goes_on():
            number += 1
            self.one_file(number)
        return self.tally

    def goes_on(self) -> bool:
        """Return True while there were not enough attacks and there is time for more."""
        return self.tally.kills < self.kills and time.monotonic() < self.deadline

    def one_file(self, number: int) -> None:
        """Import one file to its end, disturbing the process as often as it can be caught."""
        file, output = self.folder / f"leads-{number}.csv", self.folder / f"out-{number}"
        self.scenario.make_file(file, number)
        pace = ["--concurrency", str(CONCURRENCY), "--rate", "350/s"]
        words = first = ["run", str(file), *self.scenario.vendor_words(), "--output", str(output), *pace]
        while True:
            attack = self.attacker.choose() if self.goes_on() else None
            victim = self.attacker.start(words, attack)
            was_sending = attack is not None and self.attacker.disturb(victim)
            if attack is not None and was_sending:
                self.tally.kills += 1
                self.tally.attacks[attack] += 1
            code = victim.process.wait()
            self.attacker.repair()
            # Before it sends, it may not have got as far as handling signals.
            if (was_sending or attack is None) and (complaint := victim.complaint()):
                self.tally.complaints.append(f"{attack}: {complaint}")
            if code == -signal.SIGKILL:
                if was_sending:
                    self.tally.left_in_doubt.append(self.intended())
            elif code != CANNOT_START and is_over(output):
                break
            words = first if code == CANNOT_START else ["resume"]
        self.scenario.judge(self.tally, output, number)

    def requests(self) -> int:
        """How many requests the vendor has seen."""
        return int(sum(ask(self.scenario.address, "_requests").values()))

    def intended(self) -> int:
        """Deliveries that the killed process had not settled."""
        journal = self.folder / "state" / "journal.sqlite3"
        if not journal.exists():
            return 0
        with sqlite3.connect(journal) as connection:
            (count,) = connection.execute("SELECT count(*) FROM deliveries WHERE state = 'intended'").fetchone()
        connection.close()
        return int(count)
