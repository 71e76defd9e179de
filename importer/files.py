"""Owner-only permissions and digests of files."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def owner_only_umask() -> Iterator[None]:
    """Restrict every file and folder created in the block, by any library, to its owner."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def sha256_of(path: Path) -> str:
    """Return the hexadecimal SHA-256 of the file's bytes, without loading the file into memory."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
