"""Buckets of S3, Google Cloud Storage and Azure, through obstore.

Credentials are found by obstore: in the environment, of the machine's role, in Google's application default, or of the
Azure CLI. It reads no AWS profiles and no SSO: boto3 does, where it is installed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from importer.errors import FileError
from importer.model.addresses import is_loopback
from importer.reading.remote.address import Address
from importer.reading.remote.files import LARGEST_DOWNLOAD_BYTES, STALL_SECONDS, RemoteEntry, too_large

CHUNK_BYTES = 1 << 22
CONNECT_SECONDS, TRIES, RETRY_SECONDS = 10.0, 3, 30.0
LONGEST_SECONDS = 6 * 3600.0


class Bucket:
    """One bucket or container."""

    def __init__(self, address: Address) -> None:
        self._address = address

    @cached_property
    def _store(self) -> Any:
        from datetime import timedelta

        from obstore.store import from_url

        options: dict[str, Any] = {
            "client_options": {
                "connect_timeout": f"{CONNECT_SECONDS:.0f}s",
                "read_timeout": f"{STALL_SECONDS:.0f}s",
                "allow_http": _may_use_http(self._address.scheme),
                "timeout": f"{LONGEST_SECONDS:.0f}s",  # of a whole download
            },
            "retry_config": {"max_retries": TRIES, "retry_timeout": timedelta(seconds=RETRY_SECONDS)},
        }
        with self._translated():
            if self._address.scheme == "s3" and _needs_boto3():
                from obstore.auth.boto3 import Boto3CredentialProvider

                options["credential_provider"] = Boto3CredentialProvider()
            return from_url(f"{self._address.scheme}://{self._address.host}", **options)

    def download(self, path: str, into: IO[bytes]) -> str:
        import obstore

        with self._translated():
            found = obstore.get(self._store, path)
            if found.meta["size"] > LARGEST_DOWNLOAD_BYTES:
                raise too_large(self._address)
            for chunk in found.stream(min_chunk_size=CHUNK_BYTES):
                into.write(chunk)
        return ""

    def list_folder(self, path: str) -> list[RemoteEntry]:
        import obstore

        with self._translated():
            found = obstore.list_with_delimiter(self._store, prefix=path.strip("/") or None)
        return [
            RemoteEntry(
                entry["path"].rpartition("/")[2],
                entry["size"],
                entry["last_modified"].timestamp(),
                f"{entry['e_tag']} {entry['last_modified']}",
            )
            for entry in found["objects"]
        ]

    def upload(self, file: Path, path: str) -> None:
        import obstore

        with self._translated():
            obstore.put(self._store, path, file)

    def move(self, path: str, to: str) -> None:
        import obstore

        with self._translated():
            obstore.rename(self._store, path, to)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn obstore's errors into FileError. Their texts may hold signed addresses, so none is repeated."""
        from obstore import exceptions

        try:
            yield
        except (exceptions.NotFoundError, FileNotFoundError) as error:
            raise FileError(f"{self._address.shown}: there is no such file or bucket") from error
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError, PermissionError) as error:
            raise FileError(f"{self._address.shown}: the credentials do not allow to read it") from error
        except (exceptions.BaseError, ValueError) as error:
            raise FileError(
                f"{self._address.shown}: cannot be read ({type(error).__name__}). Check the bucket's name, its region, "
                "your credentials and the network"
            ) from error
        except OSError as error:
            reason = error.strerror or "the connection failed"
            raise FileError(f"{self._address.shown}: cannot be read ({reason})") from error


def _may_use_http(scheme: str) -> bool:
    """Return True where the bucket is on this machine, or the environment allows to travel in the clear."""
    variable = {"s3": "AWS_ALLOW_HTTP", "gs": "GOOGLE_ALLOW_HTTP", "az": "AZURE_ALLOW_HTTP"}[scheme]
    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or "")
    is_here = scheme == "s3" and is_loopback(endpoint.hostname or "")
    return is_here or os.environ.get(variable, "").lower() == "true"


def _needs_boto3() -> bool:
    """Return True where AWS credentials are not in the environment, and boto3 can look for profiles and SSO."""
    return "AWS_ACCESS_KEY_ID" not in os.environ and importlib.util.find_spec("boto3") is not None
