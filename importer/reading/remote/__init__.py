"""Files on other machines: buckets, SFTP servers and web servers, behind one interface.

Credentials come from where each of these kinds is used to having them (environment, cloud configuration, ssh-agent,
``.netrc``), never from the address, which is shown and stored.
"""

from __future__ import annotations

from importer.reading.remote.address import Address, is_remote, parse_address
from importer.reading.remote.backends import open_remote
from importer.reading.remote.files import LARGEST_DOWNLOAD_BYTES, RemoteEntry, RemoteFiles

__all__ = [
    "LARGEST_DOWNLOAD_BYTES",
    "Address",
    "RemoteEntry",
    "RemoteFiles",
    "is_remote",
    "open_remote",
    "parse_address",
]
