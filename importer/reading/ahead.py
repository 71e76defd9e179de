"""What is read of a file while the modules that it takes to import it are loaded: whatever needs none of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

_begun: dict[Path, Future[Any]] = {}


def begin(path: Path, work: Callable[[], Any]) -> None:
    """Begin this work on a file in a thread."""
    thread = ThreadPoolExecutor(1)
    _begun[path] = thread.submit(work)
    thread.shutdown(wait=False)


def begun(path: Path) -> Future[Any] | None:
    """The work that was begun on a file, for one who asks first."""
    return _begun.pop(path, None)


def forget(path: Path) -> None:
    """Wait for what nobody asked for: it may hold what others need, such as standard error."""
    work = begun(path)
    if work is not None:
        work.exception()
