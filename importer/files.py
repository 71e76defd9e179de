"""Files: owner-only permissions, atomic writes, digests."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

OWNER_ONLY_FILE = 0o600
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


def write_atomic(path: Path, text: str, mode: int = OWNER_ONLY_FILE) -> None:
    """Write a UTF-8 file so that a reader sees the old content or the new one, never a part. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    part = Path(name)
    try:
        with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - it is a descriptor
            file.write(text)
        part.chmod(mode)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of the file's bytes, without loading the file into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
