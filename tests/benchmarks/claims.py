"""``python -m tests.benchmarks.claims --rows 1000000 --senders 4``: rows claimed and settled through a journal.

Each sender is a process that settles 32 rows and claims the next 32 in one transaction, as fast as it can, without
sending anything. For PostgreSQL it starts a private cluster, with fsync.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from importer.journal import Claim, RunRecord, Settlement, State, WriteBatch, open_journal
from importer.journal_location import KEY_ENVIRONMENT, URL_ENVIRONMENT
from importer.model.delivery import Delivery, Evidence

GROUP = 32


def send(folder: str, name: str, rows: int, ended: multiprocessing.SimpleQueue[list[float]]) -> None:
    """Claim and settle so many rows; report the seconds of each transaction."""
    journal = open_journal(Path(folder) / "state")
    run = RunRecord(name, "f.csv", name, "v", "create", "https://vendor.example.com#key", "c", "o", started=1.0)
    journal.start_run(run)
    seconds: list[float] = []
    claimed: list[Delivery] = []
    for start in range(0, rows, GROUP):
        wanted = [_delivery(name, row) for row in range(start, min(start + GROUP, rows))]
        settled = [(entry, Settlement(State.CONFIRMED, Evidence(f"{entry.row}", 201, 1))) for entry in claimed]
        begun = time.perf_counter()
        answers = journal.commit_batch(run, WriteBatch(settlements=settled, claims=wanted))
        seconds.append(time.perf_counter() - begun)
        assert all(answer.claim is Claim.GRANTED for answer in answers)
        claimed = wanted
    journal.close()
    ended.put(seconds)


def _delivery(name: str, row: int) -> Delivery:
    digest = hashlib.blake2b(f"{name}-{row}".encode(), digest_size=16).digest()
    return Delivery(row, digest, digest[::-1], 0, "/contacts", b"")


@contextlib.contextmanager
def chosen_journal(kind: str) -> Iterator[None]:
    """A journal of this kind for a block, named by the environment."""
    if kind == "sqlite":
        yield
        return
    from importer.journal.postgres.connection import connect
    from importer.journal.postgres.digests import Digests, new_key, read_key
    from importer.journal.postgres.schema import initialize
    from tests.postgres_server import find_programs, running_server

    programs = find_programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    key = new_key()
    with running_server(programs) as server:
        with connect(server.url()) as connection:
            initialize(connection, Digests(read_key(key)))
        os.environ |= {URL_ENVIRONMENT: server.url(), KEY_ENVIRONMENT: key}
        yield


def main() -> None:
    """Run the senders, and print one line of the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.claims", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--senders", type=int, default=4)
    parser.add_argument("--journal", choices=["sqlite", "postgres"], default="postgres")
    chosen = parser.parse_args()
    processes = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="claims-") as folder, chosen_journal(chosen.journal):
        open_journal(Path(folder) / "state").close()
        ended: multiprocessing.SimpleQueue[list[float]] = processes.SimpleQueue()
        share = chosen.rows // chosen.senders
        senders = [processes.Process(target=send, args=(folder, f"s{n}", share, ended)) for n in range(chosen.senders)]
        begun = time.perf_counter()
        for sender in senders:
            sender.start()
        seconds = [entry for _ in senders for entry in ended.get()]
        took = time.perf_counter() - begun
        for sender in senders:
            sender.join()
    print(
        "| journal | senders | rows | rows/s | commits/s | ms a commit: median, 95 of 100, longest |\n|---|---|---|---|---|---|"
    )
    print(
        f"| {chosen.journal} | {chosen.senders} | {chosen.rows:,} | {chosen.rows / took:,.0f} | {len(seconds) / took:.0f} "
        f"| {1e3 * median(seconds):.0f}, {1e3 * quantiles(seconds, n=20)[-1]:.0f}, {1e3 * max(seconds):,.0f} |"
    )


if __name__ == "__main__":
    main()
