"""How fast to send: a rate that all senders share, and a pause for all of them when the vendor asks for one."""

from __future__ import annotations

import asyncio

CLIMB = 0.02
DROP = 0.7
SLOWEST = 0.05


class Pace:
    """Spaces requests ``1/rate`` apart. Unless the rate is fixed, a refusal lowers it and successes raise it again."""

    def __init__(self, rate: float, *, fixed: bool) -> None:
        self._rate = rate
        self._start = rate
        self._fixed = fixed
        self._next = 0.0
        self._dropped = 0.0

    @property
    def rate(self) -> float:
        """Requests a second, now."""
        return self._rate

    async def turn(self) -> None:
        """Wait until the next request may leave."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            # A tenth of a second's worth may be caught up on, so that a late wake-up costs no throughput.
            slot = max(self._next, now - 0.1)
            if slot <= now:
                self._next = slot + 1 / self._rate
                return
            await asyncio.sleep(slot - now)

    def refused(self, wait: float | None) -> None:
        """The vendor said "not now": everyone waits that many seconds (one when it says none) and then goes slower."""
        now = asyncio.get_running_loop().time()
        self._next = max(self._next, now + (1.0 if wait is None else wait) + 1 / self._rate)
        if not self._fixed and now >= self._dropped:
            self._rate = max(self._rate * DROP, SLOWEST)
            self._dropped = now + 1.0

    def accepted(self) -> None:
        """The vendor took one: climb back by small steps."""
        if not self._fixed:
            self._rate = min(self._rate + CLIMB * self._start / max(self._rate, 1.0), self._start)
