"""Serve the web app until the process is told to stop; running tasks are then stopped in order."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from importer.drafts.saved_mappings import SavedMappings
from importer.drafts.store import DraftStore
from importer.errors import SettingsError
from importer.files import owner_only_umask
from importer.reading.workbook_process import keep_spare_server
from importer.run_store.run_folder import state_folder
from importer.web.authentication import Authenticator, ServerAddress
from importer.web.credentials import Credentials
from importer.web.routes import build_app
from importer.web.services import WebServices
from importer.web.unfinished_runs import UnfinishedRuns

GRACE_SECONDS = 3
HEAD_SECONDS = 10  # in which the head of a request must be complete
MAX_CONNECTIONS = 200
UNFINISHED_UPLOAD_SECONDS = 24 * 3600  # after which an upload that never ended is deleted
MIN_PASSWORD_LENGTH = 8


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises SettingsError when it cannot listen on this host and port."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        family = socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise SettingsError(f"--port {port}: cannot be used on {host} ({error.strerror}); name another one") from error
    return listener


def make_services(
    address: ServerAddress, state_dir: Path | None, config: Path | None, password: str | None
) -> WebServices:
    """Create the services of the web app. Raises SettingsError when importer.toml cannot be read."""
    folder = state_folder(state_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"--state-dir {folder}: cannot be made ({error.strerror})") from error
    drafts = DraftStore(folder)
    drafts.sweep(time.time() - UNFINISHED_UPLOAD_SECONDS)
    return WebServices(
        folder,
        Authenticator(address, password, state_dir=folder),
        Credentials(config, folder),
        drafts,
        SavedMappings(folder),
        UnfinishedRuns(folder),
    )


def read_password(file: Path) -> str:
    """Return the password in a file. Raises SettingsError when it is missing, too short, or readable by others."""
    try:
        if os.name == "posix" and file.stat().st_mode & 0o044:
            raise SettingsError(f"--password-file {file}: others on this machine can read it; chmod 600 {file}")
        password = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--password-file {file}: cannot be read ({error})") from error
    if len(password) < MIN_PASSWORD_LENGTH:
        raise SettingsError(f"--password-file {file}: needs at least {MIN_PASSWORD_LENGTH} characters")
    return password


def serve(services: WebServices, listener: socket.socket) -> None:
    """Serve the web app until Ctrl-C or SIGTERM."""
    keep_spare_server()
    with owner_only_umask():
        _Server(services).run(sockets=[listener])


def open_browser(address: str) -> None:
    """Open an address in the default browser, unless there is no display."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


class _Connection(H11Protocol):
    """A connection that is closed when the head of a request has not arrived in time."""

    _deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first head."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            _log(f"more than {MAX_CONNECTIONS} connections are open; one from {_who(self.client)} was closed")
            transport.close()
            return
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Read; once a head is complete, the time limits of the request itself apply."""
        super().data_received(data)
        is_waiting = self.cycle is None or self.cycle.response_complete
        if is_waiting and self._deadline is None:
            self._deadline = self.loop.call_later(HEAD_SECONDS, self._give_up)
        elif not is_waiting:
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        _log(f"no complete request came from {_who(self.client)} in {HEAD_SECONDS} s; its connection was closed")
        self.transport.close()


def _who(client: tuple[str, int] | None) -> str:
    return client[0] if client else "an unknown address"


def _log(text: str) -> None:
    logging.getLogger("uvicorn.error").error(text)


class _Server(uvicorn.Server):
    """Ends the streams of events on a signal to exit; uvicorn waits for open responses, and these never end."""

    def __init__(self, services: WebServices) -> None:
        super().__init__(
            uvicorn.Config(
                build_app(services),
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
                http=_Connection,
            )
        )
        self._services = services

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Exit on SIGHUP, too, as on Ctrl-C, unless nohup ignores it."""
        with super().capture_signals():
            hang_up = getattr(signal, "SIGHUP", None)
            is_main = threading.current_thread() is threading.main_thread()
            if hang_up is None or not is_main or signal.getsignal(hang_up) is signal.SIG_IGN:
                yield
                return
            before = signal.signal(hang_up, self.handle_exit)
            try:
                yield
            finally:
                signal.signal(hang_up, before)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the streams of events, then exit as uvicorn does."""
        self._services.is_closing = True
        super().handle_exit(sig, frame)
