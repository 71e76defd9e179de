"""The same ``run`` into a new journal and into one that has grown old, in turn."""

from __future__ import annotations

import itertools
from statistics import median

from tests.benchmarks.data import make_csv
from tests.benchmarks.journal import fill
from tests.benchmarks.kinds import ours
from tests.benchmarks.measure import KEY, Plan, Run, collect, launch
from tests.benchmarks.table import Row
from tests.benchmarks.vendor import vendor


def old_journal(plan: Plan, deliveries: int) -> list[Row]:
    """Other people's rows in each turn, so that none of them is done already."""
    rows = plan.size(20_000, 100)
    room = plan.room("old-journal")
    ended: dict[str, list[Run]] = {"a new journal": [], f"a journal of {deliveries:,}": []}
    with vendor() as server:
        fill(room / "old", deliveries, server.address, KEY)
        for turn, (name, runs) in itertools.product(range(plan.rounds), ended.items()):
            place = list(ended).index(name)
            file = make_csv(room / "fresh.csv", rows, bad=0, mark=f"{turn}-{place}-")
            folder = room / f"{turn}-{place}"
            state = room / "old" if place else folder / "state"
            command = ours.run_command(file, folder, server.address, state, *ours.at_once(32))
            runs.append(collect(launch(command, folder), folder))
    return _rows(rows, ended)


def _rows(rows: int, ended: dict[str, list[Run]]) -> list[Row]:
    sending = {name: median(run.said["seconds"]["send"] for run in runs) for name, runs in ended.items()}
    fastest = next(iter(sending.values()))
    return [
        Row(
            "" if index else "run, no latency, 32 at once",
            f"ours, into {name}",
            f"{rows:,}",
            f"{median(run.seconds for run in runs):.2f}",
            sending=f"{sending[name]:.2f}",
            memory=f"{max(run.memory for run in runs):,.0f}",
            ratio_sending=f"{fastest / sending[name]:.2f} × as fast" if index else "",
        )
        for index, (name, runs) in enumerate(ended.items())
    ]
