"""The journal from asyncio: everything that has come together since the last commit is written as one group.

A claim's answer arrives when its intent is on disk. Settlements need no wait: they are written before, or with, any
claim that is made after them, so a killed process leaves at most one unsettled intent a sender.

The statements run in the event loop, where they take some microseconds a row; waiting for another process is done in a
thread. With all of it in the thread, thread and loop fight over the interpreter's lock at every statement: 1,720 rows a
second against 2,650, without latency and 32 at once. The commit is done in the thread, too, unless the disk is quick:
then coming back from the thread (3 to 4 ms) takes longer than the commit itself (0.5 ms). A few commits at the start of
a session tell which it is. Tried without gain: uvloop, no garbage collector.

A journal on a server is written by the thread alone, a group in one round trip.

Callbacks, not a task: a row that waits for its claim should not wait for several turns of a busy loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

from importer.errors import JournalError
from importer.journal.interface import Answer, Journal, LocalJournal, RunRecord, Settlement, StatusLine, WriteBatch
from importer.model.delivery import Delivery, LookedUp

HEARTBEAT_SECONDS = 5.0
# A commit that takes no longer holds up the event loop less than the way through a thread would.
QUICK_COMMIT_SECONDS = 0.002
TRIAL_COMMITS = 3
# A thread that comes back from the disk waits this long for a busy event loop to make room: 5 ms by default, several
# times what the disk takes.
SWITCH_SECONDS = 0.0002


@dataclass(slots=True)
class _Group:
    """The claims, status lines and settlements of one transaction, with the futures that wait for it."""

    claims: list[Delivery] = field(default_factory=list)
    waiting: list[asyncio.Future[Answer]] = field(default_factory=list)
    status_lines: dict[int, tuple[Delivery, StatusLine]] = field(default_factory=dict)
    settlements: list[tuple[Delivery, Settlement]] = field(default_factory=list)
    lookups: list[LookedUp] = field(default_factory=list)

    def is_empty(self) -> bool:
        return not (self.claims or self.status_lines or self.settlements or self.lookups)

    def batch(self) -> WriteBatch:
        return WriteBatch(self.settlements, tuple(self.status_lines.values()), self.claims, self.lookups)


class JournalWriter:
    """Owns the journal while a run sends. Use as an async context manager.

    One group is under way at a time; the next one collects meanwhile::

        idle ─▶ _begin ───────────────────▶ _write ───────────────▶ _finish ─▶ _begin of the next group, or idle
                   └─▶ thread: wait for ──────▲  └─▶ thread: commit ──▲
                       another process               to a slow disk

    Any failure leads to ``_fail``: it is raised at the claims that wait and at every later one.
    """

    def __init__(self, journal: Journal, run: RunRecord) -> None:
        self._journal = journal
        self._run = run
        self._next = _Group()
        self._failure: JournalError | None = None
        self._commits_in_loop = False
        self._lost: list[tuple[Delivery, Settlement]] = []  # could not be written
        self._last_heartbeat = time.monotonic()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._idle = asyncio.Event()
        self._idle.set()

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        with contextlib.suppress(JournalError):  # the first claim will meet it, too, and stop the run
            self._journal.reserve_space(self._run.id)
        if isinstance(self._journal, LocalJournal):
            self._commits_in_loop = self._fastest_commit() < QUICK_COMMIT_SECONDS
        self._switch_interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._timer = self._loop.call_later(HEARTBEAT_SECONDS, self._on_timer)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._timer.cancel()
        await self._idle.wait()
        self._thread.shutdown()
        if self._lost:
            self._journal.save_in_reserve(self._run, self._lost)
        sys.setswitchinterval(self._switch_interval)

    async def claim(self, delivery: Delivery) -> Answer:
        """Ask to send; the answer ``GRANTED`` means that the intent is on disk. Raises JournalError."""
        if self._failure:
            raise self._failure
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._next.claims.append(delivery)
        self._next.waiting.append(answer)
        self._schedule()
        return await answer

    def record_status_line(self, delivery: Delivery, http_status: int, sent_at: float) -> None:
        """Record the status line before the body is read."""
        self._next.status_lines[id(delivery)] = (delivery, StatusLine(http_status, sent_at))
        self._schedule()

    def record_lookup(self, found: LookedUp) -> None:
        """Record a look-up: it is on disk before, or with, the intent of any claim that is made after it."""
        self._next.lookups.append(found)
        self._schedule()

    def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Record how a delivery ended."""
        self._next.status_lines.pop(id(delivery), None)
        self._next.settlements.append((delivery, settlement))
        self._schedule()

    def _fastest_commit(self) -> float:
        """Return the seconds that the fastest of a few commits takes: the others may have met another process."""
        seconds = []
        for _ in range(TRIAL_COMMITS):
            begun = time.perf_counter()
            try:
                self._journal.record_heartbeat(self._run.id)
            except JournalError:  # the first claim will meet it, too, and stop the run
                return float("inf")
            seconds.append(time.perf_counter() - begun)
        return min(seconds)

    def _schedule(self) -> None:
        if self._idle.is_set():
            self._idle.clear()
            self._loop.call_soon(self._begin)

    def _on_timer(self) -> None:
        """Start a group, empty if need be: it writes the heartbeat."""
        self._timer = self._loop.call_later(HEARTBEAT_SECONDS, self._on_timer)
        self._schedule()

    def _begin(self) -> None:
        """Take what has come together and begin its transaction, at once if no other process is writing."""
        group, self._next = self._next, _Group()

        def begin() -> None:
            if self._failure:
                raise self._failure
            journal = self._journal
            if not isinstance(journal, LocalJournal):
                self._write_in_thread(group)
            elif journal.begin_transaction(wait=False):
                self._write(journal, group)
            else:
                wait_and_begin = functools.partial(journal.begin_transaction, wait=True)
                self._in_thread(group, wait_and_begin, lambda: self._write(journal, group))

        self._guard(group, begin)

    def _write(self, journal: LocalJournal, group: _Group) -> None:
        answers = journal.write_batch(self._run, group.batch())
        self._beat()
        if self._commits_in_loop:
            journal.commit_transaction()
            self._finish(group, answers)
        else:
            self._in_thread(group, journal.commit_transaction, lambda: self._finish(group, answers))

    def _write_in_thread(self, group: _Group) -> None:
        answers: list[Answer] = []

        def write() -> None:
            answers.extend(self._journal.commit_batch(self._run, group.batch()))
            self._beat()

        self._in_thread(group, write, lambda: self._finish(group, answers))

    def _beat(self) -> None:
        if time.monotonic() - self._last_heartbeat > HEARTBEAT_SECONDS:
            self._last_heartbeat = time.monotonic()
            self._journal.record_heartbeat(self._run.id)

    def _finish(self, group: _Group, answers: list[Answer]) -> None:
        """Answer the claims, whose intents are on disk now, and go on with the next group."""
        for future, answer in zip(group.waiting, answers, strict=True):
            if not future.done():
                future.set_result(answer)
        self._continue()

    def _fail(self, group: _Group, error: Exception) -> None:
        self._failure = error if isinstance(error, JournalError) else JournalError(f"the journal failed: {error!r}")
        self._lost += group.settlements
        for future in group.waiting:
            if not future.done():
                future.set_exception(self._failure)
        self._continue()

    def _continue(self) -> None:
        if self._next.is_empty():
            self._idle.set()
        else:
            self._begin()

    def _in_thread(self, group: _Group, work: Callable[[], object], then: Callable[[], None]) -> None:
        """Do the work in the thread, the only other one that ever uses the journal, then continue in the loop."""

        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - whatever it is, no sender may wait for ever
                self._loop.call_soon_threadsafe(self._fail, group, error)
            else:
                self._loop.call_soon_threadsafe(self._guard, group, then)

        self._thread.submit(run)

    def _guard(self, group: _Group, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:  # noqa: BLE001 - whatever it is, no sender may wait for ever
            self._fail(group, error)
