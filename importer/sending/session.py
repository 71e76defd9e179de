"""One sending session: puts client, journal writer, rate and senders together, and handles Ctrl-C and the web app."""

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
from importer.sending.concurrency import DEFAULT_MOST, Concurrency, first_limit
from importer.sending.http_client import Client
from importer.sending.matching import Matcher
from importer.sending.sender import RetryLimits, Sender
from importer.sending.shared_rate import SharedRate
from importer.sending.target import Target
from importer.settings import Settings
from schemas.contract import Operation, Vendor


@dataclass(frozen=True, slots=True)
class SessionResult:
    """The end of a session: why it stopped early (empty if it did not), whether the user stopped it, what it sent.

    ``found_no_api`` is True if it stopped because no API answered at the address.
    """

    stopped: str
    interrupted: bool
    requests: Requests
    traffic: tuple[Traffic, ...]
    found_no_api: bool = False


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
    release_if_dead: Callable[[str], None],
    on_answer: Callable[[int | None, float], None],
    on_steering: Callable[[Steering | None], None],
    on_note: Callable[[str], None],
    matcher: Matcher | None = None,
) -> SessionResult:
    """Send every delivery. Blocks until all are settled or something stops the session.

    With ``matcher``, each is looked up first, at the same pace.
    """
    most = settings.concurrency or max(DEFAULT_MOST, vendor.pace.concurrency)

    async def session() -> SessionResult:
        client = Client(
            target,
            operation.method,
            timeout=settings.timeout,
            connections=most,
            media_type=operation.media_type,
            headers=dict(operation.headers),
        )
        asking = Client(
            target,
            "GET",
            timeout=settings.timeout,
            connections=most if matcher else 1,
            headers=dict(operation.headers),
        )
        rate = SharedRate(
            journal.rate_store(),
            settings.rate_group or target.name,
            # A rate that the user asked for is kept; the contract's is only where learning starts.
            rate=settings.rate or vendor.pace.rate,
            fixed=settings.rate is not None,
            share=settings.share,
            on_note=on_note,
        )
        async with client, asking, JournalWriter(journal, run) as writer, rate:
            sender = Sender(
                operation,
                client,
                writer,
                rate,
                Concurrency(first_limit(vendor.pace.concurrency, settings.concurrency), most),
                CircuitBreaker(target.base_url, keep_going=settings.keep_going),
                limits=RetryLimits(settings.max_tries, settings.patience),
                run=run.id,
                can_update=vendor.can_update and not settings.update_changed and matcher is None,
                secret=target.secret,
                on_result=on_result,
                release_if_dead=release_if_dead,
                on_answer=on_answer,
                lookups=(matcher, asking) if matcher else None,
            )
            with _signals_stop(sender), _offer_control(sender, on_steering):
                try:
                    await sender.send(deliveries)
                except asyncio.CancelledError:
                    sender.interrupt()
            return SessionResult(
                sender.reason, sender.interrupted, sender.requests, sender.meter.traffic(), sender.found_no_api
            )

    return asyncio.run(session())


@contextlib.contextmanager
def _signals_stop(sender: Sender) -> Iterator[None]:
    """Let the first Ctrl-C (or SIGTERM) stop sending, and the second one cancel the requests in flight.

    A lost connection (SIGHUP) stops sending, too. It often arrives twice, so it never cancels what is in flight, and
    does not keep the reports from being written.
    """
    # Only the main thread can handle signals; the web app stops its runs through the control instead.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def on_signal() -> None:
        if sender.interrupted and task is not None:
            task.cancel()
        sender.interrupt()

    handlers = {signal.SIGINT: on_signal, signal.SIGTERM: on_signal}
    hang_up = getattr(signal, "SIGHUP", None)  # Windows has none
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:  # nohup ignores it
        handlers[hang_up] = sender.interrupt
    before = {}
    for number, handler in handlers.items():
        with contextlib.suppress(NotImplementedError, ValueError):
            previous = signal.getsignal(number)
            loop.add_signal_handler(number, handler)
            before[number] = previous
    try:
        yield
    finally:
        for number, previous in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_IGN if number == hang_up and sender.interrupted else previous)


class _SenderControl:
    """Passes another thread's wishes on to a sender's loop. Once the loop has ended, there is nothing left to do."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender
        self._loop = asyncio.get_running_loop()

    def pause(self) -> None:
        self._call(self._sender.pause)

    def resume(self) -> None:
        self._call(self._sender.resume)

    def stop(self) -> None:
        self._call(self._sender.interrupt)

    def _call(self, method: Callable[[], None]) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(method)


@contextlib.contextmanager
def _offer_control(sender: Sender, on_steering: Callable[[Steering | None], None]) -> Iterator[None]:
    """Hand the observer a control of the sender, and take it back at the end."""
    on_steering(_SenderControl(sender))
    try:
        yield
    finally:
        on_steering(None)
