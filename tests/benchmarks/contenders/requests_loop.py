"""requests sends a file row by row, in one session: FILE FOLDER ADDRESS.

Does: send each row once and read the contact's id. Does not: check, keep a journal, limit its rate, try again, report.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import requests

from tests.benchmarks.contenders.bodies import HEADERS, PATH, bodies_of
from tests.benchmarks.contenders.report import write_report


def main() -> None:
    """Read and send."""
    begun = time.perf_counter()
    bodies = bodies_of(Path(sys.argv[1]))
    sending = time.perf_counter()
    made = set()
    with requests.Session() as session:
        session.headers.update(HEADERS)
        for body in bodies:
            answer = session.post(sys.argv[3] + PATH, json=body, timeout=30)
            answer.raise_for_status()
            made.add(answer.json()["data"]["contact"]["id"])
    write_report(Path(sys.argv[2]), begun, created=len(made), send=time.perf_counter() - sending)


main()
