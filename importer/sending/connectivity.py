"""Checks that a vendor's host answers, and how far its clock is from ours. Creates nothing and sends no key."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from importer.sending.http_client import Client, Exchange
from importer.sending.target import Target

TIMEOUT_SECONDS = 10.0
LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class Reachability:
    """The answer to one request: the text of a failure, or the seconds that the host's clock is ahead, if it says."""

    failure: str = ""
    ahead: float | None = None


def probe_host(target: Target) -> Reachability:
    """Request the address's headers, as a run would but without the key. Any answer proves that it can be reached."""
    exchange = asyncio.run(_probe(Target(target.base_url, {}, target.name, ca_file=target.ca_file)))
    if exchange.status is None:
        return Reachability(failure=exchange.detail[:LONGEST_MESSAGE])
    try:
        return Reachability(ahead=parsedate_to_datetime(exchange.headers["date"]).timestamp() - time.time())
    except (KeyError, ValueError, TypeError, OverflowError):
        return Reachability()


async def _probe(target: Target) -> Exchange:
    async with Client(target, "HEAD", timeout=TIMEOUT_SECONDS, connections=1) as client:
        return await client.send("", b"", lambda _: None)
