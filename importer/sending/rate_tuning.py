"""The constants of the rate controller, with their units and reasons.

They come from simulating three kinds of limit (a bucket of tokens, a fixed window, a sliding window) with and without
``Retry-After``. tests/sending/test_rate_controller.py holds the simulation: run it after changing a number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RateTuning:
    """Names end in their unit. A ``share`` is a factor below 1, a ``step`` is added to 1 and multiplied."""

    # BURST and CLIMB: published limits differ from what is enforced, so the rate grows until the first refusal.
    climb_factor_per_second: float = 8.0
    # One late answer must not raise the rate by more than this much climbing.
    longest_climb_seconds: float = 0.6
    # The rate grows only if at least this share of it is used: answers to a slow sender say nothing about the limit.
    climb_used_share: float = 0.6

    # The first refusal. The requests of the last second show the limit, roughly: go on a little below.
    first_refusal_share: float = 0.9
    # From this pause on, a second refusal costs more than a rate slightly too low, so the limit is measured instead.
    costly_pause_seconds: float = 0.5
    measured_rate_share: float = 0.96
    measured_ceiling_share: float = 0.98
    # Limits are round numbers; a count that a late timer has made slightly too small is rounded up.
    usual_limits: tuple[float, ...] = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8)
    rounding_slack: float = 1.033
    # A rate that was refused is above the limit by at least this much.
    below_refused_share: float = 0.95
    # A limit is hardly lower than a rate that was kept up for this long, a window or two, before it was refused.
    proven_seconds: float = 2.0
    # Requests that leave within this time may arrive in any order.
    reordering_seconds: float = 0.1
    # Older requests no longer count, except while a limit is being measured.
    sent_memory_seconds: float = 15.0

    # Later refusals. One that comes this soon proves only that the rate is too high.
    too_soon_seconds: float = 1.0
    too_soon_answers: int = 5
    too_soon_share: float = 0.9
    # Two refusals agree on a window's limit if the seconds before them differ by no more than this share.
    agreement_share: float = 0.05
    # A late timer moves a request from one second to the next.
    agreement_requests: float = 1.0
    # Some slack, because the rate that was refused may itself lie below the count of its last second.
    agreement_slack: float = 1.1
    agreed_rate_share: float = 0.98
    agreed_refused_share: float = 0.985
    agreed_ceiling_factor: float = 1.005
    # Below this rate, a second holds too few requests to count: only the average shows the limit, as with limits by the
    # minute. Burst allowances make an average over less than this many turns too high.
    slow_per_second: float = 5.0
    slow_average_turns: float = 12.0
    slow_rate_share: float = 0.99
    slow_ceiling_factor: float = 1.5
    # Without agreement the next rate lies between the average since the last refusal (a bucket's limit) and the last
    # second (a window's). This is the average's weight.
    average_weight: float = 0.3
    last_second_share: float = 0.95
    # Never settle closer than this below the rate that was refused; small steps climb no higher by themselves.
    top_share: float = 0.97
    slowest_per_second: float = 0.02

    # RECOVER: step up to the top after this much steady sending, in growing steps.
    steady_seconds: float = 2.0
    steady_turns: float = 3.0
    steady_used_share: float = 0.8
    first_step: float = 0.05
    step_growth: float = 1.5
    largest_step: float = 0.5
    # Close enough to the top to count as there.
    at_top_share: float = 0.995

    # HOLD: stay at the top, then probe. The hold doubles at each refusal and halves at each probe.
    first_hold_seconds: float = 20.0
    longest_hold_seconds: float = 320.0
    probe_step: float = 0.02
    # After this many successful probes the limit has probably been raised, so the ceiling rises faster.
    probes_before_leap: int = 5
    ceiling_leap_factor: float = 1.3

    # Pauses after a refusal without Retry-After; they double each time.
    first_pause_seconds: float = 0.25
    longest_pause_seconds: float = 30.0

    # Turns. A timer that fires late may catch up by this much, and by less than this share of a turn: more is a burst.
    catch_up_seconds: float = 0.02
    catch_up_share: float = 0.25
    least_catch_up_seconds: float = 0.002
    # Requests leave at least this share of a turn apart, if that is long enough for a timer to keep.
    spacing_share: float = 0.9
    shortest_gap_seconds: float = 0.005

    @property
    def burst_seconds(self) -> float:
        """Return how long a climb takes to let go as many requests as its first rate allows in one second.

        A burst of that many, followed by this much silence, has sent no more at any later moment than the climb alone.
        """
        growth = math.log(self.climb_factor_per_second)
        return math.log(1 + growth) / growth


TUNING = RateTuning()
