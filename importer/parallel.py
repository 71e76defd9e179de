"""Background work in threads. It runs in parallel because polars releases the GIL."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

# Each further worker holds another batch in memory, and polars uses all cores for some of its work anyway.
WORKERS = 2
Item = TypeVar("Item")
Result = TypeVar("Result")


class BackgroundWorker:
    """Runs one task at a time in another thread. A task's error is raised by the next ``submit`` or at the end."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._task: Future[object] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown()
        if error is None:
            self.wait()

    def submit(self, work: Callable[..., object], *given: Any) -> None:
        """Start a task once the one before it is done, so that no more than one batch waits in memory."""
        self.wait()
        self._task = self._pool.submit(work, *given)

    def wait(self) -> None:
        """Wait until the current task is done, and raise its error."""
        waiting, self._task = self._task, None
        if waiting is not None:
            waiting.result()


def map_ordered(
    work: Callable[[Item], Result], items: Iterable[Item], alone: Callable[[], bool] = lambda: False
) -> Generator[Result]:
    """Yield the result of each item in the items' order, working on two at once.

    While ``alone()`` is true, an item is finished before the next one starts.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        pending = deque[Future[Result]]()
        try:
            for item in items:
                pending.append(pool.submit(work, item))
                while pending and (len(pending) > WORKERS or alone()):
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
