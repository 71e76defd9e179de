"""The rate that senders of one target share, in a simulation that needs no time; and what a look brings."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from importer.sandbox.rate_limiters import Limiter, SlidingWindow, TokenBucket
from importer.sending.rate_shares import DEAD_SECONDS, LOOK_SECONDS, Event, Grant, Look, take_look

LATENCY, TRIP = 0.05, 0.004


@dataclass
class Sender:
    """One run: its rows, its rate, and when it begins and dies."""

    name: str
    rate: float = 10.0
    fixed: bool = False
    share: float = 1.0
    rows: int = 1000
    begins: float = 0.0
    dies: float = float("inf")
    alone: object = None
    turns: deque[float] = field(default_factory=deque)
    events: list[Event] = field(default_factory=list)
    waiting: int = 0
    looked: float = float("-inf")
    passed: list[float] = field(default_factory=list)
    ended: float = 0.0


def simulate(senders: list[Sender], limiter: Limiter, *, at_once: int = 8) -> float:  # noqa: PLR0912 - one loop over all events
    """Send all rows of all senders through one limiter; return the share of requests that were refused."""
    dice, order, events = random.Random(1), itertools.count(), list[tuple[float, int, str, Sender, float, float]]()
    text: str | None = None
    sent, refused = 0, 0
    left = {sender.name: sender.rows for sender in senders}

    def at(moment: float, what: str, sender: Sender, sent_at: float = 0.0, wait: float = 0.0) -> None:
        heapq.heappush(events, (moment, next(order), what, sender, sent_at, wait))

    def look(now: float, sender: Sender, *, leaves: bool = False) -> None:
        nonlocal text
        is_low = not sender.turns or sender.turns[-1] < now + 0.03
        wanted = max(sender.waiting, 0) if is_low else 0
        text, grant = take_look(
            text,
            now,
            Look(sender.name, sender.rate, sender.fixed, sender.share, sender.events, wanted, sender.alone, leaves),
        )
        sender.events, sender.looked = [], now
        if grant.holds:
            sender.alone = grant.controller or sender.alone
        else:
            sender.alone = None
            sender.turns = deque(turn for turn in (*sender.turns, *grant.turns) if turn >= grant.pause_end)

    for sender in senders:
        at(100 + sender.begins, "look", sender)
        for _ in range(at_once):
            at(100 + sender.begins + 0.001, "next", sender)
    while events:
        now, _, what, sender, sent_at, wait = heapq.heappop(events)
        if now - 100 >= sender.dies or (what == "look" and sender.ended):
            continue
        if what == "look":
            if now - sender.looked >= LOOK_SECONDS:
                look(now, sender)
            at(now + LOOK_SECONDS, "look", sender)
        if what == "next" and left[sender.name]:
            left[sender.name] -= 1
            sender.waiting += 1
            what = "turn"
        if what == "turn":
            if sender.alone is None:
                while sender.turns and sender.turns[0] < now - LATENCY:
                    sender.turns.popleft()
                if (not sender.turns or sender.turns[-1] < now + 0.03) and now - sender.looked >= TRIP:
                    look(now, sender)
            delay = sender.alone.delay(now) if sender.alone else sender.turns[0] - now if sender.turns else 0.01
            if delay > 0:
                at(now + min(delay, 1.0) + dice.random() * 0.002, "turn", sender)
                continue
            if sender.alone is None:
                sender.turns.popleft()
            sender.waiting -= 1
            sent += 1
            at(now + LATENCY * (0.4 + 0.2 * dice.random()), "arrive", sender, now)
        elif what == "arrive":
            wait = limiter.wait(now)
            refused += wait > 0
            at(now + LATENCY / 2, "refused" if wait else "passed", sender, sent_at, wait)
        elif what == "passed":
            sender.passed.append(now)
            if sender.alone:
                sender.alone.accepted(now, sent_at)
            else:
                sender.events.append(Event(now, sent_at))
            if len(sender.passed) == sender.rows:
                sender.ended = now
                look(now, sender, leaves=True)
            else:
                at(now, "next", sender)
        elif what == "refused":
            if sender.alone:
                sender.alone.refused(now, sent_at, wait)
            else:
                sender.events.append(Event(now, sent_at, refused=True, wait=wait))
                look(now, sender)
            sender.waiting += 1
            at(now, "turn", sender)
    return refused / sent


def rate_between(sender: Sender, first: float, last: float) -> float:
    """Return the rows a second of a sender between two times after the beginning."""
    return sum(first <= moment - 100 < last for moment in sender.passed) / (last - first)


@pytest.mark.parametrize("limit", [TokenBucket, SlidingWindow])
@pytest.mark.parametrize("count", [2, 4])
def test_senders_that_learn_get_equal_parts_of_nearly_all_that_is_allowed(
    limit: Callable[[float], Limiter], count: int
) -> None:
    senders = [Sender(str(number), rows=2400 // count) for number in range(count)]

    refused = simulate(senders, limit(20))

    rates = [rate_between(sender, 20, 100) for sender in senders]
    assert min(rates) >= 0.85 * max(rates)
    assert sum(rates) >= 0.95 * 20
    assert refused <= 0.01


@pytest.mark.parametrize("limit", [TokenBucket, SlidingWindow])
def test_a_second_sender_gets_its_part_from_the_first_moments_on(limit: Callable[[float], Limiter]) -> None:
    first, second = Sender("first", rows=1500), Sender("second", rows=600, begins=30)

    refused = simulate([first, second], limit(20))

    assert rate_between(first, 10, 30) >= 0.93 * 20
    assert rate_between(second, 31, 61) == pytest.approx(10, rel=0.15)
    assert rate_between(first, 31, 61) == pytest.approx(10, rel=0.15)
    assert refused <= 0.01


def test_a_fixed_rate_is_the_targets_and_the_lowest_counts() -> None:
    alike = [Sender(str(number), rate=20, fixed=True, rows=300) for number in range(4)]
    differing = [
        Sender("low", rate=8, fixed=True, rows=100),
        Sender("high", rate=20, fixed=True, rows=100),
        Sender("none", rows=100),
    ]

    refused = simulate(alike, TokenBucket(20))
    simulate(differing, TokenBucket(1000))

    assert refused == 0
    assert sum(rate_between(sender, 5, 50) for sender in alike) == pytest.approx(20, rel=0.02)
    assert sum(rate_between(sender, 2, 30) for sender in differing) == pytest.approx(8, rel=0.03)


@pytest.mark.parametrize("rate", [20.0, 1.0])
def test_shares_are_kept_at_quick_and_slow_rates(rate: float) -> None:
    heavy, light = Sender("heavy", rate, fixed=True, share=3, rows=400), Sender("light", rate, fixed=True, rows=400)

    simulate([heavy, light], TokenBucket(1000))

    lasts = 400 / rate
    assert rate_between(heavy, 0.1 * lasts, lasts) == pytest.approx(0.75 * rate, rel=0.1)
    assert rate_between(light, 0.1 * lasts, lasts) == pytest.approx(0.25 * rate, rel=0.1)


def test_what_one_sender_does_not_want_is_left_to_the_others() -> None:
    slow, quick = Sender("slow", rate=20, fixed=True, rows=2000), Sender("quick", rate=20, fixed=True, rows=2000)
    slow.waiting = -7  # seven of its eight workers are busy with other things

    simulate([slow, quick], TokenBucket(1000))

    together = rate_between(slow, 5, 60) + rate_between(quick, 5, 60)
    assert together >= 0.97 * 20
    assert rate_between(quick, 5, 60) >= 10


def test_the_share_of_a_sender_that_dies_is_free_within_seconds() -> None:
    stays, dies = Sender("stays", rate=20, fixed=True, rows=800), Sender("dies", rate=20, fixed=True, rows=800, dies=20)

    simulate([stays, dies], TokenBucket(1000))

    assert rate_between(stays, 5, 20) == pytest.approx(10, rel=0.05)
    assert rate_between(stays, 20 + DEAD_SECONDS + 0.5, 40) == pytest.approx(20, rel=0.02)


def test_a_holder_that_dies_leaves_what_it_has_learned() -> None:
    dies, comes = Sender("dies", rows=1000, dies=25), Sender("comes", rows=400, begins=25.5)

    refused = simulate([dies, comes], TokenBucket(20))

    assert rate_between(comes, 25 + DEAD_SECONDS + 0.5, 40) >= 0.95 * 20
    assert refused <= 0.01


def look(text: str | None, now: float, name: str, **given: object) -> tuple[str, Grant]:
    return take_look(text, now, Look(name, 10.0, fixed=False, **given))


def test_a_pause_is_everybodys_and_turns_that_were_handed_out_before_fall_into_it() -> None:
    text, _ = look(None, 100.0, "a")
    text, _ = look(text, 100.0, "b")
    text, held = look(text, 100.1, "a", held=None, wanted=3)
    text, other = look(text, 100.1, "b", wanted=3)
    refusal = Event(100.3, 100.2, refused=True, wait=2.0)

    text, after = look(text, 100.3, "a", events=[refusal], wanted=1)
    text, others = look(text, 100.4, "b", wanted=1)

    assert max(*held.turns, *other.turns) < 101
    assert min(*after.turns, *others.turns) >= after.pause_end == others.pause_end == 102.3


def test_a_clock_that_was_set_back_and_a_foreign_document_only_cost_what_was_learned() -> None:
    text, _ = look(None, 5000.0, "a")

    for known, now in ((text, 100.0), ("{]", 100.0), ('{"at": 1, "more": 2}', 100.0), ('{"state": {"rate": 2}}', 1.0)):
        changed, grant = look(known, now, "b")
        assert grant.holds
        assert grant.controller is not None
        assert grant.controller.delay(now) == 0
        assert look(changed, now + 0.1, "b", held=grant.controller)[1].holds


def test_a_short_while_later_a_rate_is_known_but_no_pause() -> None:
    text, grant = look(None, 100.0, "a")
    controller = grant.controller
    assert controller is not None
    moment = 100.0
    while moment < 110:
        wait = controller.delay(moment)
        if not wait:
            controller.accepted(moment, moment)
        moment += wait or 0.001
        if controller.rate > 40:
            break
    text, _ = look(text, moment, "a", held=controller, leaves=True)

    _, soon = look(text, moment + 30, "b")
    _, late = look(text, moment + 90, "b")

    assert soon.controller is not None
    assert soon.controller.rate == controller.rate
    assert soon.controller.delay(moment + 30) == 0
    assert late.controller is not None
    assert late.controller.rate == 10.0
