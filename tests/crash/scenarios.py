"""The files that the proof imports, the vendor that they go to, and the judgement of what became of them."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from tests.crash.judge import Tally, judge
from tests.crash.matched import COMPANY, add_own_contacts, judge_matched, write_matched_file

STEP_DOCUMENT = Path(__file__).parents[1] / "runs" / "second_step.yaml"


class Scenario(Protocol):
    """Files of which each has rows that no other one has."""

    address: str
    rows: int

    def make_file(self, file: Path, number: int) -> None:
        """Write a file, and give the vendor the contacts that it has already."""

    def vendor_words(self) -> list[str]:
        """Return the options that say where the rows go."""

    def judge(self, tally: Tally, output: Path, number: int) -> None:
        """Hold the report of a file against what the vendor has of it."""


class CreateScenario:
    """Contacts that nobody has."""

    def __init__(self, address: str, rows: int) -> None:
        self.address = address
        self.rows = rows

    def make_file(self, file: Path, number: int) -> None:
        """Write a file of which one row in fifty is invalid."""
        names = [f"file{number}-row{row}{'' if row % 50 else '@'}@example.com" for row in range(self.rows)]
        file.write_text("email,tag\n" + "".join(f"{name},x\n" for name in names))

    def vendor_words(self) -> list[str]:
        """Return the options that say where the rows go."""
        return ["--vendor", "iclosed", "--base-url", f"{self.address}/iclosed"]

    def judge(self, tally: Tally, output: Path, number: int) -> None:
        """Hold the report of a file against what the vendor has of it."""
        judge(tally, self.address, output, f"file{number}-", self.rows)


class StepScenario(CreateScenario):
    """Contacts that nobody has, each of which is tagged afterwards."""

    def vendor_words(self) -> list[str]:
        """Return the options that say where the rows go."""
        return ["--vendor", str(STEP_DOCUMENT), "--base-url", f"{self.address}/acme"]

    def judge(self, tally: Tally, output: Path, number: int) -> None:
        """Hold the report of a file against what the vendor has of it, contacts and tags."""
        judge(tally, self.address, output, f"file{number}-", self.rows, "acme")


class MatchScenario:
    """``--match update-existing`` at a vendor that has a part of the contacts, with other values, and some twice."""

    def __init__(self, address: str, rows: int) -> None:
        self.address = address
        self.rows = rows

    def make_file(self, file: Path, number: int) -> None:
        """Write a file, and give the vendor its own contacts."""
        write_matched_file(file, number, self.rows)
        add_own_contacts(self.address, number, self.rows)

    def vendor_words(self) -> list[str]:
        """Return the options that say where the rows go, and what becomes of contacts that are there."""
        words = ["--vendor", "clemta", "--base-url", f"{self.address}/clemta", "--set", f"company_id={COMPANY}"]
        return [*words, "--match", "update-existing"]

    def judge(self, tally: Tally, output: Path, number: int) -> None:
        """Hold the report of a file against what the vendor has of it, old values and new ones."""
        judge_matched(tally, self.address, output, number)
