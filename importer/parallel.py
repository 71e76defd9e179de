"""Work that goes on beside other work: polars lets go of the interpreter."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self, TypeVar

AT_ONCE = 2
"""Each more would hold another batch in memory; some of polars' work takes all cores by itself."""
Item = TypeVar("Item")
Made = TypeVar("Made")


class BackgroundWorker:
    """Does one thing at a time in another thread; what fails there is raised here, at the next one or at the end."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._under_way: Future[object] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._pool.shutdown()
        if error is None:
            self.wait()

    def do(self, work: Callable[..., object], *given: Any) -> None:
        """Begin this when what was begun before has ended: no more than one batch waits in memory."""
        self.wait()
        self._under_way = self._pool.submit(work, *given)

    def wait(self) -> None:
        """Until what was begun has ended."""
        waiting, self._under_way = self._under_way, None
        if waiting is not None:
            waiting.result()


def map_ordered(
    work: Callable[[Item], Made], items: Iterable[Item], alone: Callable[[], bool] = lambda: False
) -> Generator[Made]:
    """What comes of each item, in their order; two are worked on at once, but for those that have to be ``alone``."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        under_way = deque[Future[Made]]()
        try:
            for item in items:
                under_way.append(pool.submit(work, item))
                while under_way and (len(under_way) > AT_ONCE or alone()):
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)
