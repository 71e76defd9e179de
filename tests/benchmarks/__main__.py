"""``python -m tests.benchmarks``: makes its data, runs the limit and ours in turn, prints ratios and peak memory.

``--quick`` runs everything on small files, to see that it runs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from importer.sandbox.app import build_app
from importer.sandbox.server import running
from tests.benchmarks.data import make_csv

READ_ALONE = "import polars, sys; polars.read_csv(sys.argv[1], infer_schema=False)"


def timed(command: list[str], **environment: str) -> tuple[float, float]:
    """Seconds and peak memory (MB) of a process."""
    begun = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment}
    )
    _, _, usage = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def check(folder: Path, rows: int, rounds: int) -> None:
    """The check of a CSV file, beside polars reading it and doing nothing else."""
    file = make_csv(folder / "contacts.csv", rows)
    ours = [
        sys.executable,
        "-m",
        "importer",
        "check",
        str(file),
        "--vendor",
        "iclosed",
        "--output",
        str(folder / "out"),
    ]
    times: dict[str, list[tuple[float, float]]] = {"polars.read_csv alone": [], "check, reports written": []}
    for _ in range(rounds):
        times["polars.read_csv alone"].append(timed([sys.executable, "-c", READ_ALONE, str(file)]))
        times["check, reports written"].append(timed([*ours, "--quiet"]))
    limit = median(seconds for seconds, _ in times["polars.read_csv alone"])
    for name, measured in times.items():
        seconds = median(entry[0] for entry in measured)
        memory = max(entry[1] for entry in measured)
        print(f"{rows:>10,} rows  {name:<26} {seconds:7.2f} s  {memory:6.0f} MB  {seconds / limit:5.1f} x")


def run(folder: Path, rows: int, latency: float, concurrency: int) -> None:
    """The import of a file, beside the time that the vendor's latency alone takes."""
    file = make_csv(folder / "leads.csv", rows, bad=0)
    with running(build_app(latency=latency)) as address:
        command = [sys.executable, "-m", "importer", "run", str(file), "--vendor", "iclosed", "--rate", "10000/s"]
        command += ["--base-url", f"{address}/iclosed", "--concurrency", str(concurrency), "--quiet"]
        command += ["--output", str(folder / "sent"), "--state-dir", str(folder / "state")]
        seconds, memory = timed(command, ICLOSED_API_KEY="iclosed-benchmark")
    summary = json.loads((folder / "sent" / "summary.json").read_text())
    ideal = rows * latency / concurrency
    print(
        f"{rows:>10,} rows  run, {latency * 1000:.0f} ms, {concurrency} at once      {seconds:7.2f} s  {memory:6.0f} MB  "
        f"{summary['seconds']['send'] / ideal:5.2f} x the ideal {ideal:.2f} s while sending; "
        f"{summary['counts']['created']:,} created"
    )


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small files, once")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the checked file")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check(folder, 5_000 if chosen.quick else chosen.rows, 1 if chosen.quick else 3)
        run(folder, 100 if chosen.quick else 2_000, 0.05, 32)


if __name__ == "__main__":
    main()
