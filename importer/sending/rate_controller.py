"""How fast to send: a rate that all senders share, learned from what the vendor lets through.

Nobody knows a vendor's limit, or its kind (a bucket of tokens, a window that is fixed, one that slides), so the rate
finds it: it climbs fast until the first 429, then settles below what was let through around the refusals, climbs back
by small steps, and stays for longer and longer where the last climb ended. The numbers below were found by simulating
the three kinds with and without ``Retry-After``: ``tests/sending/test_pace.py`` holds the simulation.
"""

from __future__ import annotations

import math
from collections import deque

CLIMB = 8.0
"""Times the rate in a second, until the first refusal."""
CAUGHT_UP = math.log(1 + math.log(CLIMB)) / math.log(CLIMB)
"""Seconds after which a climb has let go as many as the rate it began with lets go in one second.

So many may leave at once at the beginning, and then none until that time: a few rows need not wait for each other, and
from then on no more have left than without it.
"""
LEAP = 0.6
"""Seconds of climbing that one answer can be worth."""
FIRST = 0.9
"""Of what was let through in the second before the first refusal: where to go on from there."""
DEAR, FIRST_DEAR, NEARLY = 0.5, 0.96, 0.98
"""A pause of so many seconds costs more than what is left unused: from where to where to go on after the first refusal.

What a window let through in the second before it is its limit, and a second refusal would only say so once more.
"""
TOGETHER = 0.1
"""Requests that leave within so many seconds may arrive in any order."""
LONG_AGO = 15.0
"""Seconds after which it does not matter when a request left, unless its answer tells of a limit."""
BELOW = 0.98
"""Of a limit that two refusals in a row have shown."""
TOP = 0.97
"""Of the rate that was refused last: as far as the small steps go by themselves."""
WEIGHT = 0.3
"""Of the average between two refusals, against the last second before the second of them."""
SAME = 0.05
"""Two seconds let the same number through when they differ by no more."""
STEP, STEP_GROWTH, LARGEST_STEP = 0.05, 1.5, 0.5
STEADY_SECONDS = 2.0
HOLD_SECONDS, LONGEST_HOLD = 20.0, 320.0
PROBE = 0.02
PROBES = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.25, 30.0
CATCH_UP_SECONDS = 0.02
SPACING, SHORTEST_GAP = 0.9, 0.005
"""Of the time between two turns: how far apart requests leave at least, where that is long enough for a timer."""
SLOWEST = 0.02


class Pace:
    """A rate in requests a second. Times are seconds of one monotonic clock, handed in.

    ``delay`` is asked before each request, ``accepted`` and ``refused`` are told of each answer.
    """

    def __init__(self, rate: float, *, fixed: bool) -> None:
        self.rate = rate
        self._fixed = fixed
        self._next = 0.0
        self._resumed = float("-inf")
        self._left = 0.0
        # Of the first second's turns: those that are there at once, all of them, and the taken ones that have not left.
        self._at_once: int | None = 0 if fixed else None
        self._first = 0
        self._taken = 0
        self._pauses = 0
        # Since the rate last changed: when that was, and how many turns were taken.
        self._since: float | None = None
        self._turns = 0
        # Since the last refusal: when that was, and how many were let through.
        self._refused_at: float | None = None
        self._let_through = 0
        self._last_second: deque[float] = deque()
        # When those left that were let through; and, after a first and dear refusal, when that left, and at what rate.
        self._passed: deque[float] = deque()
        self._refused: tuple[float, float] | None = None
        self._counted = 0
        self._ceiling = float("inf")
        self._step = STEP
        self._hold = HOLD_SECONDS
        self._probes = 0

    def delay(self, now: float) -> float:
        """Seconds until the next request may leave; zero takes the turn."""
        if self._at_once is None:
            self._at_once = self._first = int(self.rate)
            self._next = now + CAUGHT_UP if self._first else now
        if self._at_once:
            self._at_once -= 1
            self._taken += 1
            self._turns += 1
            return 0.0
        # A late wake-up may be caught up on, by less than a turn: more would be a burst.
        slot = max(self._next, now - max(min(CATCH_UP_SECONDS, 0.25 / self.rate), CATCH_UP_SECONDS / 10))
        if slot > now:
            return slot - now
        if self._first:
            self._climb_on()
        self._next = slot + 1 / self.rate
        self._turns += 1
        return 0.0

    def _climb_on(self) -> None:
        """After the turns that were there at once, if all were let through: to where a climb would be by now."""
        if self._refused_at is None and self._let_through >= self._first:
            self.rate *= CLIMB**CAUGHT_UP
        self._first = self._taken = 0

    def spacing(self, now: float) -> float:
        """Seconds to wait, once more, just before a request leaves.

        What lies between a turn and its request, such as a slow disk, makes a bunch of several, and a bunch is more
        than a window lets through.
        """
        if self._taken:
            self._taken -= 1
            self._left = now
            return 0.0
        gap = SPACING / self.rate
        if gap < SHORTEST_GAP:
            return 0.0
        self._left = max(self._left + gap, now)
        return self._left - now

    def accepted(self, now: float, sent_at: float) -> None:
        """The vendor took one that left at ``sent_at``, or refused it for what is in it."""
        self._pauses = 0
        if self._fixed:
            return
        self._passed.append(sent_at)
        if self._refused is not None and sent_at >= self._resumed:
            self._refused = None
        if self._refused is not None:
            self._counted = self._settle_below(*self._refused)
        self._let_through += 1
        last = self._last_second[-1] if self._last_second else now
        self._last_second.append(now)
        self._forget(now)
        if self._since is None:
            self._since, self._turns = now, 0
        if self._refused_at is None:
            self._climb(now, last)
        else:
            self._step_up(now)

    def refused(self, now: float, sent_at: float, wait: float | None) -> float:
        """The vendor said "not now" to a request that left at ``sent_at``; the seconds that everyone pauses.

        What left before the last pause ended is the same refusal, told again.
        """
        if sent_at < self._resumed:
            self._next = max(self._next, now + (wait or 0.0))
            return max(self._next - now, 0.0)
        self._pauses += 1
        self._at_once = 0
        pause = wait if wait is not None else min(FIRST_PAUSE * 2 ** (self._pauses - 1), LONGEST_PAUSE)
        self._next = self._resumed = max(self._next, now + pause)
        if not self._fixed:
            self._learn(now, pause, sent_at)
            self._since, self._turns = self._resumed, 0
        return pause

    def _climb(self, now: float, last: float) -> None:
        """Before any refusal. Only what is made use of grows: the rate of a slow sender says nothing."""
        elapsed = min(1.0, now - (self._since or now))
        if len(self._last_second) >= 0.6 * self.rate * elapsed:
            self.rate *= CLIMB ** min(now - last, 2 / self.rate, LEAP)

    def _step_up(self, now: float) -> None:
        took = now - (self._since or now)
        if took < max(STEADY_SECONDS, 3 / self.rate) or self._turns < 0.8 * self.rate * took:
            return
        top = TOP * self._ceiling
        if self.rate < 0.995 * top:
            self._change(min(self.rate * (1 + self._step), top), now)
            self._step = min(self._step * STEP_GROWTH, LARGEST_STEP)
        elif took >= self._hold:
            self._change(self.rate * (1 + PROBE), now)
            self._hold = max(STEADY_SECONDS, self._hold / 2)
            self._probes += 1
            self._ceiling = max(self._ceiling, self.rate / TOP) * (1.3 if self._probes >= PROBES else 1.0)

    def _learn(self, now: float, pause: float, sent_at: float) -> None:
        """A refusal, which costs a pause: where the limit may be, and a rate below it."""
        self._refused = None
        self._forget(now)
        counted, first = len(self._last_second), self._refused_at is None
        self._last_second.clear()
        if first and pause >= DEAR:
            self._refused = (sent_at, self.rate)
            counted = self._settle_below(sent_at, self.rate)
        elif first:
            self._ceiling = self.rate
            self._lower(FIRST * max(counted, 1))
        elif self._let_through < 5 or now - (self._refused_at or now) < 1.0:
            self._lower(0.9 * self.rate)  # too soon to have learnt anything but that it is too fast
            return
        else:
            average = min(self._let_through / max(now - (self._refused_at or 0.0), 1e-3), self.rate)
            self._settle(average, counted)
        self._counted, self._let_through, self._refused_at = counted, 0, now
        hold = HOLD_SECONDS if first else min(2 * self._hold, LONGEST_HOLD)
        self._hold = min(max(hold, pause / PROBE), LONGEST_HOLD)  # until then a small step would not make up for it
        self._step, self._probes = STEP, 0

    def _settle_below(self, refused: float, rate: float) -> int:
        """What was let through of all that left in the second before the first one that was refused, at that rate.

        A refusal may be answered at once, and so before what left earlier. What left together may arrive in any order.
        """
        counted = max(sum(refused - 1 < sent_at <= refused + TOGETHER for sent_at in self._passed), 1)
        self._ceiling, self.rate = NEARLY / TOP * counted, min(FIRST_DEAR * counted, rate)
        return counted

    def _settle(self, average: float, counted: int) -> None:
        """Between the average since the last refusal (a bucket's limit) and the last second (a window's)."""
        refused = self.rate
        if counted and abs(counted - self._counted) <= SAME * counted <= SAME * 1.1 * refused:
            self._ceiling = min(refused, 1.005 * BELOW / TOP * counted)
            self._lower(min(BELOW * counted, 0.985 * refused))
            return
        self._ceiling = refused
        between = average**WEIGHT * max(counted, 1) ** (1 - WEIGHT)
        self._lower(min(max(average, min(between, 0.95 * max(counted, 1))), TOP * refused))

    def _lower(self, rate: float) -> None:
        self.rate = max(min(rate, self.rate), SLOWEST)

    def _change(self, rate: float, now: float) -> None:
        self.rate, self._since, self._turns = rate, now, 0

    def _forget(self, now: float) -> None:
        needed = now - LONG_AGO if self._refused is None else min(now - LONG_AGO, self._refused[0] - 1)
        while self._passed and self._passed[0] <= needed:
            self._passed.popleft()
        while self._last_second and self._last_second[0] <= now - 1:
            self._last_second.popleft()
