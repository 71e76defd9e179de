"""``python -m tests.crash --kills 200``: the proof that no contact is made twice and none is lost.

Starts imports against the sandbox with faults on, disturbs them at random moments (mostly with SIGKILL, also with
SIGHUP, closed pipes, a full disk, a state folder that is moved away), resumes, disturbs again. In the end the vendor's
own memory is held against the reports. Rows that the sandbox's faults leave without an answer are reported as uncertain
besides those in doubt after a kill.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.crash.judge import Tally
from tests.crash.proof import CONCURRENCY, Proof
from tests.crash.scenarios import STEP_DOCUMENT, CreateScenario, MatchScenario, Scenario, StepScenario
from tests.crash.undone import UndoProof

FAULTS = (
    "429:rate=400/s", "apply-close:p=0.003", "apply-reset:p=0.003", "cut-body:p=0.002", "apply-500:p=0.002",
    "changed-key:p=0.002", "not-json:p=0.002", "close:p=0.003", "502:p=0.002", "redirect:p=0.001", "odd-answer:p=0.002",
    "page:p=0.001",
)  # fmt: skip


def show(tally: Tally) -> None:
    """The table."""
    doubt = tally.left_in_doubt or [0]
    print("| attacks | rows | created in the vendor | duplicates | lost | wrongly reported | uncertain rows per kill |")
    print("|---|---|---|---|---|---|---|")
    print(
        f"| {tally.kills} | {tally.rows:,} | {tally.made:,} | {tally.duplicates} | {tally.lost} | {tally.wrongly_reported} "
        f"| {sum(doubt) / len(doubt):.1f} on average, {max(doubt)} at most of {CONCURRENCY} at once |"
    )
    print("\nattacks:", ", ".join(f"{count} × {name}" for name, count in tally.attacks.most_common()))
    for complaint in tally.complaints:
        print("\nWRONG:", complaint)
    print("\nreported:", ", ".join(f"{count:,} {status}" for status, count in tally.statuses.most_common()))


def prove_for_machines(folder: Path, scenario: Scenario, chosen: argparse.Namespace) -> Tally:
    """The proof over a journal on PostgreSQL, in a cluster of its own."""
    from importer.journal.postgres.connection import connect
    from importer.journal.postgres.digests import Digests, read_key
    from importer.journal.postgres.schema import initialize
    from tests.crash.machines import KEY, MachinesProof, Plan, QueueProof
    from tests.postgres_server import find_programs, running_server

    programs = find_programs()
    if programs is None:
        sys.exit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    plan = Plan(chosen.machines, chosen.kills, chosen.server_kills, chosen.seconds)
    with running_server(programs) as server:
        with connect(server.url()) as connection:
            initialize(connection, Digests(read_key(KEY)))
        if chosen.queue:
            from importer.automation.queue import prepare_queue

            prepare_queue(server.url())
        proof = (QueueProof if chosen.queue else MachinesProof)(folder, scenario, server, plan, chosen.seed)
        tally = proof.run()
        tally.complaints += proof.complaints()
    return tally


def main() -> None:
    """Run the proof, print the table, end with 1 when anything is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--rows", type=int, default=4000, help="rows of each file")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=86_400, help="no further attack after that")
    parser.add_argument("--journal", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--machines", type=int, default=2, help="with --journal postgres")
    parser.add_argument("--server-kills", type=int, default=0, help="with --journal postgres")
    parser.add_argument("--match", choices=["create", "update-existing"], default="create", help="not with --queue")
    parser.add_argument("--undo", action="store_true", help="imports are undone; with --journal sqlite")
    parser.add_argument("--then", action="store_true", help="each contact is tagged in a second step")
    parser.add_argument("--queue", action="store_true", help="with --journal postgres: the machines are workers")
    chosen = parser.parse_args()
    words = [sys.executable, "-m", "importer", "sandbox", "--port", "0", "--latency", "5ms", "--seed", str(chosen.seed)]
    for fault in FAULTS:
        words += ["--fault", fault]
    for vendor in ("iclosed", "clemta", str(STEP_DOCUMENT)):
        words += ["--vendor", vendor]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as server,
    ):
        try:
            assert server.stdout is not None
            line = next(line for line in server.stdout if line.startswith("contacts"))
            address = line.split()[1].removesuffix("/_contacts")
            kind = MatchScenario if chosen.match == "update-existing" else CreateScenario
            scenario = (StepScenario if chosen.then else kind)(address, chosen.rows)
            if chosen.journal == "postgres":
                tally = prove_for_machines(Path(name), scenario, chosen)
            else:
                proof = UndoProof if chosen.undo else Proof
                tally = proof(Path(name), scenario, chosen.kills, chosen.seed, chosen.seconds).run()
        finally:
            server.terminate()
    show(tally)
    wrong = (
        tally.complaints
        or tally.duplicates
        or tally.lost
        or tally.wrongly_reported
        or max(tally.left_in_doubt, default=0) > CONCURRENCY
    )
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
