"""Fast imports for commands: modules are loaded inside commands, so that ``--help`` is quick."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def fast_imports() -> Iterator[None]:
    """Import modules without the garbage collector, and exempt what they created from later collections.

    The modules of a run create some 300,000 objects that live until the process ends. Searching them for garbage,
    while they load, at later collections and at exit, costs about 0.1 s of a start-up of 1.4 s.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def import_sending() -> None:
    """Import the modules that send, within ``fast_imports``.

    The pipeline imports them only when a run reaches sending. There they would load with the garbage collector on,
    while the first request waits.
    """
    import importer.sending.session  # noqa: F401
