"""The file of a SQLite journal: its permissions, and what is refused."""

from __future__ import annotations

import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from importer.errors import JournalUnavailableError
from importer.journal import RunRecord, journal_exists, open_journal
from importer.journal.sqlite import FILE_NAME

RUN = RunRecord("a", "f.csv", "0" * 64, "v", "create", "t", "c", "o", started=12.5, host="h", pid=7)


def test_the_journal_is_for_its_owners_eyes(tmp_path: Path) -> None:
    open_journal(tmp_path / "state").close()

    assert stat.S_IMODE((tmp_path / "state" / FILE_NAME).stat().st_mode) == 0o600


def test_a_journal_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    open_journal(tmp_path).close()
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("PRAGMA user_version = 99")
    other.close()

    with pytest.raises(JournalUnavailableError, match="newer version"):
        open_journal(tmp_path)


def test_a_journal_that_is_not_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database, but long enough to look at" * 50)

    with pytest.raises(JournalUnavailableError, match="--new-journal"):
        open_journal(tmp_path)


def test_an_owner_on_another_host_is_alive_while_its_heart_beats(tmp_path: Path) -> None:
    journal = open_journal(tmp_path)
    journal.start_run(replace(RUN, host="elsewhere"))
    (before,) = journal.list_runs()
    journal.record_heartbeat("a")
    (after,) = journal.list_runs()

    assert not journal.is_alive(before)
    assert journal.is_alive(after)


def test_asking_for_a_journal_creates_none(tmp_path: Path) -> None:
    assert not journal_exists(tmp_path)
    open_journal(tmp_path).close()
    assert journal_exists(tmp_path)
