"""How a command loads what it needs: late, so that ``--help`` is quick, and in one go."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator

NEVER_USED = ("pandas", "hypothesis", "httpx._main")
"""What pandera and httpx load where it is installed, and can do without: up to a second of start-up."""


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """For the imports of a command. Modules make some 300,000 objects that stay for good.

    Looking for garbage among them, while they are loaded, at each later collection and at exit, takes a tenth of a
    second each time; so they are set aside.
    """
    gc.disable()
    for name in NEVER_USED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # what None means: it cannot be imported
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
