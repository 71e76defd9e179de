"""Hosts and origins of URLs: scheme, host and port, read the same way everywhere in the web app."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}


def parse_origin(url: str) -> str:
    """Return the origin of a URL as ``scheme://host:port``; empty for text that has none."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return ""
    return f"{parts.scheme}://{parts.hostname}:{parts.port or DEFAULT_PORTS.get(parts.scheme)}"


def is_site_url(url: str) -> bool:
    """Return whether browsers can reach the web app under a URL. It has no path: the app's links begin at the root."""
    parts = _split(url)
    return (
        parts is not None
        and bool(parts.hostname)
        and parts.port != 0
        and parts.scheme in DEFAULT_PORTS
        and parts.path in ("", "/")
        and not parts.query
    )


def split_host(header: str) -> tuple[str | None, int | None]:
    """Return host and port of a Host header; (None, None) for one that cannot be parsed."""
    parts = _split(f"//{header}")
    return (parts.hostname, parts.port) if parts is not None else (None, None)


def is_ip_address(host: str | None) -> bool:
    """Return whether a host is an IP address and not a name."""
    try:
        ipaddress.ip_address(host or "")
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach a server that listens on this host."""
    return host == "localhost" or (is_ip_address(host) and ipaddress.ip_address(host).is_loopback)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError where it is not a number up to 65535
    except ValueError:
        return None
    return parts
