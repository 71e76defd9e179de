"""``python -m tests.benchmarks``: makes its data, runs the limit and ours in turn, prints ratios and peak memory.

``--quick`` runs everything on small files, to see that it runs.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import xlsxwriter

from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.limiters import LIMITERS
from importer.sandbox.server import running
from tests.benchmarks.data import HEADER, make_csv
from tests.benchmarks.journal import fill

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


def cleaning(folder: Path, rows: int, rounds: int) -> None:
    """What cleaning adds to reading and checking, in the same run; the values of the file need some of it."""
    file = make_csv(folder / "dirty.csv", rows)
    text = file.read_text(encoding="utf-8").replace("+1555", "+1 555 ").replace(",QUALIFIED,", ",Qualified,")
    file.write_text(text, encoding="utf-8")
    seconds: dict[str, list[float]] = {"--clean": [], "--no-clean": []}
    for _, (option, found) in itertools.product(range(rounds), seconds.items()):
        output = folder / option.strip("-")
        command = [sys.executable, "-m", "importer", "check", str(file), "--vendor", "iclosed", "--quiet", option]
        timed([*command, "--output", str(output)])
        found.append(json.loads((output / "summary.json").read_text())["seconds"]["check"])
    cleaned, plain = median(seconds["--clean"]), median(seconds["--no-clean"])
    print(
        f"{rows:>10,} rows  cleaning adds {cleaned - plain:5.2f} s to {plain:5.2f} s of checking ({cleaned / plain:4.2f} x)"
    )


def workbook(folder: Path, rows: int) -> None:
    """Reading a sheet, beside calamine alone."""
    path = folder / "sheet.xlsx"
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet, padded = book.add_worksheet(), book.add_format({"num_format": "00000"})
    sheet.write_row(0, 0, HEADER.strip().split(","))
    for row in range(1, rows + 1):
        sheet.write_row(row, 0, [f"Jane{row % 1000}", f"Doe{row % 777}", f"user{row}@example.com", 15550000000 + row])
        sheet.write_number(row, 4, row % 99_999, padded)
        sheet.write_row(row, 5, ["lead-2026", "2024-01-15", "Product Demo", "utm", "US", row % 2 == 0, row / 4, "x"])
    book.close()
    alone = "import fastexcel, sys; fastexcel.read_excel(sys.argv[1]).load_sheet(0, header_row=None, dtypes='string')"
    ours = (
        "import sys; from pathlib import Path; from importer.reading import read_table; from importer.settings import "
        "Settings; sum(batch.frame.height for batch in read_table(Path(sys.argv[1]), Settings('iclosed')).batches())"
    )
    found = {
        name: timed([sys.executable, "-c", code, str(path)]) for name, code in (("calamine", alone), ("ours", ours))
    }
    for name, (seconds, memory) in found.items():
        ratio = seconds / found["calamine"][0]
        print(f"{rows:>10,} rows  sheet read by {name:<12} {seconds:7.2f} s  {memory:6.0f} MB  {ratio:5.2f} x")


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


def limits(folder: Path, rows: int) -> None:
    """Imports against limits of 20 requests a second, of each kind, with and without Retry-After; all at once."""
    file = make_csv(folder / "limited.csv", rows, bad=0)
    with contextlib.ExitStack() as open_sandboxes:
        running_now = []
        for limiter, tells in itertools.product(LIMITERS, (False, True)):
            name = f"{limiter}, {'Retry-After in seconds' if tells else 'nothing said'}"
            app = build_app(latency=0.05, faults=[Fault("429", rate=20.0, limiter=limiter, tells=tells)])
            address = open_sandboxes.enter_context(running(app))
            output = folder / f"limited-{limiter}-{tells}"
            command = [sys.executable, "-m", "importer", "run", str(file), "--vendor", "iclosed", "--quiet"]
            command += [
                "--base-url",
                f"{address}/iclosed",
                "--output",
                str(output),
                "--state-dir",
                str(output / "state"),
            ]
            process = subprocess.Popen(command, env={**os.environ, "ICLOSED_API_KEY": "iclosed-benchmark"})
            running_now.append((name, output, process))
        for name, output, process in running_now:
            process.wait()
            summary = json.loads((output / "summary.json").read_text())
            sent, throttled = summary["requests"]["sent"], summary["requests"]["throttled"]
            rate = rows / summary["seconds"]["send"]
            print(
                f"{rows:>10,} rows  20/s by {name:<32} {rate:5.2f}/s  {throttled / sent:6.2%} of requests answered 429"
            )


def old_journal(folder: Path, rows: int, deliveries: int) -> None:
    """The same import into a new journal and into one that holds many deliveries, in turn, at zero latency."""
    key = "iclosed-benchmark"
    with running(build_app()) as address:
        base = f"{address}/iclosed"
        fill(folder / "old", deliveries, base, key)
        for turn in range(2):
            for name, state in (("a new journal", folder / f"new{turn}"), (f"one of {deliveries:,}", folder / "old")):
                file = make_csv(folder / "fresh.csv", rows, bad=0, mark=f"{turn}-{state.name}")
                output = folder / f"out-{turn}-{state.name}"
                command = [sys.executable, "-m", "importer", "run", str(file), "--vendor", "iclosed", "--quiet"]
                command += ["--rate", "100000/s", "--concurrency", "32", "--base-url", base]
                seconds, _ = timed([*command, "--output", str(output), "--state-dir", str(state)], ICLOSED_API_KEY=key)
                sending = json.loads((output / "summary.json").read_text())["seconds"]["send"]
                print(
                    f"{rows:>10,} rows  into {name:<21} {rows / seconds:7,.0f} rows/s, {rows / sending:7,.0f} while sending"
                )


def main() -> None:
    """Run them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small files, once")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the checked file")
    parser.add_argument("--limits", action="store_true", help="runs against rate limits, too: a minute")
    parser.add_argument(
        "--old-journal", type=int, default=0, metavar="N", help="runs into a journal of N deliveries, too"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check(folder, 5_000 if chosen.quick else chosen.rows, 1 if chosen.quick else 3)
        cleaning(folder, 5_000 if chosen.quick else chosen.rows, 1 if chosen.quick else 3)
        workbook(folder, 1_000 if chosen.quick else 100_000)
        run(folder, 100 if chosen.quick else 2_000, 0.05, 32)
        if chosen.limits:
            limits(folder, 1_000)
        if chosen.quick or chosen.old_journal:
            old_journal(folder, 100 if chosen.quick else 20_000, chosen.old_journal or 1_000)


if __name__ == "__main__":
    main()
