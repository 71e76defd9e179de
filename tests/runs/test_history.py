"""runs, runs show, runs prune: personal data goes, and still nothing is sent twice."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importer import Settings, run_import
from importer.drafts.draft import Draft
from importer.drafts.store import DraftStore
from importer.errors import SettingsError
from importer.model.summary import Summary
from importer.run_store.run_folder import state_folder
from importer.runs.history import list_runs, prune_runs, remove_run, rows_of_run, show_run
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running

PEOPLE = "Email,Nickname\nana.secret@example.com,Ana\nbo@,Bo\n"


def imported(tmp_path: Path, address: str, text: str = PEOPLE, output: str = "out") -> Summary:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    return run_import(
        tmp_path / "people.csv",
        Settings("iclosed", base_url=f"{address}/iclosed", api_key="iclosed-k", output=tmp_path / output),
    )


def everything_kept(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path.name != "people.csv")


def test_runs_are_listed_with_their_counts_the_latest_first(tmp_path: Path, sandbox: str) -> None:
    first = imported(tmp_path, sandbox)
    second = imported(tmp_path, sandbox, output="again")

    assert [(kept.record.id, kept.record.state) for kept in list_runs(None)] == [
        (second.run, "finished"),
        (first.run, "finished"),
    ]
    assert show_run(first.run, None).record.counts["created"] == 1
    with pytest.raises(SettingsError, match="the latest are"):
        show_run("nothing", None)


def test_what_is_pruned_leaves_no_personal_data_and_is_not_sent_again(
    tmp_path: Path, sandbox: str, contacts: Callable[[str], list[dict[str, Any]]]
) -> None:
    run = imported(tmp_path, sandbox).run
    assert b"ana.secret@example.com" in everything_kept(tmp_path)

    pruned = prune_runs(None, 0.0)

    assert pruned.runs == (run,)
    assert pruned.freed > 0
    assert not (tmp_path / "out").exists()
    assert b"ana.secret" not in everything_kept(tmp_path)
    assert not show_run(run, None).has_rows
    assert imported(tmp_path, sandbox).counts["already_done"] == 1
    assert len(contacts("iclosed")) == 1


def test_young_runs_and_files_of_others_stay(tmp_path: Path, sandbox: str) -> None:
    imported(tmp_path, sandbox)
    (tmp_path / "out" / "mine.txt").write_text("x")

    assert prune_runs(None, 3600.0).runs == ()
    prune_runs(None, 0.0)

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_reports_of_a_later_run_in_the_same_folder_stay(tmp_path: Path, sandbox: str) -> None:
    first = imported(tmp_path, sandbox)
    with running(build_app(faults=[Fault("apply-close")])) as address:
        second = imported(tmp_path, address, "Email\ncy@example.com\n")

    pruned = prune_runs(None, 0.0)

    assert pruned.runs == (first.run,)
    assert [run for run, _ in pruned.skipped] == [second.run]
    assert "uncertain" in pruned.skipped[0][1]
    assert (tmp_path / "out" / "result.csv").exists()
    assert prune_runs(None, 0.0, unfinished=True).runs == (second.run,)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_files_with_personal_data_are_their_owners_alone(tmp_path: Path, sandbox: str) -> None:
    os.umask(0o022)
    imported(tmp_path, sandbox)

    for folder in (tmp_path / "out", tmp_path / "state"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for path in (tmp_path / "out").iterdir():
        assert (path.name, oct(stat.S_IMODE(path.stat().st_mode))) == (path.name, "0o600")
    open_to_others = [
        path for path in (tmp_path / "state").rglob("*") if path.is_file() and path.stat().st_mode & 0o077
    ]
    assert all(path.parent.stat().st_mode & 0o077 == 0 for path in open_to_others)


def upload(run: str | None) -> Draft:
    """A file that came through the page."""
    drafts = DraftStore(state_folder(None))
    draft = drafts.begin("people.csv", "iclosed", "create")
    draft.file.write_text(PEOPLE)
    drafts.keep(draft)
    return drafts.change(draft.id, run=run)


def test_uploaded_files_go_with_their_runs(tmp_path: Path, sandbox: str) -> None:
    run = imported(tmp_path, sandbox).run
    draft = upload(run)

    assert prune_runs(None, 3600.0).freed == 0
    assert draft.file.exists()
    pruned = prune_runs(None, 0.0)

    assert not draft.folder.exists()
    assert pruned.freed > len(PEOPLE)


def test_an_uploaded_file_goes_even_if_nothing_else_is_left_of_its_run(tmp_path: Path, sandbox: str) -> None:
    run = imported(tmp_path, sandbox).run
    prune_runs(None, 0.0)
    draft = upload(run)

    prune_runs(None, 0.0)

    assert not draft.folder.exists()


def test_an_uploaded_file_that_became_no_run_goes_when_it_is_old(tmp_path: Path) -> None:
    draft = upload(None)

    prune_runs(None, 3600.0)
    assert draft.file.exists()
    prune_runs(None, 0.0)

    assert not draft.folder.exists()


def test_one_run_is_removed_whatever_its_state_and_is_not_sent_again(
    tmp_path: Path, contacts: Callable[[str], list[dict[str, Any]]], sandbox: str
) -> None:
    with running(build_app(faults=[Fault("apply-close")])) as address:
        run = imported(tmp_path, address).run
    other = imported(tmp_path, sandbox, output="other").run
    draft = upload(run)

    remove_run(None, run)

    assert not draft.folder.exists()
    assert not (tmp_path / "out").exists()
    assert not show_run(run, None).has_rows
    assert show_run(other, None).has_rows


def test_rows_that_a_killed_process_left_before_anything_was_known_of_its_run_go(tmp_path: Path, sandbox: str) -> None:
    run = imported(tmp_path, sandbox).run
    stray = state_folder(None) / "runs" / "20260101-000000-dead"
    stray.mkdir()
    (stray / "rows-000000.parquet").write_bytes(b"x" * 100)
    draft = upload(stray.name)

    assert prune_runs(None, 3600.0).freed == 0
    pruned = prune_runs(None, 0.0)

    assert pruned.runs == (run,)
    assert not stray.exists()
    assert not draft.folder.exists()


def test_rows_are_recognised_by_the_cells_mapped_to_names_and_addresses(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "people.csv").write_text(
        "Source,Mail adress,Notes,Vorname\nweb,ana@example.com,likes bo@example.com,Ana\n", encoding="utf-8"
    )
    named = (("Mail adress", "email"), ("Vorname", "firstName"))
    summary = run_import(
        tmp_path / "people.csv",
        Settings(
            "iclosed", base_url=f"{sandbox}/iclosed", api_key="iclosed-k", state_dir=tmp_path / "state",
            output=tmp_path / "out", columns=named,
        ),
    )  # fmt: skip

    assert set(rows_of_run(tmp_path / "state", summary.run, [2])[2]) == {"Ana", "ana@example.com"}
    assert rows_of_run(tmp_path / "state", summary.run, []) == {}
