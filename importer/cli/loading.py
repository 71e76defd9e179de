"""How a command loads what it needs: late, so that ``--help`` is quick, and in one go."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """For the imports of a command. Modules make some 300,000 objects that stay for good.

    Looking for garbage among them, while they are loaded, at each later collection and at exit, takes a tenth of a
    second each time; so they are set aside.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
