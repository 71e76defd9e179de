"""The journal from asyncio: one thread writes everything that has come together since its last commit.

A claim's answer arrives when its intent is on disk. Settlements need not be waited for: they are written
before, or with, any claim that is made after them, so a killed process leaves at most one unsettled intent a sender.
"""

from __future__ import annotations

import asyncio
import queue
import sys
import threading
import time
from typing import Any, Self

from importer.errors import JournalError
from importer.journal.interface import Answer, Journal, RunRecord, Settlement
from importer.journal.store import CLAIM, NOTE, SETTLE
from importer.records import Delivery

BEAT_SECONDS = 5.0
SWITCH_SECONDS = 0.0002
_Item = tuple[str, Delivery, Any, asyncio.Future[Answer] | None]


class JournalWriter:
    """Owns the journal while a run sends. Use as an async context manager."""

    def __init__(self, journal: Journal, run: RunRecord) -> None:
        self._journal = journal
        self._run = run
        self._queue: queue.SimpleQueue[_Item | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._failure: JournalError | None = None
        self._beaten = time.monotonic()
        self._loop: asyncio.AbstractEventLoop

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        # A thread that comes back from the disk waits this long for a busy event loop to make room: 5 ms by default,
        # several times what the disk takes.
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_SECONDS)
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        sys.setswitchinterval(self._interval)

    @property
    def failure(self) -> JournalError | None:
        """Why the journal can no longer be written, if it cannot."""
        return self._failure

    async def claim(self, delivery: Delivery) -> Answer:
        """Ask to send; the answer ``GRANTED`` means that the intent is on disk. Raises JournalError."""
        if self._failure:
            raise self._failure
        answer: asyncio.Future[Answer] = self._loop.create_future()
        self._queue.put((CLAIM, delivery, None, answer))
        return await answer

    def note_status(self, delivery: Delivery, http_status: int, sent_at: float) -> None:
        """Remember the status line, before the body is read."""
        self._queue.put((NOTE, delivery, (http_status, sent_at), None))

    def settle(self, delivery: Delivery, how: Settlement) -> None:
        """Remember how a delivery ended."""
        self._queue.put((SETTLE, delivery, how, None))

    def _write(self) -> None:
        while True:
            items, last = self._together()
            if items:
                self._commit(items)
            if time.monotonic() - self._beaten > BEAT_SECONDS:
                self._beat()
            if last:
                return

    def _together(self) -> tuple[list[_Item], bool]:
        """Everything that waits, or nothing after ``BEAT_SECONDS``; and whether it is the last."""
        items: list[_Item] = []
        try:
            item = self._queue.get(timeout=BEAT_SECONDS)
            while item is not None:
                items.append(item)
                item = self._queue.get_nowait()
        except queue.Empty:
            return items, False
        return items, True

    def _beat(self) -> None:
        self._beaten = time.monotonic()
        try:
            self._journal.beat(self._run.id)
        except JournalError as error:
            self._failure = error

    def _commit(self, items: list[_Item]) -> None:
        settled = {id(item[1]) for item in items if item[0] == SETTLE}
        needed = [item for item in items if item[0] != NOTE or id(item[1]) not in settled]
        try:
            if self._failure:
                raise self._failure  # noqa: TRY301 - it is handled like a new one
            answers = self._journal.apply(self._run, [item[:3] for item in needed])
        except Exception as error:  # noqa: BLE001 - whatever it is, no sender may wait for ever
            failure = error if isinstance(error, JournalError) else JournalError(f"the journal failed: {error!r}")
            self._failure = failure
            self._loop.call_soon_threadsafe(_fail, [item[3] for item in needed], failure)
        else:
            pairs = [(item[3], answer) for item, answer in zip(needed, answers, strict=True) if item[3] and answer]
            if pairs:
                self._loop.call_soon_threadsafe(_resolve, pairs)


def _resolve(pairs: list[tuple[asyncio.Future[Answer], Answer]]) -> None:
    for future, answer in pairs:
        if not future.done():
            future.set_result(answer)


def _fail(futures: list[asyncio.Future[Answer] | None], error: JournalError) -> None:
    for future in futures:
        if future is not None and not future.done():
            future.set_exception(error)
