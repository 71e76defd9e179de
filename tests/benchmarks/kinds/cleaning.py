"""What cleaning adds to reading and checking a file whose phones and choices need it."""

from __future__ import annotations

from tests.benchmarks.data import make_csv
from tests.benchmarks.kinds import ours
from tests.benchmarks.measure import Plan, in_turn
from tests.benchmarks.table import Row, figures


def cleaning(plan: Plan) -> list[Row]:
    """With cleaning and without, in turn."""
    rows = plan.size(1_000_000, 2_000)
    room = plan.room("cleaning")
    file = make_csv(room / "dirty.csv", rows)
    text = file.read_text(encoding="utf-8").replace("+1555", "+1 555 ").replace(",QUALIFIED,", ",Qualified,")
    file.write_text(text, encoding="utf-8")
    cleaned, plain = in_turn(
        [ours.check(file, rows, "--clean"), ours.check(file, rows, "--no-clean")], plan.rounds, room
    )
    ratio = f"{cleaned.stage('check') / plain.stage('check'):.2f} × the stage of checking"
    return [figures("check of punctuated phones, small letters", cleaned, ratio), figures("", plain)]
