"""Chooses the proxy of an address from the environment, so that no key travels where it should not."""

from __future__ import annotations

import importlib.util
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from importer.errors import SettingsError
from importer.model.addresses import is_loopback

HTTP_SCHEMES = ("http", "https")
SOCKS_SCHEMES = ("socks5", "socks5h", "socks4", "socks4a")


def find_proxy(url: str) -> str | None:
    """Return the URL of the proxy for an address, or None. Raises SettingsError if it cannot be used.

    This machine is never reached through a proxy, and nothing that is sent in the clear passes one: it would see the
    key.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or is_loopback(parts.hostname or ""):
        return None
    proxies = getproxies()
    proxy = proxies.get("https") or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    _check_proxy(proxy)
    return proxy


def is_socks(proxy: str) -> bool:
    """Return True for the URL of a SOCKS proxy."""
    return urlsplit(proxy).scheme in SOCKS_SCHEMES


def _check_proxy(proxy: str) -> None:
    try:
        parts = urlsplit(proxy)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    # The address may hold a password, so it is not repeated.
    if not host or parts.scheme not in HTTP_SCHEMES + SOCKS_SCHEMES:
        raise SettingsError("The proxy that HTTPS_PROXY or ALL_PROXY names is not an address such as http://HOST:PORT.")
    if is_socks(proxy) and importlib.util.find_spec("aiohttp_socks") is None:
        raise SettingsError(
            f"HTTPS_PROXY or ALL_PROXY names a SOCKS proxy ({parts.scheme}://{host}). To use it, run: "
            "pip install '.[socks]' in the program's folder"
        )
