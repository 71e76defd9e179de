"""How long it takes to say something: ``--help``, and a ``run`` of ten rows, beside Python's own start-up."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks.data import make_csv
from tests.benchmarks.kinds import ours
from tests.benchmarks.measure import PLAIN, Contender, Plan, in_turn
from tests.benchmarks.table import Row, figures
from tests.benchmarks.vendor import vendor

TIMES = 3
"""As many rounds as elsewhere: they are short."""
HELP_SECONDS, RUN_SECONDS = 0.15, 1.2


def startup(plan: Plan) -> list[Row]:
    """Both, in turn with ``python -c pass`` and with importing what reading and checking are made of.

    A run begins at the rate of iClosed's contract, ten a second, so it runs once more without being held back by that.
    """
    room = plan.room("startup")
    file = make_csv(room / "ten.csv", 10, bad=0)
    with vendor() as server:
        contenders = [
            Contender("ours, --help", 0, lambda _: [*_script(), "--help"]),
            ours.run(file, 10, server.address),
            ours.run(file, 10, server.address, "--rate", "1000/s"),
            Contender("python -c pass", 0, lambda _: [sys.executable, "-c", "pass"]),
            Contender("importing polars and pandera", 0, lambda _: [*PLAIN, "-c", "import pandera.polars, polars"]),
        ]
        found = in_turn(contenders, plan.rounds * (1 if plan.quick else TIMES), room)
    asked, ran, unpaced, bare, imports = found
    return [
        _row("contact-importer --help", asked, bare, HELP_SECONDS),
        figures("", bare),
        _row("run of ten rows", ran, imports, RUN_SECONDS),
        _row("run of ten rows, --rate 1000/s", unpaced, imports, RUN_SECONDS),
        figures("", imports),
    ]


def _row(work, found, beside, most):
    ratio = f"{found.seconds() / beside.seconds():.2f} × its time"
    return figures(work, found, ratio, f"≤ {most:g} s", met=found.seconds() <= most)


def _script() -> list[str]:
    installed = Path(sys.executable).with_name("contact-importer")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "importer"]
