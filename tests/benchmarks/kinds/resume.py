"""``resume`` of a run that was interrupted half-way: how long until its first request arrives."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from statistics import median

from tests.benchmarks.data import make_csv
from tests.benchmarks.kinds import ours
from tests.benchmarks.measure import ROOT, Plan, environment
from tests.benchmarks.table import Row
from tests.benchmarks.vendor import Vendor, vendor

LOOK = 0.02
MOST_SECONDS = 5.0


def resume(plan: Plan) -> list[Row]:
    """A run is interrupted (Ctrl-C) when half of its rows have been sent; copies of what it leaves are resumed."""
    rows = plan.size(1_000_000, 400)
    room = plan.room("resume")
    file = make_csv(room / "leads.csv", rows, bad=0)
    with vendor(0.02 if plan.quick else 0.0) as server:
        interrupt_half_way(file, room, rows, server)
        found = [first_request(room, turn, server) for turn in range(plan.rounds)]
    seconds, memory = [entry[0] for entry in found], max(entry[1] for entry in found)
    return [
        Row(
            "resume, half done: until the first request", "ours", f"{rows:,}", f"{median(seconds):.2f}",
            f"{min(seconds):.2f}–{max(seconds):.2f}", memory=f"{memory:,.0f}",
            target=f"≤ {MOST_SECONDS:g} s", met=median(seconds) <= MOST_SECONDS,
        )
    ]  # fmt: skip


def interrupt_half_way(file: Path, room: Path, rows: int, server: Vendor) -> None:
    """Import until half of the rows have come to the vendor. Raises RuntimeError when it ends otherwise."""
    command = ours.run_command(file, room / "out", server.address, room / "state", *ours.at_once(32))
    process = start(command)
    while process.poll() is None and server.seen()["requests"] < rows // 2:
        time.sleep(LOOK)
    process.send_signal(signal.SIGINT)
    code = process.wait()
    if code != 130:
        raise RuntimeError(f"the run to be resumed ended with {code}, not interrupted")


def first_request(room: Path, turn: int, server: Vendor) -> tuple[float, float]:
    """Resume a copy and kill it once it sends; seconds until then, and its peak memory."""
    state = room / f"state-{turn}"
    shutil.copytree(room / "state", state)
    server.fresh()
    begun = time.time()
    process = start([*ours.IMPORTER, "resume", "--state-dir", str(state), "--quiet"])
    while process.poll() is None and not server.seen()["first"]:
        time.sleep(LOOK)
    process.kill()
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = -signal.SIGKILL
    seen = server.seen()
    shutil.rmtree(state)
    if not seen["first"]:
        raise RuntimeError("resume ended without sending anything")
    return seen["first"] - begun, usage.ru_maxrss / 1024


def start(command: list[str]) -> subprocess.Popen[bytes]:
    """One of our commands, silently."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
