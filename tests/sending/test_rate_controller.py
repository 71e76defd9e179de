"""The pace against the three kinds of limit, in a simulation that needs no time; and what it does with single answers."""

from __future__ import annotations

import heapq
import itertools
import math
import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from importer.sandbox.rate_limiters import FixedWindow, Limiter, SlidingWindow, TokenBucket
from importer.sending.rate_controller import RateController


@dataclass
class Ran:
    """What a simulated run came to."""

    throughput: float  # requests let through a second
    throttled: float  # share of requests answered 429
    rate: float  # where the pace ended


def simulate(
    pace: RateController,
    limiter: Limiter,
    *,
    rows: int = 1000,
    at_once: int = 8,
    latency: float = 0.05,
    told: str = "",
    at_the_door: bool = False,
    late: float = 0.0,
    seed: int = 1,
) -> Ran:
    """Send rows through a limiter: half the latency there, half back, timers and networks a little late.

    ``at_the_door``: who is refused is told so at once, who is let through waits for the rest of the latency.
    ``late``: a busy machine delays three of ten requests by up to this many seconds.
    """
    dice, order = random.Random(seed), itertools.count()
    events: list[tuple[float, int, str, float, float]] = []
    left, sent, refused, passed, last, begun = rows, 0, 0, 0, 0.0, 100.0

    def at(moment: float, what: str, sent_at: float = 0.0, wait: float = 0.0) -> None:
        heapq.heappush(events, (moment, next(order), what, sent_at, wait))

    for _ in range(at_once):
        at(begun, "next")
    while events:
        now, _, what, sent_at, wait = heapq.heappop(events)
        if what == "next" and left:
            left -= 1
            what = "turn"
        if what == "turn":
            delay = pace.delay(now)
            if delay:
                at(now + delay + dice.random() * 0.002, "turn")
            else:
                sent += 1
                there = latency / 50 if at_the_door else latency
                if late and dice.random() < 0.3:
                    now += late * dice.random()
                at(now + there * (0.4 + 0.2 * dice.random()), "arrive", now)
        elif what == "arrive":
            wait = limiter.wait(now)
            back = latency / 2 if not at_the_door else latency / 50 if wait else latency
            at(now + back, "refused" if wait else "passed", sent_at, wait)
        elif what == "passed":
            passed, last = passed + 1, now
            pace.accepted(now, sent_at)
            at(now, "next")
        elif what == "refused":
            refused += 1
            pace.refused(now, sent_at, {"": None, "whole seconds": math.ceil(wait), "exact": wait}[told])
            at(now, "turn")
    assert passed == rows
    return Ran(rows / (last - begun), refused / sent, pace.rate)


LIMITS: dict[str, Callable[[float], Limiter]] = {
    "a bucket": TokenBucket,
    "a small bucket": lambda rate: TokenBucket(rate, rate / 2),
    "a large bucket": lambda rate: TokenBucket(rate, 2 * rate),
    "a fixed window": FixedWindow,
    "a sliding window": SlidingWindow,
}


@pytest.mark.parametrize("told", ["", "exact"])
@pytest.mark.parametrize("start", [100 / 60, 5, 10, 40])
@pytest.mark.parametrize("kind", LIMITS)
def test_nine_tenths_of_any_limit_are_used_and_few_requests_refused(kind: str, start: float, told: str) -> None:
    ran = simulate(RateController(start, fixed=False), LIMITS[kind](20), told=told)

    assert ran.throughput >= 0.9 * 20
    assert ran.throttled <= 0.05


@pytest.mark.parametrize("start", [5, 10])
@pytest.mark.parametrize("kind", LIMITS)
def test_waits_in_whole_seconds_cost_a_second_at_each_refusal(kind: str, start: float) -> None:
    ran = simulate(RateController(start, fixed=False), LIMITS[kind](20), told="whole seconds", rows=2000)

    assert ran.throughput >= 0.9 * 20
    assert ran.throttled <= 0.05


class Shifted:
    """A limit whose windows begin at another time."""

    def __init__(self, limiter: Limiter, seconds: float) -> None:
        self._limiter, self._seconds = limiter, seconds

    def wait(self, now: float) -> float:
        return self._limiter.wait(now + self._seconds)


SMALL_FILE_RUNS = 20


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("a bucket", "whole seconds"),
        ("a fixed window", "whole seconds"),
        ("a sliding window", "whole seconds"),
        ("a bucket", ""),
        ("a fixed window", ""),
        ("a sliding window", ""),
    ],
)
def test_a_small_file_is_sent_nearly_as_fast_as_the_limit_allows(kind: str, told: str) -> None:
    runs = [
        simulate(
            RateController(10, fixed=False),
            Shifted(LIMITS[kind](20), (seed + 0.5) / SMALL_FILE_RUNS),
            told=told,
            rows=400,
            latency=(0.005, 0.02, 0.05, 0.1)[seed % 4],
            seed=seed,
        )
        for seed in range(SMALL_FILE_RUNS)
    ]

    assert statistics.mean(ran.throughput for ran in runs) >= 0.93 * 20
    assert statistics.mean(ran.throttled for ran in runs) <= 0.03


@pytest.mark.parametrize("kind", ["a fixed window", "a sliding window"])
def test_requests_that_a_busy_machine_bunches_do_not_cost_a_quarter_of_a_window(kind: str) -> None:
    runs = [
        simulate(
            RateController(10, fixed=False), Shifted(LIMITS[kind](20), seed / 10), told="whole seconds", rows=800,
            late=0.05, seed=seed,
        )
        for seed in range(10)
    ]  # fmt: skip

    assert statistics.mean(ran.throughput for ran in runs) >= 0.88 * 20
    assert min(ran.throughput for ran in runs) >= 0.8 * 20
    assert statistics.mean(ran.throttled for ran in runs) <= 0.02


BY_THE_MINUTE: dict[str, Callable[[float], Limiter]] = {
    "a bucket": TokenBucket,
    "a bucket of a minute": lambda rate: TokenBucket(rate, 60 * rate),
    "a fixed window": lambda rate: FixedWindow(rate, 60),
    "a sliding window": lambda rate: SlidingWindow(rate, 60),
    "a sliding window of ten seconds": lambda rate: SlidingWindow(rate, 10),
}


@pytest.mark.parametrize("told", ["", "whole seconds", "exact"])
@pytest.mark.parametrize("kind", BY_THE_MINUTE)
def test_a_limit_by_the_minute_is_used_nearly_whole(kind: str, told: str) -> None:
    rate = 100 / 60
    runs = [
        simulate(
            RateController(rate, fixed=False),
            Shifted(BY_THE_MINUTE[kind](rate), 30 * seed + 15),
            told=told,
            rows=1000,
            seed=seed,
        )
        for seed in range(2)
    ]

    # A window that says nothing of how long to wait is asked in doubling pauses.
    least = 0.93 if kind.startswith("a sliding") and not told else 0.95
    assert statistics.mean(ran.throughput for ran in runs) >= least * rate
    assert statistics.mean(ran.throttled for ran in runs) <= 0.05


@pytest.mark.parametrize("at_the_door", [True, False])
@pytest.mark.parametrize("kind", ["a bucket", "a fixed window", "a sliding window"])
def test_a_window_that_begins_with_the_run_is_known_after_one_dear_refusal(kind: str, *, at_the_door: bool) -> None:
    ran = simulate(
        RateController(10, fixed=False), LIMITS[kind](20), told="whole seconds", rows=1000, at_the_door=at_the_door
    )

    assert ran.throughput >= 0.95 * 20
    assert ran.throttled <= 0.02


def test_answers_that_a_refusal_has_overtaken_are_counted_when_they_come() -> None:
    pace = RateController(10, fixed=False)
    pace.refused(50.1, 50.05, 1.0)
    before = pace.rate

    for late in range(4):  # of a vendor who takes twenty seconds for each
        pace.accepted(70.0 + late / 100, 50.0 + late / 100)
    known = pace.rate
    pace.accepted(72.0, 52.0)  # which left after the pause, and tells nothing of what was before it
    pace.accepted(72.1, 50.04)

    assert before == pytest.approx(0.96)
    assert known == pytest.approx(0.96 * 4)
    assert pace.rate == known


@pytest.mark.parametrize("kind", ["a bucket", "a fixed window", "a sliding window"])
@pytest.mark.parametrize(("start", "limit"), [(10, 2), (5, 100), (100 / 60, 300)])
def test_the_pace_finds_limits_far_from_where_it_starts(kind: str, start: float, limit: float) -> None:
    ran = simulate(RateController(start, fixed=False), LIMITS[kind](limit), rows=int(40 * limit), at_once=64)

    assert ran.throughput >= 0.8 * limit
    assert ran.rate <= 1.15 * limit


@pytest.mark.parametrize(("before", "after"), [(20, 5), (10, 40)])
def test_a_limit_that_changes_is_found_again(before: float, after: float) -> None:
    class Changing:
        def __init__(self) -> None:
            self.first, self.then = TokenBucket(before), TokenBucket(after)

        def wait(self, now: float) -> float:
            return (self.first if now < 160 else self.then).wait(now)

    pace = RateController(10, fixed=False)
    simulate(pace, Changing(), rows=int(60 * before + 400 * after))

    assert 0.75 * after <= pace.rate <= 1.2 * after


def test_without_refusals_the_rate_climbs_as_far_as_it_is_made_use_of() -> None:
    quick, slow = RateController(5, fixed=False), RateController(5, fixed=False)

    simulate(quick, TokenBucket(1e9), rows=5000, latency=0.01)
    simulate(slow, TokenBucket(1e9), rows=200, latency=1.0, at_once=2)

    assert quick.rate > 300
    assert slow.rate < 30


def test_a_fixed_rate_does_not_change_but_everyone_still_pauses() -> None:
    pace = RateController(10, fixed=True)
    assert pace.delay(50.0) == 0

    assert pace.refused(50.1, 50.0, 3.0) == 3.0
    for moment in range(100):
        pace.accepted(60.0 + moment, 60.0 + moment)

    assert pace.rate == 10
    assert pace.delay(50.2) == pytest.approx(2.9, abs=0.01)


def test_refusals_of_what_left_before_the_pause_are_one_refusal() -> None:
    pace = RateController(40, fixed=False)
    for tick in range(80):
        pace.accepted(50 + tick / 40, 50 + tick / 40)
    pace.refused(52.0, 51.95, None)
    once = pace.rate

    for late in range(5):
        pace.refused(52.01 + late / 100, 51.99, None)

    assert pace.rate == once


def test_without_a_word_on_how_long_the_pauses_grow() -> None:
    pace = RateController(10, fixed=False)
    moment, pauses = 10.0, []

    for _ in range(9):
        pauses.append(pace.refused(moment, moment, None))
        moment += pauses[-1] + 1

    assert pauses == [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30]
    pace.accepted(moment, moment)
    assert pace.refused(moment, moment, None) == 0.25


def test_a_bunch_that_a_slow_disk_has_made_leaves_one_by_one() -> None:
    pace = RateController(20, fixed=False)

    waits = [pace.spacing(50.0) for _ in range(4)]
    later = pace.spacing(60.0)

    assert waits == pytest.approx([0, 0.045, 0.09, 0.135])
    assert later == 0
    assert [RateController(5000, fixed=False).spacing(50.0) for _ in range(3)] == [0, 0, 0]


def left_by(pace: RateController, seconds: float, latency: float = 0.0) -> int:
    """How many requests leave so soon, when a sender asks at every millisecond and each is let through."""
    left, answers = 0, list[float]()
    for tick in range(int(seconds * 1000)):
        now = 50 + tick / 1000
        while answers and answers[0] <= now:
            answered = answers.pop(0)
            pace.accepted(answered, answered - latency)
        while not pace.delay(now):
            left += 1
            answers.append(now + latency)
    return left


@pytest.mark.parametrize("rate", [2, 5, 10, 40])
def test_the_requests_of_the_first_second_leave_at_once_and_then_none_until_a_climb_would_have_let_go_as_many(
    rate: float,
) -> None:
    assert left_by(RateController(rate, fixed=False), 0.001) == rate
    assert left_by(RateController(rate, fixed=False), 0.5) == rate
    assert left_by(RateController(rate, fixed=False), 0.6) > rate


def test_a_request_of_the_first_second_is_not_held_back_a_second_time() -> None:
    pace = RateController(10, fixed=False)

    waits = [(pace.delay(50.0), pace.spacing(50.0)) for _ in range(10)]

    assert waits == [(0, 0)] * 10
    assert pace.delay(50.0) > 0.5


def test_nothing_more_leaves_at_once_after_a_refusal() -> None:
    pace = RateController(10, fixed=False)
    pace.delay(50.0)

    pace.refused(50.1, 50.0, 2.0)

    assert pace.delay(50.2) == pytest.approx(1.9, abs=0.01)


def test_a_slow_rate_and_a_fixed_one_leave_one_by_one() -> None:
    assert left_by(RateController(100 / 60, fixed=False), 0.001) == 1
    assert left_by(RateController(10, fixed=True), 0.001) == 1


def test_a_small_step_is_not_tried_before_it_can_make_up_for_what_a_refusal_costs() -> None:
    refusals = [
        simulate(RateController(10, fixed=False), SlidingWindow(20), told=told, rows=1000).throttled
        for told in ("exact", "whole seconds")
    ]

    assert refusals[1] <= refusals[0]
