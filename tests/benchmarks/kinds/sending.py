"""``run`` beside plain httpx, requests, and httpx over the transport that ours uses, all against the lean server."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.data import make_csv
from tests.benchmarks.kinds import ours
from tests.benchmarks.measure import Contender, Found, Plan, in_turn, module
from tests.benchmarks.table import Row, Target, compared
from tests.benchmarks.vendor import Vendor, capacity, vendor

AT_ONCE = 64
LATENCY = 0.05


def sender(name: str, file: Path, rows: int, address: str, needs: tuple[str, ...] = ()) -> Contender:
    """One of the others, who is handed the file, a folder and the address."""

    def command(folder: Path) -> Sequence[str]:
        return module(f"contenders.{name}", file, folder, address)

    return Contender(name, rows, command, needs)


def _contenders(room: Path, rows: int, fewer: int, address: str) -> list[Contender]:
    file = make_csv(room / "leads.csv", rows, bad=0)
    small = make_csv(room / "fewer.csv", fewer, bad=0)
    return [
        ours.run(file, rows, address, *ours.at_once(AT_ONCE)),
        sender("httpx_gather", file, rows, address),
        sender("requests_loop", small, fewer, address, ("requests",)),
        sender("httpx_aiohttp", file, rows, address),
    ]


def _sent(contenders: Sequence[Contender], plan: Plan, room: Path, server: Vendor) -> list[Found]:
    """Their runs; each must have made every contact. Raises RuntimeError."""
    server.fresh()
    found = in_turn(contenders, plan.rounds, room, server.since)
    for entry in found:
        for run in entry.runs:
            if not run.said["requests"] == run.said["counts"]["created"] == entry.contender.rows:
                raise RuntimeError(f"{entry.contender.name} did not send every row once: {run.said}")
    return found


def full_speed(plan: Plan) -> list[Row]:
    """A vendor that answers at once; how busy it was with each of them, and what it can do at most."""
    rows = plan.size(20_000, 200)
    room = plan.room("full-speed")
    with vendor() as server:
        most = capacity(server.port, 0.2 if plan.quick else 3)
        found = _sent(_contenders(room, rows, rows // 10, server.address), plan, room, server)
    targets = [Target(least=5, sending=True), Target(sending=True), Target(least=0.7, sending=True)]
    shares = ", ".join(
        f"{entry.contender.name} {entry.runs[0].said['server'] / entry.runs[0].said['seconds']['send']:.0%}"
        for entry in found
        if entry.runs
    )
    rates = ", ".join(
        f"{entry.contender.name} {entry.contender.rows / entry.stage('send'):,.0f}" for entry in found if entry.runs
    )
    return [
        *compared("run, no latency, 64 at once", found, targets),
        Row(note=f"No latency, 64 at once, rows a second while sending: {rates}."),
        Row(
            note=f"The server answers {most:,.0f} requests a second to callers that do nothing else; its processor time "
            f"as a share of the sending: {shares}."
        ),
    ]


def with_latency(plan: Plan) -> list[Row]:
    """A vendor that takes 50 ms: the ideal is the rows' latencies, 64 at once."""
    rows = plan.size(5_000, 200)
    room = plan.room("latency")
    with vendor(LATENCY) as server:
        found = _sent(_contenders(room, rows, plan.size(200, 20), server.address), plan, room, server)
    ideal = rows * LATENCY / AT_ONCE
    reached, whole = ideal / found[0].stage("send"), ideal / found[0].seconds()
    targets = [Target(sending=True), Target(sending=True), Target(sending=True)]
    return [
        *compared("run, 50 ms latency, 64 at once", found, targets),
        Row(
            "", "rows × latency / 64", f"{rows:,}", f"{ideal:.2f}", ratio=f"{whole:.2f} of the ideal",
            ratio_sending=f"{reached:.2f} of the ideal", target="≥ 0.95 while sending", met=reached >= 0.95,
        ),
    ]  # fmt: skip
