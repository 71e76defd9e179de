"""Asks a vendor about many rows, one after the other, at the contract's own pace."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from importer.sending.http_client import Client
from importer.sending.lookup import Finding, Found, Question, address, judge_lookup
from importer.sending.rate_controller import Pace
from importer.sending.retry_after import seconds_to_wait
from importer.sending.target import Target
from schemas.contract import Operation, Vendor

TRIES = 5
LONGEST_WAIT = 60.0


def ask(
    questions: Iterable[Question], *, vendor: Vendor, operation: Operation, target: Target, timeout: float
) -> dict[int, Finding]:
    """What the vendor has of each row, by row. Never raises for what a network or a vendor can do."""

    async def session() -> dict[int, Finding]:
        pace = Pace(vendor.pace.rate, fixed=True)
        async with Client(target, "GET", timeout=timeout, connections=1) as client:
            return {question.row: await _look(client, pace, operation, question) for question in questions}

    return asyncio.run(session())


async def _look(client: Client, pace: Pace, operation: Operation, question: Question) -> Finding:
    path = address(operation.lookup, question.values) if operation.lookup else None
    if path is None:
        return Finding(Found.UNSURE, message="the row has nothing to ask the vendor with")
    loop = asyncio.get_running_loop()
    for _ in range(TRIES):
        await asyncio.sleep(pace.delay(loop.time()))
        exchange = await client.send(path, b"", lambda _: None)
        if exchange.status != 429:
            break
        wait = seconds_to_wait(exchange.headers, None, (), time.time())
        pace.refused(loop.time(), loop.time(), min(wait or 1.0, LONGEST_WAIT))
    content = exchange.body if exchange.failure is None else b""
    return judge_lookup(exchange.status, content, operation, question)
