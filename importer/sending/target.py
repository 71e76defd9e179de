"""Where requests go: the base URL, checked; the credential's header; the name the journal gives the two."""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from importer.errors import SettingsError
from schemas.contract import Vendor


@dataclass(frozen=True, slots=True)
class Target:
    """A base URL without a slash at its end, the headers of every request, and the target's name."""

    base_url: str
    headers: dict[str, str] = field(repr=False)
    name: str
    secret: str | None = field(repr=False, default=None)

    def url(self, path: str) -> str:
        """The address of a path. A base that ends in what the path begins with is not doubled."""
        steps = path.strip("/").split("/")
        return "/".join([self.base_url, *steps[_shared(self.base_url, path) :]])


def find_target(vendor: Vendor, base_url: str | None, key: str | None) -> Target:
    """The target of a vendor. Raises SettingsError: no address, plain http beyond this machine, or no key."""
    url = base_url or vendor.base_url
    if not url:
        published = f" (the published one is {vendor.published_url})" if vendor.published_url else ""
        raise SettingsError(
            f"{vendor.title}: its document gives only a placeholder address",
            remedy=f", so say where it is: --base-url URL or {vendor.base_url_variable}{published}",
        )
    _check_address(url)
    security = vendor.security
    if security and security.required and not key:
        raise SettingsError(
            f"{vendor.title}: no API key",
            remedy=f"; put it into {vendor.api_key_variable}, or into a file named by --api-key-file",
        )
    headers = {}
    if security and key:
        if not key.isascii() or not key.isprintable() or key != key.strip():
            raise SettingsError(f"{vendor.title}: the API key holds blanks or characters that cannot be in a header")
        headers[security.header] = f"{security.scheme} {key}".strip()
    digest = hashlib.blake2b((key or "").encode(), digest_size=6, key=b"contact-importer").hexdigest()
    address = url.rstrip("/")
    path = next(iter(vendor.operations.values())).path
    return Target(address, headers, f"{_plain(address, path)}#{digest}", key)


def key_warning(vendor: Vendor, key: str | None) -> str | None:
    """What looks wrong about a key, if anything does."""
    prefixes = vendor.security.key_prefixes if vendor.security else ()
    if key and prefixes and not key.startswith(prefixes):
        return f"the API key begins with none of {', '.join(prefixes)}; {vendor.title} may not take it"
    return None


def _shared(base_url: str, path: str) -> int:
    """How many steps at the end of a base URL are those that a path begins with."""
    base, steps = urlsplit(base_url).path.strip("/").split("/"), path.strip("/").split("/")
    sizes = range(min(len(base), len(steps) - 1), 0, -1)
    return next((size for size in sizes if base[-size:] == steps[:size]), 0)


def _plain(base_url: str, path: str) -> str:
    """A base URL as the journal names it: however it is spelt, the same contacts are behind it."""
    parts, shared = urlsplit(base_url), _shared(base_url, path)
    host = (parts.hostname or "").rstrip(".")
    host = "127.0.0.1" if _is_loopback(host) else host
    usual = 443 if parts.scheme == "https" else 80
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    steps = parts.path.rstrip("/").split("/")
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}{port}{'/'.join(steps[: len(steps) - shared])}"


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SettingsError(f"{url}: is not an address ({error})", option="--base-url") from error
    if port is None and parts.netloc.endswith(":"):  # urlsplit takes "host:" for the scheme's usual port
        raise SettingsError(f"{url} ends its host with a colon, but the port is missing", option="--base-url")
    if parts.scheme not in ("http", "https") or not host:
        raise SettingsError(f"{url}: is not an address that begins with https://", option="--base-url")
    if parts.query or parts.fragment or parts.username:
        raise SettingsError(f"{parts.scheme}://{host}…: must be without user, query and fragment", option="--base-url")
    if parts.scheme == "http" and not _is_loopback(host):
        raise SettingsError(
            f"{url}: sends the key in the clear; https:// is required except on this machine", option="--base-url"
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
