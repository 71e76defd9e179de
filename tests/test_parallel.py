"""Work side by side: as many at once as there may be, and what comes of it in the order of the items."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from importer.parallel import WORKERS, map_ordered


def test_what_is_made_comes_in_the_order_of_the_items_and_two_are_worked_on_at_once() -> None:
    both = threading.Barrier(WORKERS, timeout=60)

    def work(item: int) -> int:
        both.wait()
        return -item

    assert list(map_ordered(work, range(6), alone=lambda: False)) == [0, -1, -2, -3, -4, -5]


def test_items_that_have_to_be_alone_are() -> None:
    under_way, most = [0], [0]

    def work(_: int) -> None:
        under_way[0] += 1
        most[0] = max(most[0], under_way[0])
        under_way[0] -= 1

    assert list(map_ordered(work, range(50), alone=lambda: True)) == [None] * 50
    assert most == [1]


def test_what_fails_is_raised_in_its_turn_and_no_more_is_begun() -> None:
    begun: list[int] = []

    def work(item: int) -> int:
        begun.append(item)
        if item == 1:
            raise ValueError("of one")
        return item

    def items() -> Iterator[int]:
        yield from range(100)

    made = map_ordered(work, items(), alone=lambda: False)

    assert next(made) == 0
    with pytest.raises(ValueError, match="of one"):
        list(made)
    assert len(begun) <= 2 + WORKERS
