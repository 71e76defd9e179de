"""A run that did not end goes on: from its spool and the journal, each row once, the whole file in its reports."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from importer.errors import SettingsError
from importer.journal import open_journal
from importer.model.status import Status
from importer.pipeline import resume_run, run_import
from importer.run_store.run_folder import RunFolder, state_folder
from importer.sandbox.app import build_app
from importer.sandbox.server import running
from importer.settings import Settings
from schemas.registry import load_vendor


def many(folder: Path, rows: int) -> Path:
    file = folder / "many.csv"
    file.write_text("email,tag\n" + "".join(f"user{number}@example.com,x\n" for number in range(rows)) + "broken@,x\n")
    return file


def read_json(url: str) -> Any:
    with urllib.request.urlopen(url) as answer:
        return json.load(answer)


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "importer", *words, "--quiet", "--json"]


def run_words(file: Path, address: str, folder: Path) -> list[str]:
    base = f"{address}/iclosed"
    limits = ["--rate", "10000/s", "--concurrency", "8"]
    return command("run", str(file), "--vendor", "iclosed", "--base-url", base, "--output", str(folder), *limits)


def wait_for(address: str, contacts: int) -> None:
    while len(read_json(f"{address}/_contacts/iclosed")) < contacts:
        time.sleep(0.02)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_goes_on_without_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: signal.Signals
) -> None:
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed-k")
    file = many(tmp_path, 400)
    with running(build_app(latency=0.02)) as address:
        process = subprocess.Popen(run_words(file, address, tmp_path / "out"), stdout=subprocess.DEVNULL)
        wait_for(address, 60)
        process.send_signal(how)
        process.wait()
        time.sleep(0.1)
        file.unlink()
        resumed = subprocess.run(command("resume"), stdout=subprocess.PIPE, check=False)
        made = read_json(f"{address}/_contacts/iclosed")

    counts = json.loads(resumed.stdout)["counts"]
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as report:
        rows = list(csv.DictReader(report))
    ids = {contact["email"]: str(contact["id"]) for contact in made}
    assert len(ids) == len(made)
    assert counts["uncertain"] <= (8 if how is signal.SIGKILL else 0)
    assert counts["created"] + counts["uncertain"] == 400
    assert (counts["invalid"], counts["already_done"], counts["not_attempted"]) == (1, 0, 0)
    assert [row["import_row"] for row in rows] == [str(number) for number in range(2, 403)]
    assert all(ids[row["email"]] == row["import_id"] for row in rows if row["import_status"] == "created")


def test_a_run_is_resumed_by_its_name_and_then_there_is_none_left(tmp_path: Path, sandbox: str) -> None:
    settings = Settings(
        "iclosed", base_url=f"{sandbox}/iclosed", api_key="iclosed-k", output=tmp_path / "out", max_tries=1
    )
    stopped = run_import(
        many(tmp_path, 3),
        Settings("iclosed", base_url="http://127.0.0.1:1", api_key="iclosed-k", output=tmp_path / "out", max_tries=1),
    )
    run_import(many(tmp_path, 2), settings)

    again = resume_run(None, settings)

    assert again.run == stopped.run
    with pytest.raises(SettingsError, match="no run 'x'"):
        resume_run("x", settings)


def test_rows_that_could_not_be_sent_are_sent_when_the_run_goes_on(tmp_path: Path) -> None:
    with running(build_app()) as address:
        pass  # a vendor that is down: its port is closed by now
    file = many(tmp_path, 3)
    settings = Settings(
        "iclosed", base_url=f"{address}/iclosed", api_key="iclosed-k", output=tmp_path / "out", max_tries=1, rate=1000.0
    )
    down = run_import(file, settings)
    port = int(address.rpartition(":")[2])
    made: list[str] = []

    async def answer(request: Request) -> JSONResponse:
        made.append((await request.json())["email"])
        return JSONResponse({"data": {"contact": {"id": len(made)}}}, 201)

    with on_port(port, Starlette(routes=[Route("/iclosed/v1/contacts", answer, methods=["POST"])])):
        up = resume_run(down.run, settings)

    assert (down.exit_code, down.counts[Status.FAILED]) == (4, 3)
    assert (up.counts[Status.CREATED], up.counts[Status.INVALID], up.exit_code) == (3, 1, 3)
    assert len(made) == len(set(made)) == 3


def on_port(port: int, app: Starlette) -> Any:
    import contextlib
    import threading

    from importer.sandbox.server import _server, listen

    @contextlib.contextmanager
    def serving() -> Any:
        listening, server = listen(port), _server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield
        server.should_exit = True
        thread.join(10)
        listening.close()

    return serving()


def test_refused_rows_stay_refused_with_the_vendors_words(tmp_path: Path) -> None:
    answers = [(422, {"message": "No", "errors": {"email": ["is not wanted"]}}), (401, {"message": "key?"})]
    seen: list[str] = []

    async def answer(request: Request) -> JSONResponse:
        seen.append((await request.json())["email"])
        status, body = answers.pop(0) if answers else (201, {"data": {"contact": {"id": len(seen)}}})
        return JSONResponse(body, status)

    app = Starlette(routes=[Route("/iclosed/v1/contacts", answer, methods=["POST"])])
    with running(app) as address:
        settings = Settings(
            "iclosed", base_url=f"{address}/iclosed", api_key="iclosed-k", output=tmp_path / "out", concurrency=1
        )
        stopped = run_import(many(tmp_path, 3), settings)
        resumed = resume_run(None, settings)

    assert (stopped.counts[Status.REJECTED], stopped.counts[Status.NOT_ATTEMPTED], stopped.exit_code) == (1, 2, 4)
    assert (resumed.counts[Status.REJECTED], resumed.counts[Status.CREATED], resumed.exit_code) == (1, 2, 3)
    assert seen == ["user0@example.com", "user1@example.com", "user1@example.com", "user2@example.com"]
    problems = (tmp_path / "out" / "errors.csv").read_text(encoding="utf-8-sig")
    assert "2,email,email,user0@example.com,error,http_422,is not wanted" in problems


def stopped_run(tmp_path: Path) -> tuple[str, Settings]:
    settings = Settings(
        "iclosed", base_url="http://127.0.0.1:1", api_key="iclosed-k", output=tmp_path / "out", max_tries=1
    )
    return run_import(many(tmp_path, 1), settings).run, settings


def test_another_key_is_another_account(tmp_path: Path) -> None:
    run, _ = stopped_run(tmp_path)

    with pytest.raises(SettingsError, match="another API key"):
        resume_run(run, Settings("iclosed", api_key="iclosed-other"))


def test_a_run_at_work_is_not_taken_up(tmp_path: Path) -> None:
    run, settings = stopped_run(tmp_path)
    worker = open_journal(state_folder(None))
    worker.acquire_run(run)

    with pytest.raises(SettingsError, match="running now"):
        resume_run(run, settings)

    worker.release_run(run)


def test_a_contract_that_has_changed_is_not_mixed(tmp_path: Path) -> None:
    run, settings = stopped_run(tmp_path)
    plan = RunFolder(state_folder(None), run).path / "plan.json"
    plan.write_text(json.dumps(json.loads(plan.read_text()) | {"contract": "0" * 64}))

    with pytest.raises(SettingsError, match="another version"):
        resume_run(run, settings)


@pytest.mark.parametrize("version", [None, 1, 99])
def test_a_run_of_another_version_of_the_program_is_imported_again_instead(tmp_path: Path, version: int | None) -> None:
    run, settings = stopped_run(tmp_path)
    plan = RunFolder(state_folder(None), run).path / "plan.json"
    kept = {key: value for key, value in json.loads(plan.read_text()).items() if key not in ("version", "feeds")}
    plan.write_text(json.dumps(kept | ({} if version is None else {"version": version})))

    with pytest.raises(SettingsError, match="another version of this program; import the file again"):
        resume_run(run, settings)


@pytest.mark.parametrize("stored", ["iclosed", "/somewhere/else/site-packages/schemas/iclosed.yaml"])
def test_a_run_goes_on_after_the_program_was_installed_elsewhere(tmp_path: Path, stored: str) -> None:
    run, settings = stopped_run(tmp_path)
    plan = RunFolder(state_folder(None), run).path / "plan.json"
    plan.write_text(json.dumps(json.loads(plan.read_text()) | {"vendor": stored}))

    assert resume_run(run, settings).run == run


def test_a_run_stores_a_built_in_vendor_by_name_and_a_document_by_its_path(tmp_path: Path) -> None:
    document = tmp_path / "mine.yaml"
    document.write_bytes(load_vendor("iclosed").file.read_bytes())

    def stored(vendor: str) -> str:
        settings = Settings(vendor, base_url="http://127.0.0.1:1", api_key="iclosed-k", output=tmp_path / "out")
        run = run_import(many(tmp_path, 1), replace(settings, max_tries=1, state_dir=tmp_path / "other")).run
        plan: dict[str, Any] = json.loads((RunFolder(tmp_path / "other", run).path / "plan.json").read_text())
        return str(plan["vendor"])

    assert (stored("iclosed"), stored(str(document))) == ("iclosed", str(document))


def test_a_moved_contract_of_another_content_is_not_mixed(tmp_path: Path) -> None:
    run, settings = stopped_run(tmp_path)
    plan = RunFolder(state_folder(None), run).path / "plan.json"
    moved = {"vendor": "/somewhere/else/schemas/clemta.yaml"}
    plan.write_text(json.dumps(json.loads(plan.read_text()) | moved))

    with pytest.raises(SettingsError, match="another version"):
        resume_run(run, settings)


def test_a_practice_run_is_not_resumed_and_does_not_stand_before_others(tmp_path: Path) -> None:
    file = many(tmp_path, 400)
    words = command(
        "run", str(file), "--vendor", "iclosed", "--sandbox", "--rate", "100/s", "--output", str(tmp_path / "out")
    )
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while not list(state_folder(None).glob("runs/*/plan.json")):
        assert process.poll() is None
        time.sleep(0.05)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    resumed = subprocess.run(command("resume"), capture_output=True, text=True, check=False)

    assert process.returncode == 130
    assert resumed.returncode == 2
    assert "was for practice, and its copy of the API is gone; import the file again" in resumed.stderr


def test_an_inbox_refuses_to_practice(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    many(tmp_path / "in", 2)

    refused = subprocess.run(
        command("inbox", str(tmp_path / "in"), "--vendor", "iclosed", "--sandbox"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert refused.returncode == 2
    assert "--sandbox would move the files away without importing them" in refused.stderr
    assert (tmp_path / "in" / "many.csv").exists()


def test_doctor_says_that_a_practice_run_reaches_nobody(tmp_path: Path) -> None:
    words = ("doctor", "--vendor", "iclosed", "--sandbox", "--base-url", "http://127.0.0.1:9")
    looked = subprocess.run(
        [sys.executable, "-m", "importer", *words], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert looked.returncode == 0
    assert "nothing reaches the vendor" in looked.stdout
    assert "127.0.0.1:9" not in looked.stdout
