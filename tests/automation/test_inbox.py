"""inbox: every file is imported once, and is where its end says."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from importer.runs.history import list_runs
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running

Contacts = Callable[[str], list[dict[str, Any]]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "in"
    folder.mkdir()
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed-k")
    (tmp_path / "importer.toml").write_text('[jobs.leads]\nvendor = "iclosed"\nrate = "1000/s"\n')
    monkeypatch.chdir(tmp_path)
    return folder


def words(address: str, *more: str) -> list[str]:
    command = [sys.executable, "-m", "importer", "inbox", "in", "--job", "leads", "--settle", "0.3", *more]
    return [*command, "--base-url", f"{address}/iclosed"]


def go_through(address: str, *more: str) -> tuple[int, str]:
    done = subprocess.run(words(address, *more), capture_output=True, text=True, check=False, timeout=110)
    return done.returncode, done.stdout + done.stderr


def put(folder: Path, name: str, *emails: str, age: float = 100.0) -> None:
    (folder / name).write_text("Email\n" + "".join(f"{email}\n" for email in emails), encoding="utf-8")
    then = time.time() - age
    os.utime(folder / name, (then, then))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if not path.name.startswith(".")}


def test_files_are_imported_the_oldest_first_and_moved_with_their_reports(
    folder: Path, sandbox: str, contacts: Contacts
) -> None:
    put(folder, "new.csv", "b@example.com", "bo@", age=10)
    put(folder, "old.csv", "a@example.com", age=1000)
    put(folder, "wrong.csv", age=500)
    (folder / "wrong.csv").write_text("Nothing,Known\n1,2\n")
    (folder / "readme.md").write_text("no contacts")

    code, _ = go_through(sandbox)

    assert code == 2
    assert [contact["email"] for contact in contacts("iclosed")] == ["a@example.com", "b@example.com"]
    assert names(folder) == {"done", "attention", "failed", "readme.md"}
    assert names(folder / "failed") == {"wrong.csv", "wrong.csv.error.txt"}
    assert "no column maps to" in (folder / "failed" / "wrong.csv.error.txt").read_text()
    for place, stem in (("done", "old"), ("attention", "new")):
        (reports,) = (path for path in (folder / place).iterdir() if path.is_dir())
        assert reports.name.startswith(f"{stem}-")
        assert {"result.csv", "errors.csv", "report.html", "summary.json"} <= names(reports)
        kept = next(kept for kept in list_runs(None) if reports.name.endswith(kept.record.id))
        assert Path(kept.record.output) == reports


def test_a_file_that_was_imported_before_is_moved_and_that_is_said(
    folder: Path, sandbox: str, contacts: Contacts
) -> None:
    put(folder, "leads.csv", "a@example.com")
    go_through(sandbox)
    put(folder, "leads.csv", "a@example.com")

    code, said = go_through(sandbox)

    assert code == 0
    assert "was imported before, by run" in said
    assert len([name for name in names(folder / "done") if name.endswith(".csv")]) == 2
    assert len(contacts("iclosed")) == 1


def test_a_file_that_grows_is_waited_for(folder: Path, sandbox: str, contacts: Contacts) -> None:
    path = folder / "leads.csv"
    path.write_text("Email\n")

    def grow() -> None:
        for number in range(12):
            time.sleep(0.1)
            with path.open("a") as file:
                file.write(f"p{number}@example.com\n")

    growing = threading.Thread(target=grow)
    growing.start()
    code, _ = go_through(sandbox)
    growing.join()

    assert code == 0
    assert len(contacts("iclosed")) == 12


def test_two_inboxes_at_once_import_each_file_once(folder: Path, sandbox: str, contacts: Contacts) -> None:
    for number in range(5):
        put(folder, f"f{number}.csv", f"p{number}@example.com", f"q{number}@example.com", age=100 - number)

    processes = [
        subprocess.Popen(words(sandbox), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    ended = [process.communicate(timeout=110) for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    assert any("another inbox is running" in errors for _, errors in ended)
    assert sorted(contact["email"] for contact in contacts("iclosed")) == sorted(
        f"{who}{n}@example.com" for n in range(5) for who in "pq"
    )
    assert len([name for name in names(folder / "done") if name.endswith(".csv")]) == 5


def test_a_vendor_that_is_down_at_night_is_caught_up_with_the_next_time(folder: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    put(folder, "one.csv", *(f"p{number}@example.com" for number in range(30)), age=200)
    put(folder, "two.csv", "q@example.com", age=100)

    down, said = go_through(f"http://127.0.0.1:{port}", "--max-tries", "1")
    assert (down, names(folder) >= {"one.csv", "two.csv"}) == (4, True)
    assert re.search(
        r"one\.csv → one\.csv: \d+ failed, \d+ not_attempted; the file stays and is continued next time", said
    )

    vendor = subprocess.Popen(
        [sys.executable, "-m", "importer", "sandbox", "--port", str(port)], stdout=subprocess.PIPE
    )
    assert vendor.stdout is not None
    vendor.stdout.readline()
    try:
        up, _ = go_through(f"http://127.0.0.1:{port}")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_contacts/iclosed") as answer:
            there = json.load(answer)
    finally:
        vendor.terminate()
        vendor.communicate(timeout=30)
    assert up == 0
    assert len(there) == 31
    assert {"one.csv", "two.csv"} <= names(folder / "done")


def test_a_vendor_that_takes_nothing_now_leaves_every_file_where_it_is(folder: Path) -> None:
    put(folder, "one.csv", "a@example.com", age=200)
    put(folder, "two.csv", "b@example.com", age=100)
    with running(build_app(faults=[Fault("429")])) as address:
        code, said = go_through(address, "--patience", "1")

    assert code == 4
    assert "one.csv → one.csv" in said
    assert {"one.csv", "two.csv"} <= names(folder)


def test_wrong_settings_move_nothing(folder: Path, sandbox: str, monkeypatch: pytest.MonkeyPatch) -> None:
    put(folder, "one.csv", "a@example.com")
    monkeypatch.delenv("ICLOSED_API_KEY")

    code, said = go_through(sandbox)

    assert code == 2
    assert "no API key" in said
    assert names(folder) == {"one.csv"}


def test_it_stays_and_imports_what_is_put_there(folder: Path, sandbox: str, contacts: Contacts) -> None:
    process = subprocess.Popen(words(sandbox, "--watch"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for number in range(2):
            put(folder, f"f{number}.csv", f"p{number}@example.com")
            until = time.monotonic() + 60
            while len(contacts("iclosed")) <= number and time.monotonic() < until:
                time.sleep(0.2)
    finally:
        process.terminate()
        process.wait(30)

    assert [contact["email"] for contact in contacts("iclosed")] == ["p0@example.com", "p1@example.com"]


def test_an_interrupted_run_ends_the_watch_and_leaves_the_file(folder: Path, sandbox: str) -> None:
    put(folder, "leads.csv", *(f"p{number}@example.com" for number in range(300)))
    command = words(sandbox, "--watch", "--rate", "20/s", "--verbose")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    next(line for line in process.stderr if line.startswith("row "))  # it is sending
    process.terminate()
    process.communicate(timeout=60)

    assert process.returncode == 130
    assert "leads.csv" in names(folder)


def test_json_has_the_reports_where_they_are(folder: Path, sandbox: str) -> None:
    put(folder, "leads.csv", "a@example.com")

    done = subprocess.run(words(sandbox, "--json", "--quiet"), capture_output=True, text=True, check=True, timeout=110)

    summary = json.loads(done.stdout)
    assert Path(summary["outputs"]["result"]).is_file()
    assert summary["counts"]["created"] == 1


def test_a_text_that_is_no_data_file_is_moved_away_with_the_reason(
    folder: Path, sandbox: str, contacts: Contacts
) -> None:
    settings = folder.parent / "importer.toml"
    settings.write_text(settings.read_text() + '[jobs.leads.set]\ntag = "spring"\n')
    (folder / "readme.txt").write_text("Hello, this folder is for exports.\nPlease put them here.\n")

    code, printed = go_through(sandbox)

    assert contacts("iclosed") == []
    assert (folder / "failed" / "readme.txt").exists(), printed
    assert "--map" in (folder / "failed" / "readme.txt.error.txt").read_text()
    assert code == 2


@pytest.mark.skipif(os.name != "posix", reason="POSIX's links")
def test_a_symlink_in_the_inbox_is_not_followed(folder: Path, sandbox: str, contacts: Contacts, tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("Email\nana@example.com\n", encoding="utf-8")
    (folder / "leads.csv").symlink_to(tmp_path / "secret.csv")

    code, _ = go_through(sandbox)

    assert (code, contacts("iclosed")) == (0, [])
    assert (folder / "leads.csv").is_symlink()


@pytest.mark.parametrize("name", [".inbox.lock", "done", "failed", "attention"])
@pytest.mark.skipif(os.name != "posix", reason="POSIX's links")
def test_a_lock_or_a_folder_that_is_a_symlink_is_refused(folder: Path, sandbox: str, tmp_path: Path, name: str) -> None:
    target = tmp_path / "elsewhere"
    target.mkdir()
    (folder / name).symlink_to(target)
    put(folder, "leads.csv", "ana@example.com")

    code, said = go_through(sandbox)

    assert (code, "symbolic link" in said, "Traceback" in said) == (2, True, False)
    assert list(target.iterdir()) == []
