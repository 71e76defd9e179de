"""Reading a sheet with number formats, truths and numbers in every row, beside calamine alone."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.data import make_formatted_sheet
from tests.benchmarks.kinds.check_csv import contender
from tests.benchmarks.measure import PLAIN, Contender, Plan, in_turn
from tests.benchmarks.table import Row, Target, compared

READ = (
    "import sys; from pathlib import Path; from importer.reading import read_table; from importer.settings import "
    "Settings; sum(batch.frame.height for batch in read_table(Path(sys.argv[3]), Settings('iclosed')).batches())"
)


def sheet(plan: Plan) -> list[Row]:
    """What a workbook shows is what is read: this is what that costs."""
    rows = plan.size(100_000, 500)
    room = plan.room("sheet")
    file = make_formatted_sheet(room / "sheet.xlsx", rows)
    found = in_turn([reading(file, rows), contender("calamine_alone", file, rows)], plan.rounds, room)
    return compared("reading a sheet with number formats", found, [Target()])


def reading(file: Path, rows: int) -> Contender:
    """Ours, which reads and does nothing else."""
    return Contender("ours", rows, lambda _: [*PLAIN, "-c", READ, str(file)])
