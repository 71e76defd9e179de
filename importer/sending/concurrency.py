"""How many requests at once: few at first, more while answers are quick, half when the vendor struggles."""

from __future__ import annotations

import asyncio
from collections import deque

MOST = 32
"""At once, when nobody says otherwise."""
START_SHARE, START_MOST = 4, 16
QUICK_TIMES, QUICK_SECONDS = 2.0, 0.1
"""An answer is quick when it takes no more than this many times the quickest, and this much besides."""
FORGET = 1.001
"""Times the quickest, at each answer: what was quick an hour ago need not be quick now."""


def first_limit(usual: int, asked: int | None) -> int:
    """How many at first: as the contract says, or a quarter of what a person asked for, who knows better, up to 16."""
    return max(usual, min((asked or 0) // START_SHARE, START_MOST))


class Concurrency:
    """Slots for senders. ``limit`` is between 1 and ``most``; times are seconds of one monotonic clock, handed in."""

    def __init__(self, start: int, most: int) -> None:
        self.most = most
        self._size = float(min(start, most))
        self._taken = 0
        self._in_flight = 0
        # Answers that may let the limit grow: as many as there were requests when all slots were in use.
        self._growth = 0
        self._quickest = float("inf")
        self._halved_at: float | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        """How many may hold a slot."""
        return int(self._size)

    async def enter(self) -> None:
        """Wait for a slot."""
        while self._taken >= self.limit:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self._taken += 1

    def leave(self) -> None:
        """Give the slot back."""
        self._taken -= 1
        self._wake()

    def sent(self) -> None:
        """A request leaves."""
        self._in_flight += 1
        if self._in_flight >= self.limit:
            self._growth = self.limit

    def answered(self, seconds: float | None) -> None:
        """It was answered in that time (None: by "not now"). The limit grows where it was what held senders back."""
        self._in_flight -= 1
        if seconds is None:
            return
        self._quickest = min(self._quickest * FORGET, seconds)
        if self._growth and seconds <= QUICK_TIMES * self._quickest + QUICK_SECONDS:
            self._growth -= 1
            self._size = min(self._size + (1.0 if self._halved_at is None else 1 / self._size), self.most)
            self._wake()

    def struggled(self, now: float, sent_at: float) -> None:
        """It timed out, or the vendor is overloaded. What left before the last halving tells the same once more."""
        self._in_flight -= 1
        if self._halved_at is None or sent_at >= self._halved_at:
            self._size = max(1.0, self.limit // 2)
            self._halved_at = now

    def _wake(self) -> None:
        free = self.limit - self._taken
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
