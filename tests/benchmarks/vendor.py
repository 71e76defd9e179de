"""The lean server as a process beside the contenders: starting it, asking it, and how much it can serve."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from tests.benchmarks.measure import ROOT, module

CALLERS = 64
REQUEST = b"POST /v1/contacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"


class Vendor:
    """A running lean server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    def fresh(self) -> None:
        """Have it count anew."""
        self._ask("/_fresh")

    def seen(self) -> dict[str, Any]:
        """What it counted: ``requests``, ``first`` (when), ``server`` (seconds of its processor time)."""
        return self._ask("/_seen")

    def since(self) -> dict[str, Any]:
        """What it counted since it was asked last."""
        seen = self.seen()
        self.fresh()
        return seen

    def _ask(self, path: str) -> dict[str, Any]:
        caller = http.client.HTTPConnection("127.0.0.1", self.port)  # asks no proxy
        caller.request("GET", path)
        told: dict[str, Any] = json.load(caller.getresponse())
        caller.close()
        return told


@contextlib.contextmanager
def vendor(latency: float = 0.0) -> Iterator[Vendor]:
    """A lean server of its own process, for as long as the block lasts."""
    command = module("lean_server", latency)
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        yield Vendor(int(process.stdout.readline()))
    finally:
        process.kill()
        process.communicate()


def capacity(port: int, seconds: float) -> float:
    """Requests a second that it serves to 64 callers who do nothing but ask."""
    body = b"x" * 400
    request = REQUEST % (len(body), body)
    callers = [socket.create_connection(("127.0.0.1", port)) for _ in range(CALLERS)]
    answered, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < seconds:
        for caller in callers:
            caller.sendall(request)
        for caller in callers:
            caller.recv(4096)
        answered += CALLERS
    took = time.perf_counter() - begun
    for caller in callers:
        caller.close()
    return answered / took


if __name__ == "__main__":
    with vendor() as running:
        print(f"{capacity(running.port, float(sys.argv[1])):,.0f} requests a second")
