"""What cleaning adds to reading and checking a file whose phones and choices need it."""

from __future__ import annotations

from tests.benchmarks.data import make_csv
from tests.benchmarks.kinds import ours
from tests.benchmarks.measure import Plan, in_turn
from tests.benchmarks.table import Row, figures


def cleaning(plan: Plan) -> list[Row]:
    """A file that needs it and the same one clean, in turn."""
    rows = plan.size(1_000_000, 2_000)
    room = plan.room("cleaning")
    clean, dirty = make_csv(room / "clean.csv", rows), room / "dirty.csv"
    text = clean.read_text(encoding="utf-8").replace("+1555", "+1 555 ").replace(",QUALIFIED,", ",Qualified,")
    dirty.write_text(text, encoding="utf-8")
    needed, not_needed = in_turn([ours.check(dirty, rows), ours.check(clean, rows)], plan.rounds, room)
    ratio = f"{needed.seconds() / not_needed.seconds():.2f} × the time of clean ones"
    return [figures("check of punctuated phones, small letters", needed, ratio), figures("", not_needed)]
