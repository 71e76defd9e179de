"""A vendor that takes every contact and costs next to nothing: as much HTTP/1.1 as its callers speak, and a count.

``python -m tests.benchmarks.lean_server SECONDS_OF_LATENCY`` prints its port. Every POST is answered 201 with the id
of a new contact; ``GET /_seen`` tells what was counted since ``GET /_fresh``.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import time

LENGTH = re.compile(rb"(?i)\r\ncontent-length: *(\d+)")
HEAD = b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


class Tally:
    """How many contacts were taken, when the first of them came, and what processor time it took."""

    def __init__(self) -> None:
        self.ids = itertools.count(1)
        self.fresh()

    def fresh(self) -> None:
        """Begin to count anew."""
        self.taken, self.first, self.spent = 0, 0.0, time.process_time()

    def take(self) -> bytes:
        """Count one; its answer."""
        self.taken += 1
        if not self.first:
            self.first = time.time()
        body = b'{"data":{"contact":{"id":%d}}}' % next(self.ids)
        return HEAD % (b"201 Created", len(body), body)

    def tell(self, path: bytes) -> bytes:
        """What was counted."""
        if path == b"/_fresh":
            self.fresh()
        told = {"requests": self.taken, "first": self.first, "server": time.process_time() - self.spent}
        body = json.dumps(told).encode()
        return HEAD % (b"200 OK", len(body), body)


class Connection(asyncio.Protocol):
    """One caller's connection, kept alive."""

    def __init__(self, tally: Tally, latency: float) -> None:
        self._tally = tally
        self._latency = latency
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        held = self._held + data if self._held else data
        while (end := held.find(b"\r\n\r\n")) >= 0:
            length = LENGTH.search(held, 0, end)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(held) < whole:
                break
            self._answer(held[: held.find(b"\r\n")])
            held = held[whole:]
        self._held = held

    def _answer(self, line: bytes) -> None:
        if not line.startswith(b"POST"):
            self._transport.write(self._tally.tell(line.split(b" ")[1]))
        elif self._latency:
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, self._tally.take())
        else:
            self._transport.write(self._tally.take())


async def serve(latency: float) -> None:
    """Serve until killed, or until whoever started it has gone."""
    tally, loop = Tally(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(tally, latency), "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
