"""The end of a sender's side of the rate."""

from __future__ import annotations

import asyncio
from pathlib import Path

from importer.journal.sqlite_rates import SqliteRateStore
from importer.sending.shared_rate import SharedRate


def test_a_sender_leaves_though_a_look_falls_due_at_that_moment(tmp_path: Path) -> None:
    """The last answer calls for a look just when sending ends; the look must not outlive the sender."""

    async def leave() -> None:
        async with SharedRate(SqliteRateStore(tmp_path), "a", rate=10, fixed=False) as rate:
            await asyncio.sleep(0.05)
            rate._look_now.set()  # as an answer does while the last look is under way

    async def both() -> None:
        _, waiting = await asyncio.wait([asyncio.create_task(leave())], timeout=20)
        assert not waiting

    asyncio.run(both())
