"""A vendor on a raw socket, which answers exactly the bytes that a test wants."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

GOOD = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n"
Reply = Callable[[bytes, dict[str, Any]], bytes]


class RawVendor:
    """Answers each request on a connection of its own; ``heads`` and ``bodies`` are what it was sent."""

    def __init__(self, reply: Reply) -> None:
        self.heads: list[bytes] = []
        self.bodies: list[dict[str, Any]] = []
        self._reply = reply
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            data = b""
            while b"\r\n\r\n" not in data:
                piece = connection.recv(65536)
                if not piece:
                    return
                data += piece
            head, _, body = data.partition(b"\r\n\r\n")
            size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            while len(body) < size:
                body += connection.recv(65536)
            self.heads.append(head)
            self.bodies.append(json.loads(body or b"{}"))
            connection.sendall(self._reply(head, self.bodies[-1]))

    def close(self) -> None:
        self._listening.close()


def created(contact: object) -> bytes:
    """The answer of iClosed to a new contact."""
    body = json.dumps({"data": {"contact": {"id": contact}}}).encode()
    return GOOD + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body


def answer(status: int, body: bytes = b"", *headers: str) -> bytes:
    """Any answer, with a length."""
    lines = "".join(f"{header}\r\n" for header in (*headers, f"Content-Length: {len(body)}", "Connection: close"))
    return f"HTTP/1.1 {status} X\r\n{lines}\r\n".encode("latin-1") + body


@pytest.fixture
def raw_vendor() -> Iterator[Callable[[Reply], RawVendor]]:
    """Starts vendors that answer what a function returns for the head and the body of a request."""
    vendors: list[RawVendor] = []

    def start(reply: Reply) -> RawVendor:
        vendors.append(RawVendor(reply))
        return vendors[-1]

    yield start
    for vendor in vendors:
        vendor.close()


@pytest.fixture
def answers() -> tuple[Callable[[object], bytes], Callable[..., bytes]]:
    """``created`` and ``answer``."""
    return created, answer
