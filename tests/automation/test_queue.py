"""The queue: one task a file, continued by any worker, each row sent once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import psycopg
import pytest

from importer.automation import queue
from importer.automation.queue import Worker, enqueue_file, prepare_queue
from importer.errors import SettingsError
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running

JOB = """
[jobs.leads]
vendor = "iclosed"
base-url = "{address}/iclosed"
rate = "10000/s"
concurrency = 8
"""


def contacts(address: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{address}/_contacts/iclosed") as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


def make_file(folder: Path, rows: int) -> Path:
    file = folder / "leads.csv"
    file.write_text("email,tag\n" + "".join(f"user{number}@example.com,x\n" for number in range(rows)))
    return file


def start_worker(folder: Path, name: str, *more: str) -> subprocess.Popen[bytes]:
    """A worker on a machine of its own."""
    (folder / name).mkdir()
    words = [sys.executable, "-m", "importer", "worker", "--config", str(folder / "importer.toml"), "--drain", *more]
    environment = {**os.environ, "ICLOSED_API_KEY": "iclosed-k", "CONTACT_IMPORTER_STATE_DIR": str(folder / name)}
    return subprocess.Popen(words, env=environment, cwd=folder / name, stderr=subprocess.DEVNULL)


def jobs(url: str) -> list[tuple[str, int]]:
    with psycopg.connect(url) as admin:
        found = admin.execute(
            "SELECT status::text, attempts FROM contact_importer_queue.procrastinate_jobs ORDER BY id"
        ).fetchall()
    return [(status, attempts) for status, attempts in found]


def waiting_files(url: str) -> int:
    with psycopg.connect(url) as admin:
        return int(admin.execute("SELECT count(*) FROM contact_importer.queued_files").fetchall()[0][0])


def test_a_file_is_enqueued_once_and_what_a_dead_worker_left_another_one_finishes(
    tmp_path: Path, postgres_journal: str
) -> None:
    file = make_file(tmp_path, 300)
    prepare_queue(postgres_journal)
    assert enqueue_file(postgres_journal, file, "leads")
    assert not enqueue_file(postgres_journal, file, "leads")
    file.unlink()
    with running(build_app(latency=0.02)) as address:
        (tmp_path / "importer.toml").write_text(JOB.format(address=address))
        first = start_worker(tmp_path, "one")
        while len(contacts(address)) < 40:
            time.sleep(0.02)
        children = subprocess.run(["pgrep", "-P", str(first.pid)], capture_output=True, text=True, check=True)
        for pid in [first.pid, *map(int, children.stdout.split())]:
            os.kill(pid, signal.SIGKILL)
        first.wait()
        assert jobs(postgres_journal)[0][0] == "doing"

        assert start_worker(tmp_path, "two", "--output", str(tmp_path / "reports")).wait(100) == 0
        made = contacts(address)

    (reports,) = (tmp_path / "reports").iterdir()
    counts = json.loads((reports / "summary.json").read_text())["counts"]
    assert len({contact["email"] for contact in made}) == len(made)
    assert counts["already_done"] + counts["created"] + counts["uncertain"] == 300
    assert counts["uncertain"] <= 8
    assert jobs(postgres_journal)[0][0] == "succeeded"
    assert waiting_files(postgres_journal) == 0


def test_what_stopped_is_tried_again_and_what_cannot_start_is_not(tmp_path: Path, postgres_journal: str) -> None:
    prepare_queue(postgres_journal)
    file = make_file(tmp_path, 3)
    enqueue_file(postgres_journal, file, "leads")
    enqueue_file(postgres_journal, file, "nobody-knows-this-job")
    with running(build_app(faults=[Fault("429")])) as address:
        (tmp_path / "importer.toml").write_text(JOB.format(address=address) + "patience = 1\n")
        assert start_worker(tmp_path, "one").wait(100) == 0

    assert jobs(postgres_journal) == [("todo", 1), ("failed", 1)]
    assert waiting_files(postgres_journal) == 1


def test_a_worker_that_is_told_to_end_stops_its_import_which_is_continued_later(
    tmp_path: Path, postgres_journal: str
) -> None:
    prepare_queue(postgres_journal)
    enqueue_file(postgres_journal, make_file(tmp_path, 400), "leads")
    with running(build_app(latency=0.1)) as address:
        (tmp_path / "importer.toml").write_text(JOB.format(address=address))
        worker = start_worker(tmp_path, "one")
        while len(contacts(address)) < 20:
            time.sleep(0.02)
        worker.send_signal(signal.SIGTERM)
        worker.wait(60)
        assert jobs(postgres_journal) == [("todo", 1)]
        with psycopg.connect(postgres_journal, autocommit=True) as admin:
            uncertain = admin.execute(
                "SELECT count(*) FROM contact_importer.deliveries WHERE state IN ('intended', 'uncertain')"
            ).fetchall()

    assert uncertain == [(0,)]


def test_without_a_queue_it_says_how_to_make_one(tmp_path: Path, postgres_journal: str) -> None:
    file = make_file(tmp_path, 1)

    with pytest.raises(SettingsError, match="journal init --queue"):
        enqueue_file(postgres_journal, file, "leads")
    with pytest.raises(SettingsError, match="journal init --queue"):
        Worker(postgres_journal, tmp_path, None).run(1, wait=False)
    prepare_queue(postgres_journal)
    prepare_queue(postgres_journal)
    assert jobs(postgres_journal) == []
    assert queue.RETRY_SECONDS > 60
