"""What stops a run, and what does not: limits of patience, a full disk, a journal that another process holds."""

from __future__ import annotations

import csv
import json
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from importer.errors import JournalError
from importer.journal import open_journal
from importer.journal.sqlite import FILE_NAME
from importer.model.status import Status
from importer.observer import Observer
from importer.pipeline import resume_run, run_import
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running
from importer.settings import Settings


def leads(folder: Path, rows: int) -> Path:
    file = folder / "leads.csv"
    file.write_text("email\n" + "".join(f"u{number}@example.com\n" for number in range(rows)))
    return file


def iclosed(address: str, folder: Path, **chosen: Any) -> Settings:
    return Settings(
        "iclosed",
        base_url=f"{address}/iclosed",
        api_key="iclosed-k",
        output=folder / "out",
        state_dir=folder / "state",
        **chosen,
    )


def kept(address: str, vendor: str = "iclosed") -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{address}/_contacts/{vendor}") as answer:
        found: list[dict[str, Any]] = json.load(answer)
        return found


def test_nothing_but_429_ends_the_run_when_patience_does(tmp_path: Path) -> None:
    with running(build_app(faults=[Fault("429")])) as address:
        begun = time.monotonic()
        summary = run_import(leads(tmp_path, 50), iclosed(address, tmp_path, patience=1.0))
        took = time.monotonic() - begun

    assert (summary.counts[Status.NOT_ATTEMPTED], summary.exit_code) == (50, 4)
    assert "--patience 1" in summary.stopped
    assert took < 10


def test_a_wait_that_is_longer_than_patience_is_not_begun(tmp_path: Path) -> None:
    async def later(_: Request) -> JSONResponse:
        return JSONResponse({"message": "later"}, 429, headers={"Retry-After": "1200"})

    with running(Starlette(routes=[Route("/iclosed/v1/contacts", later, methods=["POST"])])) as address:
        summary = run_import(leads(tmp_path, 20), iclosed(address, tmp_path))

    assert (summary.counts[Status.NOT_ATTEMPTED], summary.exit_code) == (20, 4)
    assert "asks to wait 1,200 seconds" in summary.stopped


def test_an_interrupt_does_not_wait_for_the_end_of_a_pause(tmp_path: Path) -> None:
    asked = threading.Event()

    async def later(_: Request) -> JSONResponse:
        asked.set()
        return JSONResponse({"message": "later"}, 429, headers={"Retry-After": "600"})

    (tmp_path / "key").write_text("iclosed-k")
    (tmp_path / "key").chmod(0o600)
    with running(Starlette(routes=[Route("/iclosed/v1/contacts", later, methods=["POST"])])) as address:
        words = [sys.executable, "-m", "importer", "run", str(leads(tmp_path, 20)), "--vendor", "iclosed", "--quiet"]
        words += ["--base-url", f"{address}/iclosed", "--output", str(tmp_path / "out")]
        process = subprocess.Popen([*words, "--api-key-file", str(tmp_path / "key")], stderr=subprocess.PIPE)
        assert asked.wait(60)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=120)

    counts = json.loads((tmp_path / "out" / "summary.json").read_text())["counts"]
    assert (process.returncode, errors, counts["not_attempted"]) == (130, b"", 20)


def test_keep_going_sends_on_past_twenty_same_refusals(tmp_path: Path) -> None:
    async def refuse(_: Request) -> JSONResponse:
        return JSONResponse({"message": "no such list"}, 400)

    with running(Starlette(routes=[Route("/iclosed/v1/contacts", refuse, methods=["POST"])])) as address:
        stopped = run_import(leads(tmp_path, 60), iclosed(address, tmp_path))
        went_on = run_import(leads(tmp_path, 60), iclosed(address, tmp_path, keep_going=True))

    assert stopped.exit_code == 4
    assert "--keep-going" in stopped.stopped
    assert (went_on.counts[Status.REJECTED], went_on.exit_code, went_on.stopped) == (60, 3, "")


class Remembering:
    """A vendor with idempotency keys: it applies the first time, fails to say so, and knows the key again."""

    def __init__(self) -> None:
        self.made: dict[str, str] = {}
        self.keys: list[str] = []

    async def take(self, request: Request) -> JSONResponse:
        key, body = request.headers["idempotency-key"], await request.json()
        self.keys.append(key)
        if key not in self.made:
            self.made[key] = body["mail"]
            return JSONResponse({"message": "internal error"}, 500)
        return JSONResponse({"id": f"id of {self.made[key]}"}, 201)


def keyed_vendor(folder: Path, ttl: str) -> str:
    schema = {"type": "object", "required": ["mail"], "properties": {"mail": {"type": "string"}}}
    post = {
        "x-importer": {"id": "/id", "idempotency": {"header": "Idempotency-Key", "ttl": ttl}},
        "requestBody": {"content": {"application/json": {"schema": schema}}},
    }
    document = {"openapi": "3.1.0", "info": {"title": "Keyed"}, "paths": {"/people": {"post": post}}}
    (folder / "keyed.yaml").write_text(yaml.safe_dump(document))
    return str(folder / "keyed.yaml")


def test_with_idempotency_keys_a_doubt_is_sent_again_with_the_same_key(tmp_path: Path) -> None:
    vendor = Remembering()
    (tmp_path / "p.csv").write_text("mail\na@example.com\nb@example.com\n")
    with running(Starlette(routes=[Route("/people", vendor.take, methods=["POST"])])) as address:
        settings = Settings(keyed_vendor(tmp_path, "24h"), base_url=address, output=tmp_path / "out")
        summary = run_import(tmp_path / "p.csv", settings)

    assert (summary.counts[Status.CREATED], summary.requests.retried) == (2, 2)
    assert sorted(vendor.made.values()) == ["a@example.com", "b@example.com"]
    assert sorted(vendor.keys) == sorted([*vendor.made, *vendor.made])


@pytest.mark.parametrize(("ttl", "created"), [("24h", 1), ("0s", 0)])
def test_a_doubt_of_an_earlier_run_keeps_its_key_while_the_vendor_knows_it(
    tmp_path: Path, ttl: str, created: int
) -> None:
    vendor = Remembering()
    (tmp_path / "p.csv").write_text("mail\na@example.com\n")
    with running(Starlette(routes=[Route("/people", vendor.take, methods=["POST"])])) as address:
        settings = Settings(keyed_vendor(tmp_path, ttl), base_url=address, output=tmp_path / "out", max_tries=1)
        first = run_import(tmp_path / "p.csv", settings)
        second = run_import(tmp_path / "p.csv", settings)

    assert (first.counts[Status.UNCERTAIN], second.counts[Status.CREATED]) == (1, created)
    assert len(set(vendor.keys)) == 1
    assert len(vendor.keys) == 1 + created


def test_a_full_disk_stops_the_run_and_nothing_unwritten_was_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed-k")
    file = leads(tmp_path, 3000)

    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (700_000, 700_000))

    with running(build_app()) as address:
        words = [sys.executable, "-m", "importer", "run", str(file), "--vendor", "iclosed", "--rate", "10000/s"]
        words += ["--base-url", f"{address}/iclosed", "--output", str(tmp_path / "out"), "--concurrency", "8", "--json"]
        stopped = subprocess.run(
            [*words, "--state-dir", str(tmp_path / "state")], capture_output=True, text=True, check=False,
            preexec_fn=small_disk,
        )  # fmt: skip
        made_then = {contact["email"] for contact in kept(address)}
        with sqlite3.connect(tmp_path / "state" / FILE_NAME) as journal:
            (known,) = journal.execute("SELECT count(*) FROM deliveries").fetchone()
        journal.close()
        resumed = resume_run(None, iclosed(address, tmp_path))
        made = [contact["email"] for contact in kept(address)]

    summary = json.loads(stopped.stdout)
    assert stopped.returncode in (4, 5)
    assert "the journal could not be written" in summary["stopped"]
    assert 0 < len(made_then) <= known < 3000
    assert len(made) == len(set(made))
    assert resumed.counts[Status.CREATED] + resumed.counts[Status.UNCERTAIN] == 3000
    assert resumed.counts[Status.UNCERTAIN] <= 8


def test_a_journal_that_another_process_holds_is_waited_for(tmp_path: Path) -> None:
    with running(build_app(latency=0.02)) as address:
        settings = iclosed(address, tmp_path, rate=10000.0)
        run_import(leads(tmp_path, 1), replace(settings, output=tmp_path / "first"))
        hold = threading.Thread(target=_hold, args=(tmp_path / "state" / FILE_NAME, 1.0))
        (tmp_path / "more").mkdir()
        hold.start()
        summary = run_import(leads(tmp_path / "more", 200), settings)
        hold.join()

    assert summary.counts[Status.CREATED] + summary.counts[Status.ALREADY_DONE] == 200


def _hold(path: Path, seconds: float) -> None:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    time.sleep(seconds)
    other.execute("COMMIT")
    other.close()


def test_a_journal_that_stays_held_is_an_error_and_not_a_hang(tmp_path: Path) -> None:
    journal = open_journal(tmp_path, busy_seconds=0.1)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    assert journal.begin_transaction(wait=False) is False
    with pytest.raises(JournalError, match="locked"):
        journal.begin_transaction(wait=True)
    other.execute("COMMIT")
    assert journal.begin_transaction(wait=False) is True
    journal.commit_transaction()
    other.close()


@pytest.mark.parametrize("wait", [False, True])
def test_a_second_run_of_the_same_file_says_so_and_waits_when_told_to(tmp_path: Path, *, wait: bool) -> None:
    notes: list[str] = []

    class Listening(Observer):
        def on_note(self, text: str) -> None:
            notes.append(text)

    file = leads(tmp_path, 120)
    results: list[Any] = []
    with running(build_app(latency=0.05)) as address:
        settings = iclosed(address, tmp_path, rate=10000.0, concurrency=2)
        first = threading.Thread(target=lambda: results.append(run_import(file, settings)))
        first.start()
        _until(lambda: len(kept(address)) > 4)
        second = run_import(file, replace(settings, output=tmp_path / "second", wait=wait), Listening())
        first.join()
        made = [contact["email"] for contact in kept(address)]

    said = [note for note in notes if "importing this file right now" in note]
    assert len(said) == 1
    assert ("--wait" in said[0]) is not wait
    assert len(made) == len(set(made)) == 120
    both = results[0].counts[Status.CREATED] + second.counts[Status.CREATED]
    assert both == 120
    assert second.counts[Status.CREATED] + second.counts[Status.ALREADY_DONE] == 120
    if wait:
        assert second.counts[Status.ALREADY_DONE] == 120


def _until(true: Callable[[], bool]) -> None:
    for _ in range(600):
        if true():
            return
        time.sleep(0.02)


def test_a_second_interrupt_waits_for_no_answer_and_leaves_what_was_under_way_in_doubt(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("iclosed-k")
    (tmp_path / "key").chmod(0o600)
    with running(build_app(faults=[Fault("apply-hang")])) as address:
        words = [sys.executable, "-m", "importer", "run", str(leads(tmp_path, 40)), "--vendor", "iclosed", "--quiet"]
        words += ["--base-url", f"{address}/iclosed", "--output", str(tmp_path / "out"), "--concurrency", "3"]
        process = subprocess.Popen([*words, "--api-key-file", str(tmp_path / "key"), "--rate", "100/s"])
        _until(lambda: len(kept(address)) == 3)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        under_way = process.poll()
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=60)

    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (under_way, code) == (None, 130)
    assert (summary["counts"]["uncertain"], summary["counts"]["not_attempted"]) == (3, 37)
    assert [entry["row"] for entry in summary["uncertain"]] == [2, 3, 4]


def test_an_update_that_waits_for_its_next_try_is_in_doubt_when_the_run_is_interrupted(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k")
    (tmp_path / "key").chmod(0o600)
    file = tmp_path / "updates.csv"
    file.write_text("id,tag\n" + "".join(f"{number},x\n" for number in range(1, 31)))
    with running(build_app(faults=[Fault("apply-500")])) as address:
        words = [sys.executable, "-m", "importer", "run", str(file), "--vendor", "cleartalk", "--operation", "update"]
        words += ["--base-url", f"{address}/cleartalk", "--output", str(tmp_path / "out"), "--concurrency", "3"]
        words += ["--rate", "100/s", "--quiet", "--api-key-file", str(tmp_path / "key")]
        process = subprocess.Popen(words)
        _until(lambda: tries(address) >= 4)  # one of the three has been tried twice
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=60)
        touched = len(kept(address, "cleartalk"))

    counts = json.loads((tmp_path / "out" / "summary.json").read_text())["counts"]
    assert code == 130
    assert (counts["uncertain"], counts["not_attempted"]) == (touched, 30 - touched)


def tries(address: str) -> int:
    with urllib.request.urlopen(f"{address}/_requests") as answer:
        return sum(json.load(answer).values())


@pytest.mark.parametrize("bytes_left", [600_000, 700_000, 800_000])
def test_what_was_reported_as_created_on_a_full_disk_is_created_after_resume(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bytes_left: int
) -> None:
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed-k")
    file = leads(tmp_path, 3000)

    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_left, bytes_left))

    with running(build_app()) as address:
        words = [sys.executable, "-m", "importer", "run", str(file), "--vendor", "iclosed", "--rate", "10000/s"]
        words += ["--base-url", f"{address}/iclosed", "--output", str(tmp_path / "out"), "--concurrency", "8"]
        stopped = subprocess.run(
            [*words, "--verbose", "--state-dir", str(tmp_path / "state")], capture_output=True, text=True, check=False,
            preexec_fn=small_disk,
        )  # fmt: skip
        resume_run(None, iclosed(address, tmp_path))

    reported = set(re.findall(r"^row (\d+) created", stopped.stderr, re.MULTILINE))
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as result:
        after = {row["import_row"]: row["import_status"] for row in csv.DictReader(result)}
    assert reported
    assert {row for row in reported if after[row] != "created"} == set()
