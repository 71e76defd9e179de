"""``check`` of a CSV file beside frictionless, pydantic, pandas with pandera, and polars that only reads it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.data import make_csv
from tests.benchmarks.kinds import ours
from tests.benchmarks.measure import Contender, Found, Plan, in_turn, module
from tests.benchmarks.table import Row, Target, compared, figures

FRICTIONLESS_ROWS = 100_000


def contender(name: str, file: Path, rows: int, needs: tuple[str, ...] = ()) -> Contender:
    """One of the others, who is handed the file and a folder."""

    def command(folder: Path) -> Sequence[str]:
        return module(f"contenders.{name}", file, folder)

    return Contender(name, rows, command, needs)


def check_csv(plan: Plan) -> list[Row]:
    """A million rows, two in a hundred of them wrong, all reports written."""
    rows = plan.size(1_000_000, 2_000)
    fewer = min(rows, FRICTIONLESS_ROWS)
    room = plan.room("check-csv")
    file = make_csv(room / "contacts.csv", rows)
    small = make_csv(room / "fewer.csv", fewer)
    found = in_turn(
        [
            ours.check(file, rows),
            contender("frictionless_check", small, fewer, ("frictionless",)),
            contender("pydantic_check", file, rows, ("pydantic",)),
            contender("pydantic_reports", file, rows, ("pydantic",)),
            contender("pandas_check", file, rows, ("pandas",)),
            contender("polars_alone", file, rows),
        ],
        plan.rounds,
        room,
    )
    same_verdict(found)
    targets = [Target(least=10), Target(least=5), Target(), Target(least=1), Target(most=5)]
    return compared("check of a CSV file, 2 % wrong", found, targets)


def same_verdict(found: Sequence[Found]) -> None:
    """A comparison counts only if all found the same share of the rows wrong. Raises RuntimeError."""
    shares = {
        entry.contender.name: round(entry.runs[0].said["counts"]["invalid"] / entry.contender.rows, 2)
        for entry in found
        if entry.runs and "counts" in entry.runs[0].said
    }
    if len(set(shares.values())) > 1:
        raise RuntimeError(f"they do not agree on what is wrong: {shares}")


def check_huge(plan: Plan) -> list[Row]:
    """Ten times the rows, beside ten times the time."""
    rows = plan.size(1_000_000, 2_000)
    room = plan.room("check-huge")
    file, large = make_csv(room / "contacts.csv", rows), make_csv(room / "large.csv", 10 * rows)
    once, tenfold = in_turn([ours.check(file, rows), ours.check(large, 10 * rows)], plan.rounds, room)
    times = tenfold.seconds() / (10 * once.seconds())
    return [
        figures("check of ten times as many rows", tenfold, f"{times:.2f} × ten times the time"),
        figures("", once),
    ]
