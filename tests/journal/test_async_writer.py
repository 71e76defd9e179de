"""The journal from asyncio: a granted claim is on disk, whether the loop commits or the thread."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from importer.errors import JournalError
from importer.journal import Claim, Journal, RunRecord, Settlement, State, WriteBatch, async_writer, open_journal
from importer.journal.async_writer import JournalWriter
from importer.journal.sqlite import FILE_NAME, SqliteJournal
from importer.model.delivery import Delivery, Evidence

RUN = RunRecord("a", "f.csv", "0" * 64, "v", "create", "t", "c", "o")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with closing(open_journal(tmp_path)) as opened:
        opened.start_run(RUN)
        yield opened


def delivery(row: int) -> Delivery:
    return Delivery(row, row.to_bytes(16), None, 0, "/contacts", b"{}")


def states_on_disk(tmp_path: Path) -> dict[int, str]:
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        return dict(other.execute("SELECT row, state FROM deliveries").fetchall())


@pytest.mark.parametrize("quick_seconds", [0.0, 60.0], ids=["the thread commits", "the loop commits"])
def test_a_granted_claim_is_on_disk(
    tmp_path: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch, quick_seconds: float
) -> None:
    monkeypatch.setattr(async_writer, "QUICK_COMMIT_SECONDS", quick_seconds)
    committing: set[str] = set()
    commit = SqliteJournal.commit_transaction

    def watched(self: SqliteJournal) -> None:
        committing.add(threading.current_thread().name.partition("_")[0])
        commit(self)

    monkeypatch.setattr(SqliteJournal, "commit_transaction", watched)

    async def send(writer: JournalWriter, row: int) -> None:
        answer = await writer.claim(delivery(row))
        assert answer.claim is Claim.GRANTED
        assert states_on_disk(tmp_path)[row] == "intended"
        writer.record_status_line(delivery(row), 201, 1.0)
        writer.settle(delivery(row), Settlement(State.CONFIRMED, Evidence(str(row), 201, 1)))

    async def session() -> None:
        async with JournalWriter(journal, RUN) as writer:
            await asyncio.gather(*(send(writer, row) for row in range(50)))

    asyncio.run(session())
    assert set(states_on_disk(tmp_path).values()) == {"confirmed"}
    assert committing == {"MainThread" if quick_seconds else "journal"}


def test_claims_that_wait_for_another_process_are_answered(tmp_path: Path, journal: Journal) -> None:
    async def session() -> Claim:
        async with JournalWriter(journal, RUN) as writer:
            other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            claim = asyncio.create_task(writer.claim(delivery(1)))
            await asyncio.sleep(0.1)
            assert not claim.done()
            other.execute("COMMIT")
            other.close()
            return (await claim).claim

    assert asyncio.run(session()) is Claim.GRANTED


def test_a_journal_that_fails_fails_every_claim_and_the_start_of_a_session_not(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise JournalError("no room")

    monkeypatch.setattr(SqliteJournal, "record_heartbeat", fail)
    monkeypatch.setattr(SqliteJournal, "write_batch", fail)

    async def session() -> None:
        async with JournalWriter(journal, RUN) as writer:
            for row in range(2):
                with pytest.raises(JournalError, match="no room"):
                    await writer.claim(delivery(row))

    asyncio.run(session())


def test_a_status_line_of_an_answer_under_way_is_kept(tmp_path: Path, journal: Journal) -> None:
    async def session() -> None:
        async with JournalWriter(journal, RUN) as writer:
            await writer.claim(delivery(1))
            writer.record_status_line(delivery(1), 201, 1.0)

    asyncio.run(session())
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as other:
        assert other.execute("SELECT http_status FROM deliveries").fetchall() == [(201,)]
    assert journal.commit_batch(RUN, WriteBatch()) == []
