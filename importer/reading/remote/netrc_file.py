"""Logins in ``~/.netrc``, or in the file that ``NETRC`` names."""

from __future__ import annotations

import netrc
import os
from pathlib import Path

from importer.errors import FileError


def find_login(host: str) -> tuple[str, str] | None:
    """Return user and password for a host. Raises FileError when the file cannot be read; its text is not repeated."""
    path = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    if not path.is_file():
        return None
    try:
        found = netrc.netrc(path).authenticators(host)
    except (OSError, netrc.NetrcParseError) as error:
        raise FileError(f"{path}: cannot be read as a netrc file") from error
    return (found[0], found[2]) if found and found[2] else None
