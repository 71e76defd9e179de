"""The rate of sending: one rate for all senders, learned from what the vendor accepts.

A vendor's limit is unknown, and so is its kind: a bucket of tokens, a fixed window or a sliding one. The contract's
rate is only the start, because published limits differ from enforced ones::

      BURST ───────────▶ CLIMB
        │   silence over   │
        └────────┬─────────┘
                 │ first refusal
        ┌────────┴─────────┐
        │ costly pause     │ cheap pause
        ▼                  ▼       at the top
     MEASURE ──────────▶ RECOVER ────────────▶ HOLD ──┐ a probe at the
        answer to a      ▲    ▲                │  ▲   │ end of each hold
        later request    │    └─ five probes ──┘  └───┘
                         └─ every later refusal, from any phase

``FIXED`` stands apart: a rate that was asked for never changes, though everyone still pauses after a refusal.

What a refusal proves depends on the kind of limit: the average since the last refusal is a bucket's limit, the last
second is a window's. So the next rate lies between the two until two refusals agree. Where a vendor answers every
refusal with "wait one second", each try costs that second: then the limit is measured at the first refusal (a bucket's
next refusal corrects it), and a probe waits until it can make up for the pause it may cost.

The numbers are in ``rate_tuning``.
"""

from __future__ import annotations

import base64
import math
from array import array
from collections import deque
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Self

from importer.sending.rate_tuning import TUNING


class Phase(StrEnum):
    """Decides what an answer to a request does to the rate."""

    FIXED = "fixed"  # nothing: the rate was asked for
    BURST = "burst"  # raises it; the turns of the first second leave at once
    CLIMB = "climb"  # raises it; no request has been refused yet
    MEASURE = "measure"  # counts for the limit, if it left before the first refusal
    RECOVER = "recover"  # raises it by a step, up to just below the rate that was refused last
    HOLD = "hold"  # raises it by a probe, once the hold is over


# The attributes that are times of many requests: up to thousands, so packed as bytes.
_TIMES = ("_answered_at", "_sent_at")
_MOMENTS = ("_next_turn", "_pause_end", "_left_at", "_refused_at", "_rate_since", "_earlier_since")


class RateController:
    """A rate in requests a second. All times are seconds of one monotonic clock, handed in.

    Call ``delay`` and ``spacing`` before each request, ``accepted`` or ``refused`` after each answer.
    """

    def __init__(self, rate: float, *, fixed: bool) -> None:
        self.rate = rate
        self.phase = Phase.FIXED if fixed else Phase.BURST
        # Turns: when the next one is due, when the last pause ends, when the last request left.
        self._has_begun = fixed
        self._next_turn = 0.0
        self._pause_end = -math.inf
        self._left_at = 0.0
        self._pauses_in_a_row = 0
        # The burst: its size until it is over, the turns still to take, and those taken that have not left yet.
        self._burst_size = 0
        self._burst_turns = 0
        self._burst_waiting = 0
        # Since the rate last changed.
        self._rate_since: float | None = None
        self._turns = 0
        # Since the last refusal.
        self._refused_at = -math.inf
        self._accepted = 0
        # The time before the last refusal: since when, and what was accepted.
        self._earlier_since = math.inf
        self._earlier_accepted = 0
        # The answers of the last second; and when accepted requests left, for the measuring.
        self._answered_at: deque[float] = deque()
        self._sent_at: deque[float] = deque()
        # While measuring: when the refused request left, and the rate at which it did.
        self._first_refusal: tuple[float, float] | None = None
        self._last_second = 0  # the count before the last refusal
        self._ceiling = math.inf
        self._step = TUNING.first_step
        self._hold_seconds = TUNING.first_hold_seconds
        self._probes = 0

    def delay(self, now: float) -> float:
        """Return the seconds until the next request may leave. Zero takes the turn."""
        if not self._has_begun:
            self._begin(now)
        if self._burst_turns:
            self._burst_turns -= 1
            self._burst_waiting += 1
            self._turns += 1
            return 0.0
        turn = self._due_turn(now)
        if turn > now:
            return turn - now
        if self._burst_size:
            self._end_burst()
        self._next_turn = turn + 1 / self.rate
        self._turns += 1
        return 0.0

    def reserve_turns(self, now: float, count: int) -> list[float]:
        """Take the next turns at once, for a sender that shares the rate; return when each may leave."""
        if not self._has_begun:
            self._begin(now)
        turns = []
        for _ in range(count):
            if self._burst_turns:
                self._burst_turns -= 1
                turns.append(now)
                continue
            turn = self._due_turn(now)
            if self._burst_size and turn <= now:
                self._end_burst()
            self._next_turn = turn + 1 / self.rate
            turns.append(max(turn, now))
        self._turns += count
        return turns

    def return_turns(self, now: float) -> None:
        """Take back every reserved turn: the next one is due now, or after the pause."""
        self._next_turn = max(min(self._next_turn, now), self._pause_end)

    def forget_pause(self, now: float, idle_seconds: float) -> None:
        """Continue after a time without a sender, as if it had not been: it says nothing about the limit."""
        self._pause_end = min(self._pause_end, now)
        self._next_turn = min(self._next_turn, now)
        self._refused_at += idle_seconds
        self._rate_since, self._turns = None, 0

    def at_rate(self, rate: float, *, fixed: bool) -> RateController:
        """Return a controller with another rate that keeps this one's turns and its pause."""
        data = RateController(rate, fixed=fixed).to_data() | {"_has_begun": True}
        if not fixed:
            data["phase"] = Phase.CLIMB
        return self.from_data(data | {name: getattr(self, name) for name in ("_next_turn", "_pause_end", "_left_at")})

    @property
    def pause_end(self) -> float:
        """The end of the last pause, minus infinity before the first."""
        return self._pause_end

    @property
    def has_proven_rate(self) -> bool:
        """True if the last answer was no refusal, so that the rate is one to begin with."""
        return self._pauses_in_a_row == 0

    def to_data(self) -> dict[str, Any]:
        """Return the state as an object that JSON can hold."""
        data = {name: value for name, value in vars(self).items() if not isinstance(value, deque)}
        return data | {name: _pack(getattr(self, name)) for name in _TIMES}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the controller of a state. Raises ValueError when it is another version's."""
        controller = cls(1.0, fixed=False)
        if data.keys() != vars(controller).keys():
            raise ValueError("the state of a rate has other fields")
        refusal = data["_first_refusal"]
        vars(controller).update(
            data,
            phase=Phase(data["phase"]),
            _first_refusal=(refusal[0], refusal[1]) if refusal else None,
            **{name: _unpack(data[name]) for name in _TIMES},
        )
        return controller

    def shifted(self, seconds: float) -> RateController:
        """Return a copy on a clock that is ahead by some seconds."""
        if not seconds:
            return self.from_data(self.to_data())  # the times stay packed, without a loop over thousands
        data = self.to_data() | {name: _pack(moment + seconds for moment in getattr(self, name)) for name in _TIMES}
        data |= {name: data[name] + seconds for name in _MOMENTS if data[name] is not None}
        if self._first_refusal is not None:
            data["_first_refusal"] = (self._first_refusal[0] + seconds, self._first_refusal[1])
        return self.from_data(data)

    def _due_turn(self, now: float) -> float:
        catch_up = min(TUNING.catch_up_seconds, TUNING.catch_up_share / self.rate)
        return max(self._next_turn, now - max(catch_up, TUNING.least_catch_up_seconds))

    def spacing(self, now: float) -> float:
        """Return the seconds to wait once more, just before the request leaves.

        What lies between a turn and its request, such as a slow disk, bunches requests, and a bunch is more than a
        window accepts.
        """
        if self._burst_waiting:
            self._burst_waiting -= 1
            self._left_at = now
            return 0.0
        gap = TUNING.spacing_share / self.rate
        if gap < TUNING.shortest_gap_seconds:
            return 0.0
        self._left_at = max(self._left_at + gap, now)
        return self._left_at - now

    def accepted(self, now: float, sent_at: float) -> None:
        """Record that the vendor took a request that left at ``sent_at``, or refused it for its content."""
        self._pauses_in_a_row = 0
        if self.phase is Phase.FIXED:
            return
        self._sent_at.append(sent_at)
        if self._first_refusal is not None:
            self._measure(sent_at)
        self._accepted += 1
        previous = self._answered_at[-1] if self._answered_at else now
        self._answered_at.append(now)
        self._forget(now)
        if self._rate_since is None:
            self._rate_since, self._turns = now, 0
        if self.phase in (Phase.BURST, Phase.CLIMB):
            self._climb(now, previous, self._rate_since)
        elif self._is_steady(now - self._rate_since):
            if self.phase is Phase.HOLD:
                self._probe(now, now - self._rate_since)
            else:
                self._step_up(now)

    def refused(self, now: float, sent_at: float, wait: float | None) -> float:
        """Record a "not now" for a request that left at ``sent_at``. Return the seconds that all senders pause.

        A request that left before the last pause ended repeats the same refusal, so the rate learns nothing from it.
        """
        if sent_at < self._pause_end:
            self._next_turn = max(self._next_turn, now + (wait or 0.0))
            return max(self._next_turn - now, 0.0)
        self._pauses_in_a_row += 1
        self._has_begun, self._burst_turns = True, 0
        doubled = TUNING.first_pause_seconds * 2 ** (self._pauses_in_a_row - 1)
        pause = wait if wait is not None else min(doubled, TUNING.longest_pause_seconds)
        self._next_turn = self._pause_end = max(self._next_turn, now + pause)
        if self.phase is not Phase.FIXED:
            self._learn(now, pause, sent_at)
            self._rate_since, self._turns = self._pause_end, 0
        return pause

    # BURST and CLIMB

    def _begin(self, now: float) -> None:
        """Let the requests of the first second leave at once: a few rows need not wait for each other."""
        self._has_begun = True
        self._earlier_since = now
        self._burst_size = self._burst_turns = int(self.rate)
        self._next_turn = now + TUNING.burst_seconds if self._burst_size else now
        if not self._burst_size:
            self.phase = Phase.CLIMB

    def _end_burst(self) -> None:
        """Raise the rate to where a climb would be by now, if the whole burst was accepted."""
        if self.phase is Phase.BURST:
            self.phase = Phase.CLIMB
            if self._accepted >= self._burst_size:
                self.rate *= TUNING.climb_factor_per_second**TUNING.burst_seconds
        self._burst_size = self._burst_waiting = 0

    def _climb(self, now: float, previous: float, since: float) -> None:
        """Raise the rate for the time since the answer before, if the rate is made use of."""
        elapsed = min(1.0, now - since)
        if len(self._answered_at) >= TUNING.climb_used_share * self.rate * elapsed:
            # Senders that share the rate report their answers in bunches, so one may be older than the one before.
            seconds = max(min(now - previous, 2 / self.rate, TUNING.longest_climb_seconds), 0.0)
            self.rate *= TUNING.climb_factor_per_second**seconds

    # MEASURE

    def _measure(self, sent_at: float) -> None:
        """Count a late answer for the limit; the first one that left after the pause ends the measuring."""
        if self._first_refusal is None or sent_at >= self._pause_end:
            self._first_refusal = None
            self._enter_recover_or_hold()
        else:
            self._last_second = self._settle_measured(*self._first_refusal)

    def _settle_measured(self, refused_sent_at: float, refused_rate: float) -> int:
        """Settle below what was accepted of the second before the first refused request left; return that count.

        Refusals overtake the answers to earlier requests, so the count grows while those come in.
        """
        first, last = refused_sent_at - 1, refused_sent_at + TUNING.reordering_seconds
        counted = max(sum(first < sent_at <= last for sent_at in self._sent_at), 1)
        self._settle_below(_usual_limit(counted * TUNING.rounding_slack), refused_rate)
        if counted < TUNING.too_soon_answers:  # too few to show a limit
            self._ceiling = refused_rate
        return counted

    def _settle_below(self, limit: float, highest: float) -> None:
        """Settle just below a limit, and no higher than a rate."""
        self._ceiling = TUNING.measured_ceiling_share / TUNING.top_share * limit
        self.rate = max(min(TUNING.measured_rate_share * limit, highest), TUNING.slowest_per_second)

    # RECOVER and HOLD

    def _enter_recover_or_hold(self) -> None:
        is_below_top = self.rate < TUNING.at_top_share * (TUNING.top_share * self._ceiling)
        self.phase = Phase.RECOVER if is_below_top else Phase.HOLD

    def _is_steady(self, seconds: float) -> bool:
        """Return True when the present rate has lasted long enough and most of its turns were taken."""
        if seconds < max(TUNING.steady_seconds, TUNING.steady_turns / self.rate):
            return False
        return self._turns >= TUNING.steady_used_share * self.rate * seconds

    def _step_up(self, now: float) -> None:
        self._change(min(self.rate * (1 + self._step), TUNING.top_share * self._ceiling), now)
        self._step = min(self._step * TUNING.step_growth, TUNING.largest_step)
        if self.phase is Phase.RECOVER:
            self._enter_recover_or_hold()

    def _probe(self, now: float, held_seconds: float) -> None:
        """Try a slightly higher rate, once the hold is over."""
        if held_seconds < self._hold_seconds:
            return
        self._change(self.rate * (1 + TUNING.probe_step), now)
        self._hold_seconds = max(TUNING.steady_seconds, self._hold_seconds / 2)
        self._probes += 1
        leap = TUNING.ceiling_leap_factor if self._probes >= TUNING.probes_before_leap else 1.0
        self._ceiling = max(self._ceiling, self.rate / TUNING.top_share) * leap
        self._enter_recover_or_hold()

    # Refusals

    def _learn(self, now: float, pause: float, sent_at: float) -> None:
        """Settle at a rate below the limit that a refusal shows."""
        self._first_refusal = None
        self._forget(now)
        counted, is_first = len(self._answered_at), self.phase in (Phase.BURST, Phase.CLIMB)
        self._answered_at.clear()
        if is_first:
            counted = self._settle_first(counted, pause, sent_at)
        elif self._is_too_soon(now):
            long_average = self._long_average(now)
            is_known = long_average < TUNING.slow_per_second
            self._lower(TUNING.too_soon_share * max(self.rate, long_average if is_known else 0.0))
            self._enter_recover_or_hold()
            return
        else:
            average = self._accepted / max(now - self._refused_at, 1e-3)
            self._settle(min(average, self.rate), counted, pause, now)
        if not is_first:
            self._earlier_since = self._refused_at
        self._earlier_accepted = self._accepted
        self._last_second, self._accepted, self._refused_at = counted, 0, now
        hold = TUNING.first_hold_seconds if is_first else min(2 * self._hold_seconds, TUNING.longest_hold_seconds)
        # Before this time, what a probe gains would not make up for the pause that it may cost.
        self._hold_seconds = min(max(hold, pause / TUNING.probe_step), TUNING.longest_hold_seconds)
        self._step, self._probes = TUNING.first_step, 0
        if self._first_refusal is not None:
            self.phase = Phase.MEASURE
        else:
            self._enter_recover_or_hold()

    def _long_average(self, now: float) -> float:
        """Return what was accepted a second since the refusal before the last one, pauses included.

        A limit by the minute may ask for a pause of a minute, and the average of that minute alone is far too low.
        """
        return (self._earlier_accepted + self._accepted) / max(now - self._earlier_since, 1.0)

    def _is_too_soon(self, now: float) -> bool:
        """Return True for a refusal that proves only that the rate is too high."""
        elapsed = now - self._refused_at
        if self._accepted < TUNING.too_soon_answers or elapsed < TUNING.too_soon_seconds:
            return True
        is_slow = self.rate < TUNING.slow_per_second
        return is_slow and self._accepted < TUNING.slow_average_turns

    def _settle_first(self, counted: int, pause: float, sent_at: float) -> int:
        """Settle after the first refusal; return how many requests its last second held."""
        if pause >= TUNING.costly_pause_seconds:
            self._first_refusal = (sent_at, self.rate)
            return self._settle_measured(*self._first_refusal)
        self._ceiling = self.rate
        self._lower(TUNING.first_refusal_share * max(counted, 1))
        return counted

    def _settle(self, average: float, counted: int, pause: float, now: float) -> None:
        """Settle between the average since the last refusal and the last second, or at a limit that two agree on.

        After a costly pause another refusal would cost too much to search between them: settle at the next usual limit,
        or a little lower where the rate was kept up for some seconds, so that only requests that bunched were too many.
        """
        refused = self.rate
        if average < TUNING.slow_per_second:
            long_average = max(average, self._long_average(now))
            # A window of a minute lets any rate through for a while, so the rate that was refused says little.
            self._ceiling = min(refused, TUNING.slow_ceiling_factor * long_average)
            self._lower(min(TUNING.slow_rate_share * long_average, TUNING.top_share * refused))
            return
        tolerance = max(TUNING.agreement_share * counted, TUNING.agreement_requests)
        has_agreed = abs(counted - self._last_second) <= tolerance
        if counted and has_agreed and counted <= TUNING.agreement_slack * refused:
            ceiling = TUNING.agreed_ceiling_factor * TUNING.agreed_rate_share / TUNING.top_share * counted
            self._ceiling = min(refused, ceiling)
            self._lower(min(TUNING.agreed_rate_share * counted, TUNING.agreed_refused_share * refused))
            return
        if pause >= TUNING.costly_pause_seconds:
            if now - pause - self._refused_at >= TUNING.proven_seconds:
                self._ceiling = refused
                self._lower(TUNING.top_share * refused)
                return
            self._settle_below(_usual_limit(refused * TUNING.below_refused_share), refused)
            return
        self._ceiling = refused
        last_second = max(counted, 1)
        between = average**TUNING.average_weight * last_second ** (1 - TUNING.average_weight)
        rate = max(average, min(between, TUNING.last_second_share * last_second))
        self._lower(min(rate, TUNING.top_share * refused))

    def _lower(self, rate: float) -> None:
        self.rate = max(min(rate, self.rate), TUNING.slowest_per_second)

    def _change(self, rate: float, now: float) -> None:
        self.rate, self._rate_since, self._turns = rate, now, 0

    def _forget(self, now: float) -> None:
        """Drop the times that no later decision looks at."""
        oldest = now - TUNING.sent_memory_seconds
        if self._first_refusal is not None:
            oldest = min(oldest, self._first_refusal[0] - 1)
        while self._sent_at and self._sent_at[0] <= oldest:
            self._sent_at.popleft()
        while self._answered_at and self._answered_at[0] <= now - 1:
            self._answered_at.popleft()


def _usual_limit(rate: float) -> float:
    """Return the largest usual limit that is not above a rate.

    A second in which a fixed window ends holds requests of two windows, so a count is often a little above the limit.
    Vendors set round limits: 20, not 22.
    """
    scale = 10.0 ** math.floor(math.log10(rate))
    return scale * max(step for step in TUNING.usual_limits if step * scale <= rate or step == 1)


def _pack(times: Iterable[float]) -> str:
    return base64.b64encode(array("d", times).tobytes()).decode()


def _unpack(packed: str) -> deque[float]:
    times = array("d")
    times.frombytes(base64.b64decode(packed))
    return deque(times)
