"""Looks up many rows at a vendor, one after the other, at the contract's own rate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

from importer.sending.http_client import Client
from importer.sending.lookup import Found, LookupResult, Question, judge_lookup, lookup_url
from importer.sending.rate_controller import RateController
from importer.sending.retry_after import seconds_to_wait
from importer.sending.target import Target
from schemas.contract import Operation, Vendor

MOST_TRIES = 5
DEFAULT_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 1.0, 60.0


def ask(
    questions: Iterable[Question], *, vendor: Vendor, operation: Operation, target: Target, timeout: float
) -> dict[int, LookupResult]:
    """Return what the vendor has of each row, by row. Never raises for anything a network or a vendor can do."""

    async def session() -> dict[int, LookupResult]:
        rate = RateController(vendor.pace.rate, fixed=True)
        async with Client(target, "GET", timeout=timeout, connections=1) as client:
            return {question.row: await _look_up(client, rate, operation, question) for question in questions}

    return asyncio.run(session())


async def _look_up(client: Client, rate: RateController, operation: Operation, question: Question) -> LookupResult:
    path = lookup_url(operation.lookup, question.values) if operation.lookup else None
    if path is None:
        return LookupResult(Found.UNSURE, message="the row has nothing to ask the vendor with")
    loop = asyncio.get_running_loop()
    for _ in range(MOST_TRIES):
        await asyncio.sleep(rate.delay(loop.time()))
        exchange = await client.send(path, b"", lambda _: None)
        if exchange.status != 429:
            break
        wait = seconds_to_wait(exchange.headers, None, (), time.time())
        rate.refused(loop.time(), loop.time(), min(wait or DEFAULT_WAIT_SECONDS, LONGEST_WAIT_SECONDS))
    content = exchange.body if exchange.failure is None else b""
    return judge_lookup(exchange.status, content, operation, question)
