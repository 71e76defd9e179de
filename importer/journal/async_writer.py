"""The journal from asyncio: everything that has come together since the last commit is written at once.

A claim's answer arrives when its intent is on disk. Settlements need not be waited for: they are written
before, or with, any claim that is made after them, so a killed process leaves at most one unsettled intent a sender.

The statements run in the event loop, where they take some microseconds a row. Waiting for another process, and for a
disk that is not quick, is done in a thread. (All of it in the thread, the two fight over the interpreter's lock at
every statement, which takes longer than all the rest; and coming back from a thread takes longer than a quick disk.)
Callbacks, not a task: a row that waits for its claim should not wait for several turns of a busy loop.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Self

from importer.errors import JournalError
from importer.journal.interface import Answer, Journal, Note, RunRecord, Settlement, Work
from importer.model.delivery import Delivery

BEAT_SECONDS = 5.0
QUICK_SECONDS = 0.002
"""A commit that takes no longer, on the average of the last few, holds up the event loop less than a thread would."""
SWITCH_SECONDS = 0.0002
_Claims = list[tuple[Delivery, asyncio.Future[Answer]]]


class JournalWriter:
    """Owns the journal while a run sends. Use as an async context manager.

    ``_put`` → ``_gather`` → (thread: wait for another process) → ``_write`` → (thread: commit) → ``_answer``.
    """

    def __init__(self, journal: Journal, run: RunRecord) -> None:
        self._journal = journal
        self._run = run
        self._claims: _Claims = []
        self._notes: dict[int, tuple[Delivery, Note]] = {}
        self._settlements: list[tuple[Delivery, Settlement]] = []
        self._failure: JournalError | None = None
        self._beaten = time.monotonic()
        self._commit_seconds = 1.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        # A thread that comes back from the disk waits this long for a busy event loop to make room: 5 ms by default,
        # several times what the disk takes.
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._beat = self._loop.call_later(BEAT_SECONDS, self._wake)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._beat.cancel()
        await self._idle.wait()
        self._thread.shutdown()
        sys.setswitchinterval(self._interval)

    async def claim(self, delivery: Delivery) -> Answer:
        """Ask to send; the answer ``GRANTED`` means that the intent is on disk. Raises JournalError."""
        if self._failure:
            raise self._failure
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._claims.append((delivery, answer))
        self._put()
        return await answer

    def note_status(self, delivery: Delivery, http_status: int, sent_at: float) -> None:
        """Remember the status line, before the body is read."""
        self._notes[id(delivery)] = (delivery, Note(http_status, sent_at))
        self._put()

    def settle(self, delivery: Delivery, how: Settlement) -> None:
        """Remember how a delivery ended."""
        self._notes.pop(id(delivery), None)
        self._settlements.append((delivery, how))
        self._put()

    def _put(self) -> None:
        if self._idle.is_set():
            self._idle.clear()
            self._loop.call_soon(self._gather)

    def _wake(self) -> None:
        self._beat = self._loop.call_later(BEAT_SECONDS, self._wake)
        self._put()

    def _gather(self) -> None:
        """Take what has come together and begin, at once if no other process is writing."""
        claims, self._claims = self._claims, []
        work = Work(tuple(self._settlements), tuple(self._notes.values()), tuple(delivery for delivery, _ in claims))
        self._settlements, self._notes = [], {}
        self._guarded(claims, lambda: self._begin(claims, work))

    def _begin(self, claims: _Claims, work: Work) -> None:
        if self._failure:
            raise self._failure
        if self._journal.begin(wait=False):
            self._write(claims, work)
        else:
            self._aside(claims, lambda: self._journal.begin(wait=True), lambda: self._write(claims, work))

    def _write(self, claims: _Claims, work: Work) -> None:
        answers = self._journal.write(self._run, work)
        if time.monotonic() - self._beaten > BEAT_SECONDS:
            self._beaten = time.monotonic()
            self._journal.beat(self._run.id)
        if self._commit_seconds < QUICK_SECONDS:
            self._commit()
            self._answer(claims, answers)
        else:
            self._aside(claims, self._commit, lambda: self._answer(claims, answers))

    def _commit(self) -> None:
        begun = time.perf_counter()
        self._journal.commit()
        seconds = time.perf_counter() - begun
        self._commit_seconds = min((3 * self._commit_seconds + seconds) / 4, 10 * QUICK_SECONDS)

    def _answer(self, claims: _Claims, answers: list[Answer]) -> None:
        for (_, future), answer in zip(claims, answers, strict=True):
            if not future.done():
                future.set_result(answer)
        self._go_on()

    def _fail(self, claims: _Claims, error: Exception) -> None:
        self._failure = error if isinstance(error, JournalError) else JournalError(f"the journal failed: {error!r}")
        for _, future in claims:
            if not future.done():
                future.set_exception(self._failure)
        self._go_on()

    def _go_on(self) -> None:
        if self._claims or self._settlements or self._notes:
            self._gather()
        else:
            self._idle.set()

    def _aside(self, claims: _Claims, wait: Callable[[], object], then: Callable[[], None]) -> None:
        """Wait in the thread, which is the only other one that ever touches the journal, then go on in the loop."""

        def work() -> None:
            try:
                wait()
            except Exception as error:  # noqa: BLE001 - whatever it is, no sender may wait for ever
                self._loop.call_soon_threadsafe(self._fail, claims, error)
            else:
                self._loop.call_soon_threadsafe(self._guarded, claims, then)

        self._thread.submit(work)

    def _guarded(self, claims: _Claims, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - whatever it is, no sender may wait for ever
            self._fail(claims, error)
