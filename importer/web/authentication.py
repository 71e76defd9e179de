"""Who may use the page: whoever opened the address with the one-time token, or knows the password."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
import socket
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

WRONG_AT_ONCE, WRONG_SECONDS = 5, 30.0
"""So many wrong passwords from one place, and nobody from there is let in for so many seconds."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page is served: host and port that it listens on, and the address that browsers use for it."""

    host: str
    port: int
    url: str

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    @property
    def is_secure(self) -> bool:
        """Whether browsers come by TLS."""
        return urlsplit(self.url).scheme == "https"

    def knows(self, host: str) -> bool:
        """Whether a Host header names this place. A name that somebody else pointed here does not."""
        name, port = _split(host)
        own = urlsplit(self.url)
        if (name, port or _usual(own.scheme)) == (own.hostname, own.port or _usual(own.scheme)):
            return True
        if port != self.port:
            return False
        if self.is_local:
            return name in ("127.0.0.1", "localhost", "::1", self.host)
        return _is_address(name) or name in (self.host, socket.gethostname().lower())


def is_loopback(host: str) -> bool:
    """Whether a host to listen on is this machine's own."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_address(url: str) -> bool:
    """Whether browsers can be sent to a place under this address; the page's links begin at its root."""
    try:
        parts = urlsplit(url)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return named and parts.scheme in ("http", "https") and parts.path in ("", "/") and not parts.query


@dataclass(slots=True)
class Access:
    """Lets browsers in, and knows them again by a cookie. All of it is forgotten when the server ends."""

    place: Place
    password: str | None = field(default=None, repr=False)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    _used: bool = False
    _sessions: set[str] = field(default_factory=set, repr=False)
    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    _wrong: dict[str, list[float]] = field(default_factory=dict)

    @property
    def cookie(self) -> str:
        """The name of the cookie: browsers do not tell ports apart."""
        return f"contact_importer_{self.place.port}"

    def enter_by_token(self, token: str) -> str | None:
        """A new session for whoever has the token; once."""
        if self.password is not None or self._used or not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self._used = True
        return self._begin()

    def enter_by_password(self, password: str, client: str) -> str | None:
        """A new session for whoever knows the password; ``client`` is where it comes from."""
        if self.password is None or self.is_waiting(client):
            return None
        if hmac.compare_digest(password.encode(), self.password.encode()):
            self._wrong.pop(client, None)
            return self._begin()
        self._wrong.setdefault(client, []).append(time.monotonic())
        return None

    def is_waiting(self, client: str) -> bool:
        """Whether too many wrong passwords came from there just now."""
        now = time.monotonic()
        late = {
            name: [moment for moment in moments if now - moment < WRONG_SECONDS]
            for name, moments in self._wrong.items()
        }
        self._wrong = {name: moments for name, moments in late.items() if moments}
        return len(self._wrong.get(client, ())) >= WRONG_AT_ONCE

    def knows(self, session: str) -> bool:
        """Whether this is the cookie of somebody who was let in."""
        return session in self._sessions

    def leave(self, session: str) -> None:
        """End a session."""
        self._sessions.discard(session)

    def csrf(self, session: str) -> str:
        """What a form of this session must carry, so that no other site can send it."""
        return hmac.new(self._secret, session.encode(), hashlib.sha256).hexdigest()

    def _begin(self) -> str:
        session = secrets.token_urlsafe(32)
        self._sessions.add(session)
        return session


def _split(host: str) -> tuple[str | None, int | None]:
    try:
        parts = urlsplit(f"//{host}")
        name, port = parts.hostname, parts.port
    except ValueError:
        return None, None
    return name, port


def _usual(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def _is_address(name: str | None) -> bool:
    try:
        ipaddress.ip_address(name or "")
    except ValueError:
        return False
    else:
        return True
