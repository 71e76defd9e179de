"""Serves the page until the process is told to stop; what is at work then is stopped in order."""

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
from importer.web.authentication import Access, Place
from importer.web.credentials import Credentials
from importer.web.routes import build_app
from importer.web.services import WebServices

GRACE_SECONDS = 3
STRAY_SECONDS = 24 * 3600
"""After which an upload that never ended is deleted."""
SHORTEST_PASSWORD = 8


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingsError when host or port cannot be had."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        family = socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(128)
    except OSError as error:
        taken.close()
        raise SettingsError(f"--port {port}: cannot be used on {host} ({error.strerror}); name another one") from error
    return taken


def make_services(place: Place, state_dir: Path | None, config: Path | None, password: str | None) -> WebServices:
    """What the pages work with. Raises SettingsError when importer.toml cannot be read."""
    folder = state_folder(state_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"--state-dir {folder}: cannot be made ({error.strerror})") from error
    drafts = DraftStore(folder)
    drafts.sweep(time.time() - STRAY_SECONDS)
    return WebServices(folder, Access(place, password), Credentials(config, folder), drafts, SavedMappings(folder))


def read_password(file: Path) -> str:
    """The password in a file. Raises SettingsError when it is not there, too short, or open to others."""
    try:
        if os.name == "posix" and file.stat().st_mode & 0o044:
            raise SettingsError(f"--password-file {file}: others on this machine can read it; chmod 600 {file}")
        password = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--password-file {file}: cannot be read ({error})") from error
    if len(password) < SHORTEST_PASSWORD:
        raise SettingsError(f"--password-file {file}: needs at least {SHORTEST_PASSWORD} characters")
    return password


def serve(desk: WebServices, listening: socket.socket) -> None:
    """Serve until Ctrl-C or SIGTERM."""
    with owner_only_umask():
        _Server(desk).run(sockets=[listening])


def open_browser(address: str) -> None:
    """Open the address, where there is a screen to open it on."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return
    threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()


class _Server(uvicorn.Server):
    """Ends what waits for news as soon as the process is told to stop: it would wait for ever."""

    def __init__(self, desk: WebServices) -> None:
        super().__init__(
            uvicorn.Config(
                build_app(desk),
                log_level="error",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        self._desk = desk

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """As uvicorn does."""
        self._desk.closing = True
        super().handle_exit(sig, frame)
