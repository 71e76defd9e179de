"""``python -m tests.benchmarks``: makes its data, runs ours, the others and the limit in turn, prints their ratios.

Each runs as a process of its own; seconds are medians of ``--rounds``, memory is the most that any round took. Only
the ratios of one run mean anything: on a machine that others use, too, the seconds vary by a third. The others are in
the extra ``bench``; who is not installed is left out, and the table says so. ``--quick`` runs everything on tiny
files, to see that it runs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.benchmarks.kinds.check_csv import check_csv, check_huge
from tests.benchmarks.kinds.check_xlsx import check_xlsx
from tests.benchmarks.kinds.cleaning import cleaning
from tests.benchmarks.kinds.limits import limits
from tests.benchmarks.kinds.old_journal import old_journal
from tests.benchmarks.kinds.resume import resume
from tests.benchmarks.kinds.sending import full_speed, with_latency
from tests.benchmarks.kinds.sheet import sheet
from tests.benchmarks.kinds.startup import startup
from tests.benchmarks.measure import Plan
from tests.benchmarks.table import Row, show

Kind = Callable[[Plan], list[Row]]
ALWAYS: dict[str, Kind] = {
    "csv": check_csv,
    "xlsx": check_xlsx,
    "speed": full_speed,
    "latency": with_latency,
    "startup": startup,
    "cleaning": cleaning,
    "sheet": sheet,
}
ASKED: dict[str, Kind] = {"huge": check_huge, "limits": limits, "resume": resume}


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.split("\n\n")[0])
    parser.add_argument("--quick", action="store_true", help="everything on tiny files, once")
    parser.add_argument("--rounds", type=int, default=3, help="how often each contender runs (3)")
    parser.add_argument("--only", action="append", choices=[*ALWAYS, *ASKED], help="only this; can be repeated")
    parser.add_argument(
        "--huge", action="store_true", help="a check of 10,000,000 rows, too: minutes, and 6 GB of disk"
    )
    parser.add_argument("--limits", action="store_true", help="runs against rate limits, too: a minute")
    parser.add_argument("--resume", action="store_true", help="resuming a run of 1,000,000 rows, too: minutes")
    parser.add_argument("--old-journal", type=int, default=0, metavar="N", help="runs into a journal of N, too")
    return parser.parse_args()


def chosen_kinds(chosen: argparse.Namespace) -> Iterator[tuple[str, Kind]]:
    """The kinds of work to do, by name."""
    for name, kind in (ALWAYS | ASKED).items():
        wanted = name in chosen.only if chosen.only else name in ALWAYS or chosen.quick or vars(chosen)[name]
        if wanted:
            yield name, kind
    if chosen.old_journal or (chosen.quick and not chosen.only):
        yield "old journal", partial(old_journal, deliveries=chosen.old_journal or 1_000)


def main() -> None:
    """Do them all, then print the table."""
    chosen = arguments()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as name:
        plan = Plan(Path(name), 1 if chosen.quick else chosen.rounds, chosen.quick)
        try:
            for title, kind in chosen_kinds(chosen):
                print(f"{title} …", file=sys.stderr, flush=True)
                rows += kind(plan)
                for room in plan.folder.iterdir():
                    shutil.rmtree(room)
        finally:  # what an hour has measured is not lost
            show(rows, judged=not chosen.quick)


if __name__ == "__main__":
    main()
