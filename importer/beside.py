"""Writing that goes on while the next batch is made: polars lets go of the interpreter."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self


class Beside:
    """Does one thing at a time in another thread; what fails there is raised here, at the next one or at the end."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown()
        if error is None:
            self._wait()

    def do(self, work: Callable[..., None], *given: Any) -> None:
        """Begin this when what was begun before has ended: no more than one batch waits in memory."""
        self._wait()
        self._under_way = self._pool.submit(work, *given)

    def _wait(self) -> None:
        waiting, self._under_way = self._under_way, None
        if waiting is not None:
            waiting.result()
