"""``run`` against 20 requests a second, by each kind of limiter that the sandbox has, all of them at once."""

from __future__ import annotations

import contextlib
import itertools

from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.rate_limiters import LIMITERS
from importer.sandbox.server import running
from tests.benchmarks.data import make_csv
from tests.benchmarks.kinds import ours
from tests.benchmarks.measure import Plan, Run, collect, launch
from tests.benchmarks.table import Row

ALLOWED = 20.0


def limits(plan: Plan) -> list[Row]:
    """With and without Retry-After in whole seconds."""
    rows = plan.size(1_000, 30)
    room = plan.room("limits")
    file = make_csv(room / "limited.csv", rows, bad=0)
    with contextlib.ExitStack() as sandboxes:
        at_work = []
        for limiter, tells in itertools.product(LIMITERS, (False, True)):
            app = build_app(latency=0.05, faults=[Fault("429", rate=ALLOWED, limiter=limiter, tells=tells)])
            address = sandboxes.enter_context(running(app))
            folder = room / f"{limiter}-{tells}"
            command = ours.run_command(file, folder, f"{address}/iclosed", folder / "state")
            name = f"{limiter}, {'Retry-After' if tells else 'nothing said'}"
            at_work.append((name, folder, launch(command, folder)))
        ended = [(name, collect(process, folder)) for name, folder, process in at_work]
    return [_row(index, name, rows, run) for index, (name, run) in enumerate(ended)]


def _row(index: int, name: str, rows: int, run: Run) -> Row:
    sending, requests = run.said["seconds"]["send"], run.said["requests"]
    reached, refused = rows / sending / ALLOWED, requests["throttled"] / requests["sent"]
    return Row(
        "" if index else "run against 20 requests a second",
        name,
        f"{rows:,}",
        f"{run.seconds:.1f}",
        sending=f"{sending:.1f}",
        memory=f"{run.memory:,.0f}",
        ratio_sending=f"{reached:.2f} of the rate, {refused:.1%} refused",
        target="≥ 0.95, ≤ 2 % refused",
        met=reached >= 0.95 and refused <= 0.02,
    )
