"""A journal outlives the program that wrote it: an older one is brought up to date, a newer one is left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from importer import Settings, run_import
from importer.errors import JournalUnavailableError
from importer.journal import RunRecord, RunState, Settlement, State, WriteBatch, open_journal
from importer.journal.sqlite import FILE_NAME
from importer.model.delivery import Delivery, Evidence
from importer.model.status import Status

ADDED = ("first_run", "first_intended_at", "looked_at", "notices", "lookup_message")


def without(*columns: str) -> tuple[str, ...]:
    return ("DROP TABLE lookups", *(f"ALTER TABLE deliveries DROP COLUMN {column}" for column in columns))


def columns(state: Path) -> dict[str, dict[str, Any]]:
    with closing(sqlite3.connect(state / FILE_NAME)) as connection:
        connection.row_factory = sqlite3.Row
        return {row["name"]: dict(row) for row in connection.execute("PRAGMA table_info(deliveries)")}


@pytest.mark.parametrize(
    ("version", "dropped"),
    [
        (1, without(*ADDED)),
        (1, without("first_run", *ADDED[3:])),
        (1, without(*ADDED[3:])),
        (2, without(*ADDED[3:])),
        (3, ("DROP TABLE lookups",)),
    ],
    ids=["the first tables", "the second", "the third", "version 2", "version 3"],
)
def test_what_an_older_journal_knows_is_known_and_it_goes_on(
    tmp_path: Path, sandbox: str, version: int, dropped: tuple[str, ...]
) -> None:
    state = tmp_path / "old"
    (tmp_path / "f.csv").write_text("email\nana@example.com\n", encoding="utf-8")
    where = Settings(
        "iclosed", base_url=f"{sandbox}/iclosed", api_key="iclosed-k", output=tmp_path / "o", state_dir=state
    )
    run_import(tmp_path / "f.csv", where)
    with closing(sqlite3.connect(state / FILE_NAME)) as connection:
        for statement in dropped:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    (tmp_path / "f.csv").write_text("email\nana@example.com\nbo@example.com\n", encoding="utf-8")

    summary = run_import(tmp_path / "f.csv", where)

    assert {status: count for status, count in summary.counts.items() if count} == {
        Status.ALREADY_DONE: 1,
        Status.CREATED: 1,
    }
    assert set(ADDED) <= columns(state).keys()
    with closing(sqlite3.connect(state / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (4,)
        assert connection.execute("SELECT count(*) FROM deliveries WHERE first_intended_at = 0").fetchone() == (0,)


def test_a_journal_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    open_journal(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute("PRAGMA user_version = 5")

    with pytest.raises(JournalUnavailableError, match="newer version"):
        open_journal(tmp_path)


def test_the_answer_to_a_question_that_version_2_appended_to_the_message_is_data_of_its_own(tmp_path: Path) -> None:
    run = RunRecord("a", "f.csv", "0" * 64, "v", "create", "t", "c", "o", state="finished")
    with closing(open_journal(tmp_path)) as journal:
        journal.start_run(run)
        journal.end_run("a", RunState.FINISHED, 2, {"uncertain": 1})
        known = Evidence(message="it failed; asked, not there; resolve --resend-absent sends it")
        uncertain = Settlement(State.UNCERTAIN, known)
        journal.commit_batch(run, WriteBatch([(Delivery(2, b"x", None, 0, "", b""), uncertain)]))
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        for statement in without("notices", "lookup_message"):
            connection.execute(statement)
        connection.execute("PRAGMA user_version = 2")

    with closing(open_journal(tmp_path)) as journal:
        (entry,) = journal.list_uncertain("a", "create")

    assert entry.evidence.message == "it failed"
    assert entry.evidence.lookup_message == "not there; resolve --resend-absent sends it"
    assert entry.evidence.full_message == known.full_message
