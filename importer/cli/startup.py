"""How a command loads what it needs: late, so that ``--help`` is quick, in one go, and no more than it needs."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder

NEVER_USED = ("pandas", "hypothesis", "httpx._main")
"""What pandera and httpx load where it is installed, and can do without: up to a second of start-up."""


class _Absent(MetaPathFinder):
    """Says of these modules what Python says of one that is not installed."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:  # noqa: ARG002 - as Python asks
        """Raises ModuleNotFoundError for one of them."""
        if fullname in NEVER_USED:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)


@contextlib.contextmanager
def fast_imports() -> Iterator[None]:
    """For the imports of a command. Modules make some 300,000 objects that stay for good.

    Looking for garbage among them, while they are loaded, at each later collection and at exit, takes a tenth of a
    second each time; so they are set aside.
    """
    sys.meta_path.insert(0, _Absent())
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
