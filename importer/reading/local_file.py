"""A local file, as far as every kind of file has it: its digest, its size and its first bytes."""

from __future__ import annotations

from importer.errors import FileError
from importer.files import sha256_of
from importer.model.catalogue import N_
from importer.model.source_ref import SourceRef
from importer.reading.file_types import reject_empty, reject_unknown_suffix

START_BYTES = 64


class LocalFile:
    """A file on disk that a reference names."""

    def __init__(self, ref: SourceRef) -> None:
        self.ref = ref

    def digest(self) -> str:
        """Return the hexadecimal SHA-256 of the file's bytes."""
        return sha256_of(self.ref.path)

    def is_file(self) -> bool:
        """Return True for a file, and False for a device or a pipe, which may never end."""
        return self.ref.path.is_file()

    def size(self) -> int:
        """Return the file's size in bytes, and -1 if there is no such file, which ``open`` reports."""
        try:
            return self.ref.path.stat().st_size
        except OSError:
            return -1

    def read_start(self) -> bytes:
        """Return the first bytes of the file. Raises FileError if it cannot be a table."""
        path = self.ref.path
        if not path.exists():
            raise FileError.said(N_("%(file)s: there is no such file"), file=path)
        if path.is_dir():
            raise FileError.said(N_("%(file)s: is a folder; name the file in it"), file=path)
        reject_unknown_suffix(str(path))
        if not self.is_file():
            raise FileError.said(
                N_("%(file)s: is a device or a pipe; save what comes from there as a file, and name that"), file=path
            )
        try:
            with path.open("rb") as file:
                start = file.read(START_BYTES)
        except OSError as error:
            raise FileError.said(
                N_("%(file)s: cannot be opened: %(reason)s"), file=path, reason=error.strerror
            ) from error
        reject_empty(str(path), start)
        return start
