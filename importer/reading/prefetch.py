"""What is read of a file while the modules that it takes to import it are loaded: whatever needs none of them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importer.model.table import Batch, Table

_begun: dict[Hashable, Future[Any]] = {}


def begin(what: Hashable, work: Callable[[], Any]) -> None:
    """Begin this work in a thread. ``what`` is the file, and whatever else the work depends on."""
    thread = ThreadPoolExecutor(1)
    _begun[what] = thread.submit(work)
    thread.shutdown(wait=False)


def with_first(table: Table) -> Table:
    """The same table, whose first batch has been read; whoever asks for its batches first is given that one."""
    batches = table.batches()
    first: Future[Batch | None] = Future()
    try:
        first.set_result(next(batches, None))
    except Exception as error:  # noqa: BLE001 - kept, and raised where the batch is asked for
        first.set_exception(error)
    begun = [_from(first, batches)]
    return replace(table, batches=lambda: begun.pop() if begun else table.batches())


def _from(first: Future[Batch | None], rest: Iterator[Batch]) -> Iterator[Batch]:
    batch = first.result()
    if batch is not None:
        yield batch
        yield from rest


def begun(what: Hashable) -> Future[Any] | None:
    """The work that was begun on this, for one who asks first."""
    return _begun.pop(what, None)


def forget(what: Hashable) -> None:
    """Wait for what nobody asked for."""
    work = begun(what)
    if work is not None:
        work.exception()
