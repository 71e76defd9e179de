"""A lost journal is no new journal: it is noticed, and given up only when a person says so."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from importer.automation.preflight import Level, run_checks
from importer.errors import JournalError, JournalLostError, JournalUnavailableError
from importer.journal import open_journal
from importer.journal.sqlite import FILE_NAME
from importer.model.delivery import RowResult
from importer.model.status import Status
from importer.observer import Observer
from importer.pipeline import resume_run, run_import
from importer.run_store.run_folder import RunFolder
from importer.settings import Settings

Contacts = Callable[[str], list[dict[str, Any]]]


def people(tmp_path: Path, rows: int = 3) -> Path:
    path = tmp_path / "people.csv"
    path.write_text("email\n" + "".join(f"p{number}@example.com\n" for number in range(rows)), encoding="utf-8")
    return path


def settings(tmp_path: Path, sandbox: str, **more: Any) -> Settings:
    where = tmp_path / "state"
    found = Settings("iclosed", base_url=f"{sandbox}/iclosed", api_key="iclosed-k", output=tmp_path / "out")
    return replace(found, state_dir=where, **more)


def delete(journal: Path) -> None:
    journal.unlink()


def empty(journal: Path) -> None:
    journal.write_bytes(b"")


def cut(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:8192])


def cut_within_the_header(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:50])


def damage(journal: Path) -> None:
    content = bytearray(journal.read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 64] = b"\xff" * 64
    journal.write_bytes(content)


def overwrite(journal: Path) -> None:
    journal.write_text("this is no database " * 200)


def replace_by_another(journal: Path) -> None:
    open_journal(journal.parent / "other").close()
    shutil.copy(journal.parent / "other" / FILE_NAME, journal)


LOSSES = (delete, empty, cut, cut_within_the_header, damage, overwrite, replace_by_another)


@pytest.mark.parametrize("lose", LOSSES)
def test_a_lost_journal_stops_the_run_until_a_person_gives_it_up(
    tmp_path: Path, sandbox: str, contacts: Contacts, lose: Callable[[Path], None]
) -> None:
    file, chosen = people(tmp_path), settings(tmp_path, sandbox)
    run_import(file, chosen)
    lose(tmp_path / "state" / FILE_NAME)

    for _ in range(2):  # the first refusal makes nothing that the second one takes for a journal
        with pytest.raises(JournalLostError, match="--new-journal") as caught:
            run_import(file, chosen)
        assert "Restore it" in str(caught.value)
        assert "--state-dir" not in str(caught.value)
    assert len(contacts("iclosed")) == 3
    with pytest.raises(JournalLostError):
        resume_run(None, chosen)

    given_up = run_import(file, replace(chosen, new_journal=True))
    again = run_import(file, chosen)
    third = run_import(file, replace(chosen, new_journal=True))

    assert given_up.counts[Status.CREATED] == 3
    assert again.counts[Status.ALREADY_DONE] == 3
    assert third.counts[Status.ALREADY_DONE] == 3  # an intact journal is not given up


def test_a_restored_journal_knows_what_was_sent(tmp_path: Path, sandbox: str) -> None:
    file, chosen = people(tmp_path), settings(tmp_path, sandbox)
    run_import(file, chosen)
    backup = (tmp_path / "state" / FILE_NAME).read_bytes()
    (tmp_path / "state" / FILE_NAME).unlink()
    with pytest.raises(JournalLostError):
        run_import(file, chosen)
    (tmp_path / "state" / FILE_NAME).write_bytes(backup)

    assert run_import(file, chosen).counts[Status.ALREADY_DONE] == 3


def test_a_state_folder_of_an_earlier_version_receives_an_identity(tmp_path: Path, sandbox: str) -> None:
    file, chosen = people(tmp_path), settings(tmp_path, sandbox)
    run_import(file, chosen)
    mark = tmp_path / "state" / "runs" / "journal-id"
    mark.unlink()
    with closing(sqlite3.connect(tmp_path / "state" / FILE_NAME)) as connection:
        connection.execute("DROP TABLE journal_identity")

    assert run_import(file, chosen).counts[Status.ALREADY_DONE] == 3

    with closing(sqlite3.connect(tmp_path / "state" / FILE_NAME)) as connection:
        assert connection.execute("SELECT id FROM journal_identity").fetchone() == (mark.read_text(),)


def test_a_locked_journal_is_to_be_waited_for(tmp_path: Path) -> None:
    open_journal(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(JournalUnavailableError, match=r"locked.*Wait") as caught:
            open_journal(tmp_path, 0.05)

    assert not isinstance(caught.value, JournalLostError)


def test_doctor_names_a_lost_journal_and_makes_none(tmp_path: Path, sandbox: str) -> None:
    chosen = settings(tmp_path, sandbox)
    run_import(people(tmp_path), chosen)
    (tmp_path / "state" / FILE_NAME).unlink()

    (journal,) = (entry for entry in run_checks(chosen, "") if entry.name == "journal")

    assert (journal.level, "is missing" in journal.message) == (Level.ERROR, True)
    assert not (tmp_path / "state" / FILE_NAME).exists()


def test_the_look_at_a_large_journal_is_short(tmp_path: Path) -> None:
    open_journal(tmp_path).close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as connection:
        connection.execute(
            "INSERT INTO deliveries (target, operation, fingerprint, occurrence, state, run, row, attempts, "
            "first_intended_at, intended_at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < 200000) SELECT 't', 'create', randomblob(16), 0, 'confirmed', 'r', i, 1, 0, 0 FROM n"
        )
        connection.commit()
    begun = time.perf_counter()
    open_journal(tmp_path, verify=True).close()

    assert time.perf_counter() - begun < 1


class Vandal(Observer):
    """Deletes the state folder once the first row is done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._once = threading.Lock()

    def on_row_done(self, result: RowResult) -> None:
        if self._once.acquire(blocking=False):
            shutil.rmtree(self._folder)


def test_a_state_folder_that_vanishes_stops_the_run(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    chosen = settings(tmp_path, sandbox, rate=50.0, concurrency=2)
    with pytest.raises(JournalError, match=r"was deleted or replaced.*Restore") as caught:
        run_import(people(tmp_path, 200), chosen, Vandal(tmp_path / "state"))

    assert "--state-dir" not in str(caught.value)
    assert len(contacts("iclosed")) < 20


@pytest.mark.parametrize("name", ["plan.json", "rows-000000.parquet", "problems-000000.parquet"])
@pytest.mark.parametrize("content", [b"", b'{"ver', b"PAR1", b"[]"])
def test_a_cut_file_of_a_run_is_a_message(tmp_path: Path, sandbox: str, name: str, content: bytes) -> None:
    file, chosen = people(tmp_path), settings(tmp_path, sandbox)
    file.write_text(file.read_text() + "nobody\n")
    run = run_import(file, chosen).run
    (RunFolder(tmp_path / "state", run).path / name).write_bytes(content)

    with pytest.raises(JournalError, match=rf"{name}.*damaged.*import the original file"):
        resume_run(run, chosen)


def back_up(state: Path, to: Path) -> None:
    with closing(sqlite3.connect(state / FILE_NAME)) as journal, closing(sqlite3.connect(to)) as copy:
        journal.backup(copy)


def restore(state: Path, copy: Path) -> None:
    for path in state.glob(f"{FILE_NAME}*"):
        path.unlink()
    shutil.copy(copy, state / FILE_NAME)


def test_an_older_copy_of_the_journal_sends_nothing_until_a_person_accepts_it(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    run_import(people(tmp_path, 2), settings(tmp_path, sandbox))
    back_up(tmp_path / "state", tmp_path / "copy")
    run_import(people(tmp_path, 3), settings(tmp_path, sandbox))
    restore(tmp_path / "state", tmp_path / "copy")

    with pytest.raises(JournalLostError, match="an older copy"):
        run_import(people(tmp_path, 4), settings(tmp_path, sandbox))
    assert len(contacts("iclosed")) == 3

    accepted = run_import(people(tmp_path, 2), settings(tmp_path, sandbox, new_journal=True))
    assert accepted.counts[Status.ALREADY_DONE] == 2
    assert run_import(people(tmp_path, 2), settings(tmp_path, sandbox)).counts[Status.ALREADY_DONE] == 2


def test_the_latest_copy_of_the_journal_counts(tmp_path: Path, sandbox: str) -> None:
    run_import(people(tmp_path, 3), settings(tmp_path, sandbox))
    back_up(tmp_path / "state", tmp_path / "copy")
    restore(tmp_path / "state", tmp_path / "copy")

    assert run_import(people(tmp_path, 3), settings(tmp_path, sandbox)).counts[Status.ALREADY_DONE] == 3


def test_a_run_that_ended_after_the_copy_was_made_shows_that_it_is_older(tmp_path: Path, sandbox: str) -> None:
    class Copier(Observer):
        def on_row_done(self, result: RowResult) -> None:
            if not (tmp_path / "copy").exists():
                back_up(tmp_path / "state", tmp_path / "copy")

    run_import(people(tmp_path, 3), settings(tmp_path, sandbox), Copier())
    restore(tmp_path / "state", tmp_path / "copy")

    with pytest.raises(JournalLostError, match="an older copy"):
        open_journal(tmp_path / "state")
