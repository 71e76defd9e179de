"""One sending session: client, journal writer, pace and senders put together, and what Ctrl-C does to them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from importer.journal import Journal, RunRecord
from importer.journal.async_writer import JournalWriter
from importer.model.delivery import Delivery, RowResult
from importer.model.summary import Requests, Traffic
from importer.observer import Steering
from importer.sending.circuit_breaker import CircuitBreaker
from importer.sending.concurrency import MOST, Concurrency, first_limit
from importer.sending.http_client import Client
from importer.sending.rate_controller import Pace
from importer.sending.sender import Limits, Sender
from importer.sending.target import Target
from importer.settings import Settings
from schemas.contract import Operation, Vendor


@dataclass(frozen=True, slots=True)
class Sent:
    """How a session ended: why it stopped early (empty when it did not), by a person or not, and what left."""

    stopped: str
    interrupted: bool
    requests: Requests
    traffic: tuple[Traffic, ...]


def send_rows(  # noqa: PLR0913 - what a session is made of
    deliveries: Iterator[Delivery],
    *,
    vendor: Vendor,
    operation: Operation,
    target: Target,
    settings: Settings,
    journal: Journal,
    run: RunRecord,
    on_result: Callable[[RowResult], None],
    give_up: Callable[[str], None],
    on_answer: Callable[[int | None, float], None],
    on_steering: Callable[[Steering | None], None],
) -> Sent:
    """Send every delivery. Blocks until all are settled or something says stop."""
    most = settings.concurrency or max(MOST, vendor.pace.concurrency)

    async def session() -> Sent:
        client = Client(target, operation.method, timeout=settings.timeout, connections=most)
        pace = Pace(settings.rate or vendor.pace.rate, fixed=settings.rate is not None)
        async with client, JournalWriter(journal, run) as writer:
            sender = Sender(
                operation,
                client,
                writer,
                pace,
                Concurrency(first_limit(vendor.pace.concurrency, settings.concurrency), most),
                CircuitBreaker(keep_going=settings.keep_going),
                limits=Limits(settings.max_tries, settings.patience),
                run=run.id,
                secret=target.secret,
                on_result=on_result,
                give_up=give_up,
                on_answer=on_answer,
            )
            with _stopping(sender), _steered(sender, on_steering):
                try:
                    await sender.send(deliveries)
                except asyncio.CancelledError:
                    sender.interrupt()
            return Sent(sender.reason, sender.interrupted, sender.requests, sender.meter.traffic())

    return asyncio.run(session())


@contextlib.contextmanager
def _stopping(sender: Sender) -> Iterator[None]:
    """The first Ctrl-C (or SIGTERM) stops sending, the second does not wait for the answers under way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def asked() -> None:
        if sender.interrupted and task is not None:
            task.cancel()
        sender.interrupt()

    handled = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(number, asked)
            handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


class _Reins:
    """Passes on to a sender's loop what another thread wants; once the loop has ended, nothing is left to be done."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._loop = asyncio.get_running_loop()

    def hold(self) -> None:
        self._tell(self._sender.hold)

    def go_on(self) -> None:
        self._tell(self._sender.go_on)

    def stop(self) -> None:
        self._tell(self._sender.interrupt)

    def _tell(self, word: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(word)


@contextlib.contextmanager
def _steered(sender: Sender, on_steering: Callable[[Steering | None], None]) -> Iterator[None]:
    on_steering(_Reins(sender))
    try:
        yield
    finally:
        on_steering(None)
