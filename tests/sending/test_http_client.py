"""The HTTP client tells truly what happened to a request, against servers that misbehave on real sockets."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import trustme

from importer.sending.http_client import Client, Exchange, Failure
from importer.sending.target import Target

CREATED = b'{"id":"7"}'
OK = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n" + CREATED
Behaviour = Callable[[socket.socket, "Server"], None]


class Server:
    """Accepts connections and does with each what its behaviour says; counts the requests it read whole."""

    def __init__(self, behaviour: Behaviour, context: ssl.SSLContext | None = None) -> None:
        self.applied: list[bytes] = []
        self._behaviour = behaviour
        self._context = context
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            self._behaviour(connection, self)
        except OSError:
            pass
        finally:
            connection.close()

    def read(self, connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return b""
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        while len(body) < size:
            body += connection.recv(65536)
        self.applied.append(head)
        return head

    def close(self) -> None:
        self._listening.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(behaviour: Behaviour, context: ssl.SSLContext | None = None) -> Server:
        servers.append(Server(behaviour, context))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def post(url: str, *, timeout: float = 2.0, times: int = 1, pause: float = 0.0) -> list[Exchange]:
    async def send() -> list[Exchange]:
        found = []
        async with Client(Target(url, {"x-api-key": "k"}, url), "POST", timeout=timeout, connections=4) as client:
            for number in range(times):
                if number:
                    await asyncio.sleep(pause)
                found.append(await client.send("/contacts", b'{"a":1}', seen.append))
        return found

    seen: list[int] = []
    return asyncio.run(send())


def closes_on_accept(_connection: socket.socket, _server: Server) -> None:
    return


def closes_after_headers(connection: socket.socket, _server: Server) -> None:
    connection.recv(10)


def applies_then_closes(connection: socket.socket, server: Server) -> None:
    server.read(connection)


def applies_then_resets(connection: socket.socket, server: Server) -> None:
    server.read(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def applies_then_hangs(connection: socket.socket, server: Server) -> None:
    server.read(connection)
    time.sleep(3)


def cuts_the_body_off(connection: socket.socket, server: Server) -> None:
    server.read(connection)
    connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 99\r\n\r\n" + CREATED)


def cuts_the_headers_off(connection: socket.socket, server: Server) -> None:
    server.read(connection)
    connection.sendall(b"HTTP/1.1 201 Crea")


def answers(connection: socket.socket, server: Server) -> None:
    while server.read(connection):
        connection.sendall(OK)


def answers_once_then_closes_when_idle(connection: socket.socket, server: Server) -> None:
    server.read(connection)
    connection.sendall(OK)
    time.sleep(0.2)


@pytest.mark.parametrize(
    ("behaviour", "failure", "applied"),
    [
        (closes_on_accept, Failure.UNKNOWN, 0),
        (closes_after_headers, Failure.UNKNOWN, 0),
        (applies_then_closes, Failure.UNKNOWN, 1),
        (applies_then_resets, Failure.UNKNOWN, 1),
        (applies_then_hangs, Failure.UNKNOWN, 1),
        (cuts_the_headers_off, Failure.UNKNOWN, 1),
        (cuts_the_body_off, Failure.CUT_OFF, 1),
    ],
)
def test_a_request_that_may_have_been_applied_is_never_called_not_sent(
    serve: Callable[..., Server], behaviour: Behaviour, failure: Failure, applied: int
) -> None:
    server = serve(behaviour)

    (exchange,) = post(f"http://127.0.0.1:{server.port}", timeout=1.0)

    assert exchange.failure is failure
    assert len(server.applied) == applied


def test_the_status_line_is_known_when_the_body_is_cut_off(serve: Callable[..., Server]) -> None:
    server = serve(cuts_the_body_off)

    (exchange,) = post(f"http://127.0.0.1:{server.port}")

    assert exchange.status == 201


def test_a_closed_port_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    (exchange,) = post(f"http://127.0.0.1:{port}")

    assert exchange.failure is Failure.NOT_SENT


def test_a_name_that_does_not_resolve_is_not_sent() -> None:
    (exchange,) = post("https://nothing.invalid")

    assert exchange.failure is Failure.NOT_SENT


def test_a_failed_tls_handshake_is_not_sent(serve: Callable[..., Server]) -> None:
    server = serve(lambda connection, _server: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))

    (exchange,) = post(f"https://127.0.0.1:{server.port}")

    assert exchange.failure is Failure.NOT_SENT


def test_an_unknown_certificate_is_not_sent(serve: Callable[..., Server]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(context)
    server = serve(answers, context)

    (exchange,) = post(f"https://localhost:{server.port}")

    assert exchange.failure is Failure.NOT_SENT
    assert server.applied == []


def test_a_certificate_of_the_environments_bundle_is_trusted(
    serve: Callable[..., Server], tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    bundle = f"{tmp_path}/ca.pem"
    authority.cert_pem.write_to_path(bundle)
    monkeypatch.setenv("SSL_CERT_FILE", bundle)
    server = serve(answers, context)

    (exchange,) = post(f"https://localhost:{server.port}")

    assert (exchange.status, exchange.body) == (201, CREATED)


def test_an_idle_connection_that_the_server_closed_costs_nothing(serve: Callable[..., Server]) -> None:
    server = serve(answers_once_then_closes_when_idle)

    first, second = post(f"http://127.0.0.1:{server.port}", times=2, pause=0.6)

    assert (first.status, second.status) == (201, 201)
    assert len(server.applied) == 2


def test_connections_are_kept_for_the_next_request(serve: Callable[..., Server]) -> None:
    opened = []

    def counting(connection: socket.socket, server: Server) -> None:
        opened.append(connection)
        answers(connection, server)

    server = serve(counting)

    post(f"http://127.0.0.1:{server.port}", times=3)

    assert (len(server.applied), len(opened)) == (3, 1)


def test_a_redirect_is_not_followed(serve: Callable[..., Server]) -> None:
    elsewhere = serve(answers)
    target = f"Location: http://127.0.0.1:{elsewhere.port}/contacts\r\nContent-Length: 0\r\n\r\n"

    def redirects(connection: socket.socket, server: Server) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 307 Temporary Redirect\r\n" + target.encode())

    (exchange,) = post(f"http://127.0.0.1:{serve(redirects).port}")

    assert exchange.status == 307
    assert elsewhere.applied == []


def test_the_environments_proxy_is_used(serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(lambda connection, server: server.read(connection))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", "")

    post("https://vendor.invalid")

    assert proxy.applied[0].startswith(b"CONNECT vendor.invalid:443")
    assert b"x-api-key" not in proxy.applied[0]


def test_no_proxy_is_respected(serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = serve(answers)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.setenv("NO_PROXY", "vendor.invalid")

    (exchange,) = post("https://vendor.invalid")

    assert exchange.failure is Failure.NOT_SENT
    assert proxy.applied == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "vendor.localhost"])
def test_this_machine_is_never_reached_through_a_proxy(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    proxy, vendor = serve(answers), serve(answers)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)

    post(f"http://{host}:{vendor.port}")

    assert proxy.applied == []


def test_what_is_sent_in_the_clear_passes_no_proxy(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = serve(answers)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")

    (exchange,) = post("http://vendor.invalid")

    assert exchange.failure is Failure.NOT_SENT
    assert proxy.applied == []


def test_a_proxy_that_refuses_the_tunnel_is_not_sent(
    serve: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(connection: socket.socket, _server: Server) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{serve(refuses).port}")
    monkeypatch.setenv("NO_PROXY", "")

    (exchange,) = post("https://vendor.invalid")

    assert exchange.failure is Failure.NOT_SENT


def test_an_endless_answer_is_cut_off(serve: Callable[..., Server]) -> None:
    def endless(connection: socket.socket, server: Server) -> None:
        server.read(connection)
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 999999999\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    (exchange,) = post(f"http://127.0.0.1:{serve(endless).port}")

    assert (exchange.status, exchange.failure) == (201, Failure.CUT_OFF)
