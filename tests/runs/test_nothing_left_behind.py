"""A run that a person declines, or that has no rows, leaves nothing; what is announced is what is sent."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importer.cli.summary_text import summary_text
from importer.errors import ReportError, SettingsError
from importer.model.status import Status
from importer.observer import Observer
from importer.pipeline import resolve_run, resume_run, run_import
from importer.runs.history import list_runs
from importer.runs.resolve import ManualVerdict, ResolveOptions
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running
from importer.settings import Settings

Contacts = Callable[[str], list[dict[str, Any]]]


def people(tmp_path: Path, rows: int = 3, name: str = "Ana") -> Path:
    path = tmp_path / "people.csv"
    lines = "".join(f"{name},p{number}@example.com\n" for number in range(rows))
    path.write_text(f"First Name,Email\n{lines}", encoding="utf-8")
    return path


def settings(tmp_path: Path, address: str, **more: Any) -> Settings:
    base = {"base_url": f"{address}/iclosed", "api_key": "iclosed-k", "output": tmp_path / "out"}
    return Settings("iclosed", state_dir=tmp_path / "state", **{**base, **more})


class Person(Observer):
    """Notes the number of rows to send, the notes, and says no if asked to."""

    def __init__(self, *, agrees: bool = True) -> None:
        self._agrees = agrees
        self.rows: list[int] = []
        self.notes: list[str] = []

    def on_send_starting(self, rows: int, target: str) -> None:
        self.rows.append(rows)
        if not self._agrees:
            raise KeyboardInterrupt

    def on_note(self, text: str) -> None:
        self.notes.append(text)


def run_folders(tmp_path: Path) -> list[str]:
    return [path.name for path in (tmp_path / "state" / "runs").iterdir() if path.is_dir()]


def test_a_declined_run_leaves_no_run_behind(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    with pytest.raises(KeyboardInterrupt):
        run_import(people(tmp_path), settings(tmp_path, sandbox), Person(agrees=False))

    assert contacts("iclosed") == []
    assert list_runs(tmp_path / "state") == []
    assert run_folders(tmp_path) == []
    assert not (tmp_path / "out").exists()


def test_a_declined_run_takes_nothing_of_an_earlier_one(tmp_path: Path, sandbox: str) -> None:
    run_import(people(tmp_path), settings(tmp_path, sandbox))
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    with pytest.raises(KeyboardInterrupt):
        run_import(people(tmp_path, 4), settings(tmp_path, sandbox), Person(agrees=False))

    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_file_without_rows_leaves_no_run_behind(tmp_path: Path, sandbox: str) -> None:
    summary = run_import(people(tmp_path, 0), settings(tmp_path, sandbox))

    assert (summary.rows, summary.exit_code, summary.outputs) == (0, 0, {})
    assert "Files:" not in summary_text(summary)
    assert list_runs(tmp_path / "state") == []
    assert run_folders(tmp_path) == []
    assert not (tmp_path / "out").exists()


def test_what_is_announced_is_what_is_sent(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    run_import(people(tmp_path, 3), settings(tmp_path, sandbox))
    file = people(tmp_path, 5)
    file.write_text(file.read_text() + "Ana,p4@example.com\nBo,p0@example.com\n,wrong@\n", encoding="utf-8")
    person = Person()

    summary = run_import(file, settings(tmp_path, sandbox), person)

    assert person.rows == [summary.counts[Status.CREATED]] == [2]
    assert summary.counts[Status.ALREADY_DONE] == 3
    assert (summary.counts[Status.CHANGED], summary.counts[Status.DUPLICATE]) == (1, 1)
    assert len(contacts("iclosed")) == 5


@pytest.mark.parametrize("name", ["Ana", "Bo"])
def test_rows_that_need_no_request_do_not_keep_to_the_pace(tmp_path: Path, sandbox: str, name: str) -> None:
    run_import(people(tmp_path, 60), settings(tmp_path, sandbox, rate=1000.0))
    begun = time.monotonic()

    summary = run_import(people(tmp_path, 60, name), settings(tmp_path, sandbox, rate=4.0))

    assert summary.counts[Status.CHANGED if name == "Bo" else Status.ALREADY_DONE] == 60
    assert time.monotonic() - begun < 10  # 15 s at four a second


def test_uncertain_rows_are_named_and_the_way_on_leads_in_no_circle(tmp_path: Path) -> None:
    with running(build_app(faults=[Fault("apply-close")])) as address:
        chosen = settings(tmp_path, address)
        run = run_import(people(tmp_path, 1), chosen)
        asked = resolve_run(run.run, chosen, ResolveOptions())
        page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
        marked = resolve_run(run.run, chosen, ResolveOptions((ManualVerdict(2, "created", "77"),)))

    assert [entry.contact for entry in run.uncertain_rows] == ["Ana p0@example.com"]
    for summary in (run, asked):
        assert "row 2 (Ana p0@example.com)" in summary_text(summary)
        assert "--mark created=ID ROW" in summary_text(summary)
        assert "cannot be asked" in summary_text(summary)
    assert "Ana p0@example.com" in page
    assert marked.counts[Status.CREATED] == 1
    assert "Ana" not in (tmp_path / "out" / "summary.json").read_text(encoding="utf-8")


def test_the_times_cover_all_parts_of_a_run(tmp_path: Path, sandbox: str) -> None:
    chosen = settings(tmp_path, sandbox, rate=5.0)
    first = run_import(people(tmp_path, 8), chosen)

    again = resume_run(first.run, chosen)
    resolved = resolve_run(first.run, chosen, ResolveOptions())

    assert again.seconds["send"] >= first.seconds["send"] > 1
    assert resolved.seconds["send"] >= again.seconds["send"]
    assert resolved.seconds["total"] > again.seconds["total"] > first.seconds["total"]


@pytest.mark.parametrize("name", ["report.html", "summary.json", "result.csv", "errors.xlsx"])
@pytest.mark.parametrize("kind", ["fifo", "symlink", "dangling"])
@pytest.mark.skipif(os.name != "posix", reason="POSIX's kinds of files")
def test_a_report_replaces_no_device_fifo_or_symlink(
    tmp_path: Path, sandbox: str, contacts: Contacts, name: str, kind: str
) -> None:
    (tmp_path / "out").mkdir()
    target = tmp_path / "precious"
    if kind == "fifo":
        os.mkfifo(tmp_path / "out" / name)
    else:
        (tmp_path / "out" / name).symlink_to(target)
    if kind == "symlink":
        target.write_text("mine")

    with pytest.raises((SettingsError, ReportError), match="name another"):
        run_import(people(tmp_path), settings(tmp_path, sandbox))

    assert contacts("iclosed") == []
    assert target.exists() == (kind == "symlink")
    mode = (tmp_path / "out" / name).lstat().st_mode
    assert stat.S_ISFIFO(mode) if kind == "fifo" else stat.S_ISLNK(mode)


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_a_state_folder_that_others_can_write_is_warned_of(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state").chmod(0o777)
    person = Person()

    run_import(people(tmp_path), settings(tmp_path, sandbox), person)

    assert any("chmod go-w" in note for note in person.notes)


def test_who_says_no_keeps_the_reports_that_are_there(tmp_path: Path, sandbox: str) -> None:
    file = people(tmp_path)
    first = run_import(file, settings(tmp_path, sandbox))
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    with pytest.raises(KeyboardInterrupt):
        run_import(file, settings(tmp_path, sandbox), Person(agrees=False))

    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before
    assert run_folders(tmp_path) == [first.run]


class Vandal(Observer):
    """Puts a file in the place of the reports once rows are sent."""

    def __init__(self, output: Path) -> None:
        self._output = output

    def on_row_done(self, result: Any) -> None:
        if self._output.is_dir():
            self._output.rmdir()
            self._output.write_text("not a folder")


def test_reports_that_cannot_be_written_after_sending_end_with_4_and_resume_writes_them(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    chosen = settings(tmp_path, sandbox)

    with pytest.raises(ReportError, match="resume") as found:
        run_import(people(tmp_path), chosen, Vandal(tmp_path / "out"))
    (tmp_path / "out").unlink()
    summary = resume_run(list_runs(tmp_path / "state")[0].record.id, chosen)

    assert found.value.exit_code == 4
    assert (summary.counts[Status.CREATED], len(contacts("iclosed"))) == (3, 3)


def test_known_rows_are_announced_and_reported_in_one_pass(
    tmp_path: Path, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from importer.journal.sqlite import SqliteJournal

    file, asked, preview = people(tmp_path, 20), [], SqliteJournal.preview_claims
    run_import(file, settings(tmp_path, sandbox))
    with file.open("a", encoding="utf-8") as more:
        more.write("Bo,bo@example.com\n")
    person = Person()

    def count(self: SqliteJournal, run: Any, wanted: Any) -> Any:
        asked.extend(wanted)
        return preview(self, run, wanted)

    monkeypatch.setattr(SqliteJournal, "preview_claims", count)
    summary = run_import(file, settings(tmp_path, sandbox), person)

    assert (len(asked), person.rows) == (21, [1])
    assert {status: count for status, count in summary.counts.items() if count} == {
        Status.ALREADY_DONE: 20,
        Status.CREATED: 1,
    }
    assert not list((tmp_path / "state").glob("runs/*/known-*"))
