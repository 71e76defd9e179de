"""``check`` of a workbook beside pydantic over openpyxl, and calamine that only reads it."""

from __future__ import annotations

from tests.benchmarks.data import make_csv, make_sheet
from tests.benchmarks.kinds import ours
from tests.benchmarks.kinds.check_csv import contender, same_verdict
from tests.benchmarks.measure import Plan, in_turn
from tests.benchmarks.table import Row, Target, compared


def check_xlsx(plan: Plan) -> list[Row]:
    """A hundred thousand rows of text cells, two in a hundred of them wrong."""
    rows = plan.size(100_000, 500)
    room = plan.room("check-xlsx")
    file = make_sheet(room / "contacts.xlsx", make_csv(room / "contacts.csv", rows))
    found = in_turn(
        [
            ours.check(file, rows),
            contender("openpyxl_check", file, rows, ("pydantic",)),
            contender("calamine_alone", file, rows),
        ],
        plan.rounds,
        room,
    )
    same_verdict(found)
    return compared("check of a workbook, 2 % wrong", found, [Target(least=5), Target(most=2.5)])
