"""Files: owner-only permissions, atomic writes, digests."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OWNER_ONLY_FILE = 0o600
MAX_TOML_BYTES = 1_000_000
OWNER_ONLY_FOLDER = 0o700


@contextlib.contextmanager
def owner_only_umask() -> Iterator[None]:
    """Let only the owner read the files and folders created within the block, by whatever library."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def make_private_folder(path: Path) -> None:
    """Create the folder and its parents, for the owner only. An existing folder keeps its permissions."""
    path.mkdir(parents=True, exist_ok=True, mode=OWNER_ONLY_FOLDER)


def reject_special(path: Path) -> None:
    """Raise OSError when something else than a regular file is at the path: a device, a FIFO, a symlink, a folder.

    Replacing it would take a device away from the whole machine, and writing through a link hits another file.
    """
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISREG(mode):
        kind = "a symbolic link" if stat.S_ISLNK(mode) else "not a regular file"
        raise OSError(errno.EINVAL, f"it is {kind}; name another file", str(path))


def sync_file(path: Path) -> None:
    """Bring a file's content to the disk. Raises OSError."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Bring a folder's entries to the disk. Raises OSError. Windows needs no such call."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_atomic(path: Path, text: str | bytes, mode: int = OWNER_ONLY_FILE, *, sync: bool = False) -> None:
    """Write a file (a text as UTF-8) so that a reader sees the old content or the new one, never a part.

    ``sync`` brings it to the disk first. Raises OSError, also when the path is a device, a FIFO or a symlink.
    """
    reject_special(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - it is a descriptor
            file.write(text.encode("utf-8") if isinstance(text, str) else text)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        part.chmod(mode)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read_toml(path: Path) -> dict[str, Any]:
    """Return the content of a TOML file that a person wrote.

    Raises OSError, and ValueError when it is not TOML, larger than a megabyte or nested too deeply.
    """
    import tomllib

    with path.open("rb") as file:
        raw = file.read(MAX_TOML_BYTES + 1)
    if len(raw) > MAX_TOML_BYTES:
        raise ValueError("it is larger than 1 MB")
    try:
        return tomllib.loads(raw.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of the file's bytes, without loading the file into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
