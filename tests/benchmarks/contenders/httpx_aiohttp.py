"""httpx over aiohttp's transport sends a file with 64 workers: FILE FOLDER ADDRESS. The limit of what ours can reach.

Does: send each row once and read the contact's id. Does not: check, keep a journal, limit its rate, try again, report.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
from httpx_aiohttp import AiohttpTransport

from tests.benchmarks.contenders.bodies import HEADERS, PATH, bodies_of
from tests.benchmarks.contenders.report import write_report

AT_ONCE = 64


async def send_all(bodies: Iterator[dict[str, str]], address: str) -> list[int]:
    """The ids."""
    made: list[int] = []
    transport = AiohttpTransport(
        limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE), verify=False
    )
    async with httpx.AsyncClient(base_url=address, headers=HEADERS, timeout=30, transport=transport) as client:

        async def work() -> None:
            for body in bodies:
                answer = await client.post(PATH, json=body)
                made.append(int(answer.raise_for_status().json()["data"]["contact"]["id"]))

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return made


def main() -> None:
    """Read and send."""
    begun = time.perf_counter()
    bodies = bodies_of(Path(sys.argv[1]))
    sending = time.perf_counter()
    made = asyncio.run(send_all(iter(bodies), sys.argv[3]))
    write_report(Path(sys.argv[2]), begun, created=len(set(made)), send=time.perf_counter() - sending)


main()
