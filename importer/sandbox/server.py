"""Runs the sandbox, in the foreground for ``contact-importer sandbox`` or in a thread beside an import."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn

from importer.errors import SettingsError
from importer.sandbox.faults import App

HOST = "127.0.0.1"
BACKLOG = 2048
STOP_SECONDS = 10


def listen(port: int) -> socket.socket:
    """Return a listening socket on loopback. Raises SettingsError when the port is taken."""
    # Declared as TCP, so that asyncio turns Nagle's algorithm off: it would add 40 ms to every answer.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise SettingsError(f"--port {port}: cannot be used ({error.strerror}); name another one") from error
    listening.listen(BACKLOG)
    return listening


def serve(app: App, listening: socket.socket) -> None:
    """Serve until the process gets a signal to stop."""
    _server(app).run(sockets=[listening])


@contextlib.contextmanager
def running(app: App) -> Iterator[str]:
    """Serve in a thread while the block runs, and yield the sandbox's base URL."""
    listening = listen(0)
    server = _server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="sandbox", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=STOP_SECONDS)
        listening.close()


def _server(app: App) -> uvicorn.Server:
    config = uvicorn.Config(app, log_level="error", access_log=False, timeout_keep_alive=5, lifespan="off")
    return uvicorn.Server(config)
