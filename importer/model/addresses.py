"""URLs and hosts: loopback, default ports, origins. The one place that compares addresses."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"https": 443, "http": 80}


def default_port(scheme: str) -> int | None:
    """Return the port that a URL of this scheme means when it names none."""
    return _DEFAULT_PORTS.get(scheme)


def is_loopback(host: str) -> bool:
    """Return True for this machine's own names and addresses. ``*.localhost`` is reserved for them (RFC 6761)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> str:
    """Return ``scheme://host:port`` of a URL, with the default port if it names none. Empty if it is not a URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or default_port(parts.scheme)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.hostname}:{port}" if parts.hostname else ""
