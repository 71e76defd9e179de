"""Authentication: a browser logs in once, by the one-time token of the printed link or by the password.

A session outlives a restart of the program: its cookie is checked against a signature in the state folder. Starlette's
SessionMiddleware is not used, because its cookie stays valid after a logout. Here a logout ends a session, and so does
another password.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from importer.files import write_atomic
from importer.web.origin import DEFAULT_PORTS, is_ip_address, is_loopback, split_host

MAX_WRONG_PASSWORDS = 5  # from one client; further ones are refused unread until the oldest is LOCKOUT_SECONDS old
LOCKOUT_SECONDS = 30.0
SESSION_SECONDS = 30 * 24 * 3600
SESSIONS_FILE = "web-sessions.json"


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """The host and port that the web app listens on, and the URL that browsers use for it."""

    host: str
    port: int
    url: str

    @property
    def is_local(self) -> bool:
        """Return whether only this machine can reach the web app."""
        return is_loopback(self.host)

    @property
    def is_secure(self) -> bool:
        """Return whether browsers use TLS."""
        return urlsplit(self.url).scheme == "https"

    def accepts_host(self, header: str) -> bool:
        """Return whether a Host header names this server; a foreign name that resolves to it does not.

        Starlette's TrustedHostMiddleware is not used: it compares names only. Here the port counts, too, and a server
        that listens on every interface is reached under any IP address, which is no list that could be given to it.
        """
        name, port = split_host(header)
        own = urlsplit(self.url)
        default = DEFAULT_PORTS.get(own.scheme, 80)
        if (name, port or default) == (own.hostname, own.port or default):
            return True
        if port != self.port:
            return False
        if self.is_local:
            return name in ("127.0.0.1", "localhost", "::1", self.host)
        return is_ip_address(name) or name in (self.host, socket.gethostname().lower())


@dataclass(slots=True)
class Authenticator:
    """Logs browsers in and knows their sessions."""

    address: ServerAddress
    password: str | None = field(default=None, repr=False)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)  # logs one browser in, once
    state_dir: Path | None = None  # where sessions outlive the program; None: they end with it
    _is_token_used: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _sessions: dict[str, float] = field(default_factory=dict, repr=False)  # signatures, and when each began
    _failures: dict[str, list[float]] = field(default_factory=dict)  # times of wrong passwords (monotonic), by client

    def __post_init__(self) -> None:
        """Read the sessions of before."""
        if self.state_dir is None:
            return
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
            kept = json.loads((self.state_dir / SESSIONS_FILE).read_text(encoding="utf-8"))
            self._secret = bytes.fromhex(kept["secret"])
            youngest = time.time() - SESSION_SECONDS
            self._sessions = {name: begun for name, begun in kept["sessions"].items() if begun > youngest}

    @property
    def cookie_name(self) -> str:
        """Return the name of the session cookie. It has the port in it: browsers share cookies between ports."""
        return f"contact_importer_{self.address.port}"

    def login_with_token(self, token: str) -> str | None:
        """Return a new session for the one-time token; None for a wrong or used one, or where a password is set."""
        if self.password is not None or self._is_token_used:
            return None
        if not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self._is_token_used = True
        return self._start_session()

    def login_with_password(self, password: str, client: str) -> str | None:
        """Return a new session for the password; None for a wrong one, or while ``client`` is locked out."""
        if self.password is None or self.is_locked_out(client):
            return None
        if hmac.compare_digest(password.encode(), self.password.encode()):
            self._failures.pop(client, None)
            return self._start_session()
        self._failures.setdefault(client, []).append(time.monotonic())
        return None

    def is_locked_out(self, client: str) -> bool:
        """Return whether too many wrong passwords came from a client within the last LOCKOUT_SECONDS."""
        now = time.monotonic()
        recent = {
            name: [moment for moment in moments if now - moment < LOCKOUT_SECONDS]
            for name, moments in self._failures.items()
        }
        self._failures = {name: moments for name, moments in recent.items() if moments}
        return len(self._failures.get(client, ())) >= MAX_WRONG_PASSWORDS

    def has_session(self, session: str) -> bool:
        """Return whether a session exists and has not ended."""
        begun = self._sessions.get(self._sign(session))
        return begun is not None and time.time() - begun < SESSION_SECONDS

    def end_session(self, session: str) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(self._sign(session), None)
            self._write()

    def csrf_token(self, session: str) -> str:
        """Return the token that every form of a session carries, so that no other site can send it.

        It is bound to the session on the server; starlette-csrf compares a cookie with the form instead, and a program
        on another port of this machine could set such a cookie.
        """
        return hmac.new(self._secret, session.encode(), hashlib.sha256).hexdigest()

    def _start_session(self) -> str:
        session = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[self._sign(session)] = time.time()
            self._write()
        return session

    def _sign(self, session: str) -> str:
        """Return the signature of a session; with another password it is another one."""
        return hmac.new(self._secret, f"{self.password or ''}\0{session}".encode(), hashlib.sha256).hexdigest()

    def _write(self) -> None:
        if self.state_dir is not None:
            write_atomic(
                self.state_dir / SESSIONS_FILE,
                json.dumps({"secret": self._secret.hex(), "sessions": self._sessions}),
            )
