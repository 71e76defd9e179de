"""httpx.AsyncClient sends a file, 64 requests at once by a semaphore: FILE FOLDER ADDRESS.

Does: send each row once and read the contact's id. Does not: check, keep a journal, limit its rate, try again, report.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import httpx

from tests.benchmarks.contenders.bodies import HEADERS, PATH, bodies_of
from tests.benchmarks.contenders.report import write_report

AT_ONCE = 64


async def send_all(bodies: list[dict[str, str]], address: str) -> list[int]:
    """The ids, in the order of the rows."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=address, headers=HEADERS, timeout=30) as client:

        async def send(body: dict[str, str]) -> int:
            async with turns:
                answer = await client.post(PATH, json=body)
            return int(answer.raise_for_status().json()["data"]["contact"]["id"])

        return await asyncio.gather(*(send(body) for body in bodies))


def main() -> None:
    """Read and send."""
    begun = time.perf_counter()
    bodies = bodies_of(Path(sys.argv[1]))
    sending = time.perf_counter()
    made = asyncio.run(send_all(bodies, sys.argv[3]))
    write_report(Path(sys.argv[2]), begun, created=len(set(made)), send=time.perf_counter() - sending)


main()
