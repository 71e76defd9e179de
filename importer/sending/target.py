"""Resolves the target of requests: the checked base URL, the credential's header, and the journal's name for both."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

from importer.config.api_keys import looks_like_key
from importer.errors import SettingsError
from importer.model.addresses import default_port, is_loopback
from importer.model.catalogue import N_
from importer.sending.certificates import check_certificates
from importer.sending.proxy import find_proxy
from schemas.contract import Vendor

# Keeps the digest of a key in the journal from being looked up in tables of other digests.
_DIGEST_KEY = b"contact-importer"


@dataclass(frozen=True, slots=True)
class Target:
    """A base URL without a trailing slash, the headers of every request, and the target's name in the journal."""

    base_url: str
    headers: dict[str, str] = field(repr=False)
    name: str
    secret: str | None = field(repr=False, default=None)
    ca_file: str | None = None
    query: str = field(repr=False, default="")  # of every request: a key that stands in the address

    def url(self, path: str) -> str:
        """Return the URL of a path. Steps that the base URL ends in and the path begins with are not doubled."""
        path, mark, query = path.partition("?")
        steps = path.strip("/").split("/")
        slash = "/" if path.endswith("/") else ""
        url = "/".join([self.base_url, *steps[_overlap(self.base_url, path) :]]) + slash
        query = "&".join(filter(None, (query, self.query)))
        return f"{url}?{query}" if mark or query else url


def find_target(vendor: Vendor, base_url: str | None, key: str | None, ca_file: str | None = None) -> Target:
    """Return the target of a vendor; ``ca_file`` holds more certificate authorities to trust.

    Raises SettingsError for a missing or malformed address, plain http to another machine, a missing key, or a proxy or
    certificates that cannot be used.
    """
    url = base_url or vendor.base_url
    if not url:
        published = f" (the published one is {vendor.published_url})" if vendor.published_url else ""
        raise SettingsError.said(
            N_("%(vendor)s: its document gives only a placeholder address"),
            vendor=vendor.title,
            remedy=f", so give its address with --base-url URL or {vendor.base_url_variable}{published}",
        )
    _check_address(url)
    if urlsplit(url).scheme == "https":
        check_certificates(ca_file)
    find_proxy(url)  # raises if it cannot be used
    address = url.rstrip("/") if url == vendor.base_url else _without_endpoint(url.rstrip("/"), vendor)
    path = next(iter(vendor.operations.values())).path
    # Two accounts are two targets, so the key is part of the name; only as a digest, so that nobody can read it there.
    digest = hashlib.blake2b((key or "").encode(), digest_size=6, key=_DIGEST_KEY).hexdigest()
    headers, query = _place_key(vendor, key)
    return Target(address, headers, f"{_canonical_url(address, path)}#{digest}", key, ca_file, query)


def key_warning(vendor: Vendor, key: str | None) -> str | None:
    """Return a warning if the key does not begin as the vendor's keys do."""
    prefixes = vendor.security.key_prefixes if vendor.security else ()
    if key and prefixes and not key.startswith(prefixes):
        return f"the API key begins with none of {', '.join(prefixes)}; {vendor.title} may not take it"
    return None


def _place_key(vendor: Vendor, key: str | None) -> tuple[dict[str, str], str]:
    """Return the headers and the query that carry the key. Raises SettingsError for a key that is missing or unfit."""
    security = vendor.security
    if security and security.required and not key:
        raise SettingsError.said(
            N_("%(vendor)s: no API key"),
            vendor=vendor.title,
            remedy=f"; put it into {vendor.api_key_variable}, or into a file named by --api-key-file",
        )
    if not security or not key:
        return {}, ""
    keys = key.split() if len(security.keys) > 1 else [key]
    if len(keys) != len(security.keys):
        raise SettingsError.said(
            N_("%(vendor)s: takes %(count)s keys, separated by a blank: %(names)s"),
            vendor=vendor.title,
            count=len(security.keys),
            names=", ".join(place.name for place in security.keys),
        )
    if any(not part.isascii() or not part.isprintable() or part != part.strip() for part in keys):
        raise SettingsError.said(
            N_("%(vendor)s: the API key holds blanks or characters that cannot be in a header"), vendor=vendor.title
        )
    headers: dict[str, str] = {}
    query: list[tuple[str, str]] = []
    for place, part in zip(security.keys, keys, strict=True):
        if place.in_query:
            query.append((place.name, part))
        else:
            headers[place.name] = f"{place.scheme} {_credential(place.scheme, part)}".strip()
    return headers, urlencode(query)


def _credential(scheme: str, key: str) -> str:
    """Return a key as its scheme has it: for Basic, ``user:password``, or the key alone as the user, in base64."""
    if scheme != "Basic":
        return key
    return base64.b64encode((key if ":" in key else f"{key}:").encode()).decode()


def _without_endpoint(url: str, vendor: Vendor) -> str:
    """Return a base URL without the path of an operation: people paste the endpoint from the vendor's document."""
    paths = {operation.path.partition("{")[0].rstrip("/") for operation in vendor.operations.values()}
    return next((url.removesuffix(path) for path in paths if path and urlsplit(url).path.endswith(path)), url)


def _overlap(base_url: str, path: str) -> int:
    """Return how many steps at the end of a base URL are the first steps of the path."""
    base, steps = urlsplit(base_url).path.strip("/").split("/"), path.strip("/").split("/")
    sizes = range(min(len(base), len(steps) - 1), 0, -1)
    return next((size for size in sizes if base[-size:] == steps[:size]), 0)


def _canonical_url(base_url: str, path: str) -> str:
    """Return a base URL in the journal's spelling: the same for all spellings that lead to the same contacts."""
    parts, overlap = urlsplit(base_url), _overlap(base_url, path)
    host = (parts.hostname or "").rstrip(".")
    host = "127.0.0.1" if is_loopback(host) else host
    port = "" if parts.port in (None, default_port(parts.scheme)) else f":{parts.port}"
    steps = parts.path.rstrip("/").split("/")
    bracketed = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{bracketed}{port}{'/'.join(steps[: len(steps) - overlap])}"


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise SettingsError.said(
            N_("%(url)s: is not an address (%(error)s)"), url=url, error=error, option="--base-url"
        ) from error
    if port is None and parts.netloc.endswith(":"):  # urlsplit takes "host:" for the scheme's usual port
        raise SettingsError.said(
            N_("%(url)s ends its host with a colon, but the port is missing"), url=url, option="--base-url"
        )
    if parts.scheme not in ("http", "https") or not host:
        shown = N_("the value") if looks_like_key(url) else f"{url}:"
        raise SettingsError.said(
            N_("%(shown_text)s is not an address that begins with https://"), shown_text=shown, option="--base-url"
        )
    if any(sign in url for sign in "?#") or "@" in parts.netloc:  # also where nothing follows, or nobody is named
        raise SettingsError.said(
            N_("%(scheme)s://%(host)s…: must be without user, query and fragment"),
            scheme=parts.scheme,
            host=host,
            option="--base-url",
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError.said(
            N_("%(url)s: sends the key in the clear; https:// is required except on this machine"),
            url=url,
            option="--base-url",
        )
