"""Connections that ask for nothing, or are too many, keep nobody else from the web app."""

from __future__ import annotations

import signal
import socket
import time
from contextlib import ExitStack, suppress

import pytest

from importer.web.server import HEAD_SECONDS, MAX_CONNECTIONS
from tests.web.steps import WebServer


def connect(served: WebServer) -> socket.socket:
    host, _, port = served.address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)), timeout=HEAD_SECONDS + 10)


def ask(served: WebServer) -> bytes:
    with connect(served) as asking:
        asking.sendall(b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return asking.recv(12)


def test_a_head_that_does_not_come_ends_the_connection(served: WebServer) -> None:
    begun = time.monotonic()
    with connect(served) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert slow.recv(1) == b""

    assert HEAD_SECONDS - 2 < time.monotonic() - begun < HEAD_SECONDS + 5
    assert ask(served).startswith(b"HTTP/1.1 ")


def test_too_many_connections_are_closed_and_the_others_are_served(served: WebServer) -> None:
    with ExitStack() as stack:
        opened = [stack.enter_context(connect(served)) for _ in range(MAX_CONNECTIONS + 20)]
        opened[-1].settimeout(5)
        with suppress(ConnectionError):
            assert opened[-1].recv(1) == b""
        opened[0].sendall(b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert opened[0].recv(12).startswith(b"HTTP/1.1 ")

    assert ask(served).startswith(b"HTTP/1.1 ")


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signal")
def test_a_lost_connection_ends_the_server_in_order(served: WebServer) -> None:
    served.process.send_signal(signal.SIGHUP)

    assert served.process.wait(30) == 0
