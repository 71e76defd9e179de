"""The choice of what reads the files of an address."""

from __future__ import annotations

import importlib.util

from importer.errors import FileError
from importer.reading.remote.address import BUCKET_SCHEMES, Address
from importer.reading.remote.files import RemoteFiles


def open_remote(address: Address) -> RemoteFiles:
    """Return what reads the files of an address; connects to nothing. Raises FileError without the extra it needs."""
    if address.scheme in BUCKET_SCHEMES:
        _require("obstore", address)
        from importer.reading.remote.bucket import Bucket

        return Bucket(address)
    if address.scheme == "sftp":
        _require("asyncssh", address)
        from importer.reading.remote.sftp import SftpServer

        return SftpServer(address)
    from importer.reading.remote.web import WebSite

    return WebSite(address)


def _require(module: str, address: Address) -> None:
    if importlib.util.find_spec(module) is None:
        how = "run: pip install '.[remote]' in the program's folder"
        raise FileError(f"{address.shown}: to read {address.scheme}://, {how}")
