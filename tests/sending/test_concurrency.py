"""The number of requests at once: more while answers are quick and slots are short, half when the vendor struggles."""

from __future__ import annotations

import asyncio

import pytest

from importer.sending.concurrency import Concurrency, first_limit


def round_of(slots: Concurrency, seconds: float, size: int | None = None) -> None:
    """So many requests leave, then all are answered."""
    count = slots.limit if size is None else size
    for _ in range(count):
        slots.record_sent()
    for _ in range(count):
        slots.record_answer(seconds)


@pytest.mark.parametrize(
    ("usual", "asked", "first"), [(4, None, 4), (4, 8, 4), (4, 40, 10), (4, 64, 16), (4, 1024, 16), (20, 64, 20)]
)
def test_who_asks_for_many_at_once_begins_with_some_of_them(usual: int, asked: int | None, first: int) -> None:
    assert first_limit(usual, asked) == first


def test_no_more_than_were_asked_for_leave_at_first() -> None:
    assert Concurrency(first_limit(4, 2), 2).limit == 2


def test_it_starts_low_and_grows_by_one_an_answer_while_all_slots_are_in_use() -> None:
    slots = Concurrency(4, 32)
    limits = []

    for _ in range(5):
        limits.append(slots.limit)
        round_of(slots, 0.05)

    assert limits == [4, 8, 16, 32, 32]


def test_slots_that_nobody_waits_for_do_not_become_more() -> None:
    slots = Concurrency(4, 32)

    for _ in range(50):
        round_of(slots, 0.05, size=2)

    assert slots.limit == 4


def test_slow_answers_stop_the_growth() -> None:
    slots = Concurrency(4, 32)
    round_of(slots, 0.05)

    round_of(slots, 0.9)

    assert slots.limit == 8


def test_a_struggling_vendor_halves_it_once_for_what_was_under_way_together() -> None:
    slots = Concurrency(16, 32)
    for _ in range(16):
        slots.record_sent()

    for number in range(16):
        slots.record_overload(now=100.0 + number, sent_at=99.0)

    assert slots.limit == 8


def test_after_a_halving_it_grows_by_one_a_round() -> None:
    slots = Concurrency(8, 32)
    slots.record_sent()
    slots.record_overload(now=100.0, sent_at=99.0)
    limits = []

    for _ in range(4):
        limits.append(slots.limit)
        round_of(slots, 0.05)

    assert limits == [4, 4, 5, 6]


def test_it_never_falls_below_one_nor_rises_above_the_most() -> None:
    slots = Concurrency(64, 2)
    assert slots.limit == 2
    for number in range(5):
        slots.record_sent()
        slots.record_overload(now=float(number), sent_at=float(number))

    assert slots.limit == 1


def test_no_more_than_the_limit_hold_a_slot() -> None:
    async def crowd() -> int:
        slots, inside, most = Concurrency(3, 3), 0, 0

        async def one() -> None:
            nonlocal inside, most
            await slots.acquire()
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1
            slots.release()

        await asyncio.gather(*(one() for _ in range(30)))
        return most

    assert asyncio.run(crowd()) == 3
