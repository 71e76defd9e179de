"""What is written is its owner's alone, from the first byte on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


@contextlib.contextmanager
def privately() -> Iterator[None]:
    """Every file and folder that is made meanwhile, by whatever library, is for its owner's eyes only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
