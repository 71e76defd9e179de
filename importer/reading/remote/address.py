"""Addresses of remote files: their kind, their path, and links to Google Sheets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from importer.errors import FileError
from importer.model.addresses import is_loopback
from importer.model.source_ref import is_remote, without_secrets

__all__ = ["BUCKET_SCHEMES", "Address", "is_remote", "parse_address"]

BUCKET_SCHEMES = ("s3", "gs", "az")
_SCHEMES = (*BUCKET_SCHEMES, "sftp", "https", "http")
_SHEET = re.compile(r"/spreadsheets/d/([\w-]+)")


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a remote file or folder.

    ``path`` is unquoted and has no slash in front, except of SFTP, where one means the root of the server. ``url`` is
    what is requested, and may hold a signature; ``shown`` does not.
    """

    scheme: str
    host: str
    path: str
    shown: str
    url: str = field(repr=False)
    port: int | None = None
    user: str | None = None
    is_sheet: bool = False


def parse_address(url: str) -> Address:
    """Return the parts of an address. Raises FileError for one that cannot be used, without repeating its secrets."""
    shown = without_secrets(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise FileError(f"{shown}: is not an address ({error})") from error
    if parts.scheme not in _SCHEMES:
        raise FileError(f"{shown}: files are read from {', '.join(f'{each}://' for each in _SCHEMES)}")
    if not parts.hostname:
        raise FileError(f"{shown}: the address names no server or bucket")
    if parts.password is not None or (parts.username and parts.scheme != "sftp"):
        raise FileError(f"{shown}: put no password into the address; docs/sources.md says where it belongs")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise FileError(f"{shown}: contacts would travel in the clear; use https://")
    sheet = _SHEET.search(parts.path) if parts.hostname == "docs.google.com" else None
    if sheet:
        return Address("https", parts.hostname, f"{sheet[1]}.csv", shown, _export_url(url, sheet[1]), is_sheet=True)
    path = unquote(parts.path)
    host = parts.netloc.rpartition("@")[2] if parts.scheme in BUCKET_SCHEMES else parts.hostname
    if parts.scheme == "sftp":  # /~/file is below the user's own folder, as in curl
        path = path.removeprefix("/~/") if path.startswith("/~/") else path
    else:
        path = path.lstrip("/")
    return Address(parts.scheme, host, path, shown, url.partition("#")[0], port, parts.username)


def _export_url(url: str, sheet: str) -> str:
    """Return the address at which Google exports the tab of a link as CSV."""
    parts = urlsplit(url)
    tabs = parse_qs(parts.fragment).get("gid") or parse_qs(parts.query).get("gid") or []
    tab = f"&gid={tabs[0]}" if tabs and tabs[0].isdigit() else ""
    return f"https://docs.google.com/spreadsheets/d/{sheet}/export?format=csv{tab}"
