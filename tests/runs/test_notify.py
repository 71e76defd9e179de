"""--notify: a webhook is told how a run ended; what becomes of that changes nothing."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from importer import Settings, run_import
from importer.errors import FileError, ImporterError, SettingsError
from importer.observer import Observer
from importer.runs.notify import notify_failure
from importer.sending.webhook import post_summary


class Notes(Observer):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def on_note(self, text: str) -> None:
        self.notes.append(text)


@contextmanager
def webhook(status: int = 200, seconds: float = 0.0, location: str = "") -> Iterator[tuple[str, list[dict[str, Any]]]]:
    told: list[dict[str, Any]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            time.sleep(seconds)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/services/secret", told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def settings(tmp_path: Path, sandbox: str, notify: str) -> Settings:
    return Settings(
        "iclosed", base_url=f"{sandbox}/iclosed", api_key="iclosed-k", output=tmp_path / "out", notify=notify
    )


def test_the_summary_arrives_with_a_text_for_a_chat(tmp_path: Path, sandbox: str) -> None:
    people = tmp_path / "<!channel> & people.csv"
    people.write_text("Email\nana@example.com\nbo@\n", encoding="utf-8")

    with webhook() as (address, told):
        run_import(people, settings(tmp_path, sandbox, address))

    written = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert told == [written | {"text": told[0]["text"]}]
    assert told[0]["text"].startswith(
        "&lt;!channel&gt; &amp; people.csv → iClosed contacts, create: 1 of 2 rows is imported; 1 needs attention."
    )
    assert "1 created, 1 invalid" in told[0]["text"]


def test_a_run_that_cannot_begin_is_told_too(tmp_path: Path, sandbox: str) -> None:
    with webhook() as (address, told), pytest.raises(FileError):
        run_import(tmp_path / "nothing.csv", settings(tmp_path, sandbox, address))

    assert told[0]["exit_code"] == 2
    assert "there is no such file" in told[0]["text"]


@pytest.mark.parametrize("answer", [{"status": 500}, {"status": 302, "location": "http://127.0.0.1:9/elsewhere"}])
def test_a_webhook_that_refuses_changes_nothing_and_its_address_is_not_shown(
    tmp_path: Path, sandbox: str, answer: dict[str, Any]
) -> None:
    (tmp_path / "people.csv").write_text("Email\nana@example.com\n", encoding="utf-8")
    notes = Notes()

    with webhook(**answer) as (address, told):
        summary = run_import(tmp_path / "people.csv", settings(tmp_path, sandbox, address), notes)

    assert (summary.exit_code, len(told)) == (0, 1)
    assert f"--notify: 127.0.0.1 answered {answer['status']}; the run is not affected" in notes.notes
    everything = "".join(
        path.read_text(encoding="utf-8", errors="replace") for path in tmp_path.rglob("*") if path.is_file()
    )
    assert "secret" not in everything + "".join(notes.notes)


def test_a_webhook_that_never_answers_is_left_alone_after_a_while() -> None:
    with webhook(seconds=5.0) as (address, _):
        begun = time.monotonic()
        complaint = post_summary(address, {"text": "x"}, seconds=0.3)
        lasted = time.monotonic() - begun

    assert complaint is not None
    assert lasted < 4


def test_nobody_there_is_a_note(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "people.csv").write_text("Email\nana@example.com\n", encoding="utf-8")
    notes = Notes()

    summary = run_import(tmp_path / "people.csv", settings(tmp_path, sandbox, "http://127.0.0.1:9/secret"), notes)

    assert summary.exit_code == 0
    assert any("could not be notified (ConnectError)" in note for note in notes.notes)


@pytest.mark.parametrize("address", ["example.com/hook", "ftp://example.com", "http://", "https://example.com:port/"])
def test_what_is_no_address_is_said_before_anything_is_read(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError, match="--notify"):
        run_import(tmp_path / "nothing.csv", settings(tmp_path, "http://127.0.0.1:9", address))


def test_an_error_goes_to_the_observer_and_on_to_the_caller() -> None:
    failures: list[ImporterError] = []

    class Failures(Observer):
        def on_run_failed(self, error: ImporterError) -> None:
            failures.append(error)

    error = FileError("x.csv: there is no such file")
    with pytest.raises(FileError), notify_failure(Settings("iclosed"), "x.csv → iclosed", Failures()):
        raise error

    assert failures == [error]
