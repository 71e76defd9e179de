"""The number of requests in flight: few at first, more while answers are quick, half when the vendor is overloaded."""

from __future__ import annotations

import asyncio
from collections import deque

# The limit if neither the user nor the contract asks for more. A kill leaves at most this many rows uncertain.
DEFAULT_MOST = 32
# Users who ask for many know the vendor, so start with a share of what they ask for; but a wrong guess must stay small.
START_DIVISOR, LARGEST_START = 4, 16
# An answer is quick if it takes at most this many times the quickest one, plus this margin.
QUICK_FACTOR, QUICK_MARGIN_SECONDS = 2.0, 0.1
# The quickest time grows by this factor at each answer: what was quick an hour ago need not be quick now.
QUICKEST_DECAY = 1.001


def first_limit(usual: int, requested: int | None) -> int:
    """Return the first limit: the contract's, or a quarter (at most 16) of what the user requested, if that is more."""
    return max(usual, min((requested or 0) // START_DIVISOR, LARGEST_START))


class Concurrency:
    """Slots for senders. ``limit`` is between 1 and ``most``. Times are seconds of one monotonic clock, handed in."""

    def __init__(self, start: int, most: int) -> None:
        self.most = most
        self._size = float(min(start, most))
        self._acquired = 0
        self._in_flight = 0
        # Answers that may raise the limit: as many as requests were in flight when all slots were in use.
        self._growth = 0
        self._quickest = float("inf")
        self._halved_at: float | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()

    @property
    def limit(self) -> int:
        """Return how many senders may hold a slot."""
        return int(self._size)

    async def acquire(self) -> None:
        """Wait for a slot and take it."""
        while self._acquired >= self.limit:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn
        self._acquired += 1

    def release(self) -> None:
        """Give the slot back."""
        self._acquired -= 1
        self._wake()

    def record_sent(self) -> None:
        """Record that a request leaves."""
        self._in_flight += 1
        if self._in_flight >= self.limit:
            self._growth = self.limit

    def record_answer(self, seconds: float | None) -> None:
        """Record an answer and its time; None for a "not now", whose time says nothing.

        The limit grows only where it was what held senders back.
        """
        self._in_flight -= 1
        if seconds is None:
            return
        self._quickest = min(self._quickest * QUICKEST_DECAY, seconds)
        if self._growth and seconds <= QUICK_FACTOR * self._quickest + QUICK_MARGIN_SECONDS:
            self._growth -= 1
            # One more per answer until the first halving, then one more per round.
            self._size = min(self._size + (1.0 if self._halved_at is None else 1 / self._size), self.most)
            self._wake()

    def record_overload(self, now: float, sent_at: float) -> None:
        """Record a time-out or an overloaded vendor: halve the limit.

        Requests that left before the last halving report the same overload, so they count once.
        """
        self._in_flight -= 1
        if self._halved_at is None or sent_at >= self._halved_at:
            self._size = max(1.0, self.limit // 2)
            self._halved_at = now

    def _wake(self) -> None:
        free = self.limit - self._acquired
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
