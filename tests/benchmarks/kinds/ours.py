"""The importer as a contender: its commands, with their reports where the measuring looks for them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.measure import PLAIN, Contender

SOME_INVALID = 3
IMPORTER = (*PLAIN, "-m", "importer")


def check(file: Path, rows: int, *options: str) -> Contender:
    """``check``, with all reports."""

    def command(folder: Path) -> Sequence[str]:
        words = ["check", str(file), "--vendor", "iclosed", "--quiet", "--output", str(folder), *options]
        return [*IMPORTER, *words]

    return Contender(" ".join(["ours", *options]), rows, command, codes=(0, SOME_INVALID))


def run(file: Path, rows: int, address: str, *options: str) -> Contender:
    """``run`` into a journal of its own, as fast as it may."""
    return Contender("ours", rows, lambda folder: run_command(file, folder, address, folder / "state", *options))


def run_command(file: Path, output: Path, address: str, state: Path, *options: str) -> list[str]:
    """The words of a ``run``."""
    words = ["run", str(file), "--vendor", "iclosed", "--base-url", address, "--quiet"]
    return [*IMPORTER, *words, "--output", str(output), "--state-dir", str(state), *options]


def at_once(number: int) -> tuple[str, ...]:
    """The options of a run that so many requests at once hold back, and no rate."""
    return ("--concurrency", str(number), "--rate", "100000/s")
