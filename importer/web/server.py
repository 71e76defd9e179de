"""Serve the web app until the process is told to stop; running tasks are then stopped in order."""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import threading
import time
import webbrowser
from pathlib import Path
from types import FrameType

import uvicorn

from importer.drafts.saved_mappings import SavedMappings
from importer.drafts.store import DraftStore
from importer.errors import SettingsError
from importer.files import owner_only_umask
from importer.run_store.run_folder import state_folder
from importer.web.authentication import Authenticator, ServerAddress
from importer.web.credentials import Credentials
from importer.web.routes import build_app
from importer.web.services import WebServices

GRACE_SECONDS = 3
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
        folder, Authenticator(address, password), Credentials(config, folder), drafts, SavedMappings(folder)
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
    with owner_only_umask():
        _Server(services).run(sockets=[listener])


def open_browser(address: str) -> None:
    """Open an address in the default browser, unless there is no display."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


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
            )
        )
        self._services = services

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the streams of events, then exit as uvicorn does."""
        self._services.is_closing = True
        super().handle_exit(sig, frame)
