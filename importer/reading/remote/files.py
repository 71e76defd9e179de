"""The interface of remote files, and their limits."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from importer.errors import FileError
from importer.reading.remote.address import Address

LARGEST_DOWNLOAD_BYTES = 1 << 34
STALL_SECONDS = 60.0  # a server that sends nothing for so long has failed


@dataclass(frozen=True, slots=True)
class RemoteEntry:
    """A file in a remote folder. ``version`` changes when its content does; ``modified`` is in Unix seconds."""

    name: str
    size: int
    modified: float
    version: str


class RemoteFiles(Protocol):
    """One bucket, server or web site. Paths are those of an Address. Every failure raises FileError."""

    def download(self, path: str, into: IO[bytes]) -> str:
        """Write a file's content into an open file; return the suffix that the server gives it, or nothing.

        Raises FileError when it has more than LARGEST_DOWNLOAD_BYTES.
        """

    def list_folder(self, path: str) -> list[RemoteEntry]:
        """Return the files directly in a folder."""

    def upload(self, file: Path, path: str) -> None:
        """Write a local file."""

    def move(self, path: str, to: str) -> None:
        """Rename a file, or copy and then delete it where there is no renaming."""


def too_large(address: Address) -> FileError:
    """Return the error for a file with more bytes than are downloaded."""
    return FileError(f"{address.shown}: has more than {LARGEST_DOWNLOAD_BYTES >> 30} GB; split it")
