"""The rates that runs share: one change after another, in both stores."""

from __future__ import annotations

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

from tests.journal.conftest import Store

THREADS, TIMES = 4, 25


def test_changes_of_several_runs_follow_one_another(store: Store) -> None:
    journal = store.open()

    def count_up() -> None:
        with contextlib.closing(journal.rate_store()) as rates:
            for _ in range(TIMES):
                rates.update("https://api.example.com", lambda text, _: str(int(text or 0) + 1))

    with ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(count_up) for _ in range(THREADS)]:
            done.result()

    seen: list[tuple[str | None, float]] = []

    def look(text: str | None, now: float) -> str:
        seen.append((text, now))
        return text or ""

    with contextlib.closing(journal.rate_store()) as rates:
        rates.update("https://api.example.com", look)
        rates.update("https://other.example.com", look)
    assert [text for text, _ in seen] == [str(THREADS * TIMES), None]
    assert all(abs(now - time.time()) < 60 for _, now in seen)
