"""Several machines with one journal: what one began another finishes, from an empty state folder."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from importer.journal_location import KEY_ENVIRONMENT, URL_ENVIRONMENT
from importer.pipeline import run_import
from importer.run_store.report_key import has_own_signature, sign_plan
from importer.runs.history import list_runs, prune_runs, rows_of_run
from importer.sandbox.app import build_app
from importer.sandbox.server import running
from importer.settings import Settings
from tests.conftest import JOURNAL_KEY

CONCURRENCY = 8


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "importer", *words]


def contacts(address: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{address}/_contacts/iclosed") as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return found


@pytest.fixture
def machine(tmp_path: Path, postgres_journal: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Starts a command on a machine of its own: nothing but the journal is shared."""
    monkeypatch.setenv("ICLOSED_API_KEY", "iclosed-k")

    def start(name: str, *words: str) -> subprocess.Popen[bytes]:
        (tmp_path / name).mkdir(exist_ok=True)
        where = ["--state-dir", str(tmp_path / name / "state"), "--quiet", "--json"]
        return subprocess.Popen(command(*words, *where), cwd=tmp_path / name, stdout=subprocess.PIPE)

    return start


def counts(process: subprocess.Popen[bytes]) -> dict[str, int]:
    output, _ = process.communicate(timeout=100)
    found: dict[str, int] = json.loads(output)["counts"]
    return found


@pytest.mark.parametrize("words", [("resume",), ("run",)])
def test_another_machine_finishes_what_a_killed_one_began(tmp_path: Path, machine: Any, words: tuple[str, ...]) -> None:
    file = tmp_path / "many.csv"
    file.write_text("email,tag\n" + "".join(f"user{number}@example.com,x\n" for number in range(300)))
    with running(build_app(latency=0.02)) as address:
        document = shutil.copy("schemas/iclosed.yaml", tmp_path / "own.yaml")
        run = ["run", str(file), "--vendor", str(document), "--base-url", f"{address}/iclosed"]
        run += ["--rate", "10000/s", "--concurrency", str(CONCURRENCY)]
        first = machine("one", *run, "--output", str(tmp_path / "out"))
        while len(contacts(address)) < 60:
            time.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        time.sleep(0.1)  # what was under way arrives
        if words == ("resume",):
            document.unlink()
        second = run if words == ("run",) else words
        found = counts(machine("two", *second, "--output", str(tmp_path / "out-of-two")))
        made = contacts(address)

    assert (tmp_path / "out-of-two" / "report.html").exists()
    assert len({contact["email"] for contact in made}) == len(made)
    assert found["uncertain"] <= CONCURRENCY
    assert found["created"] + found["already_done"] + found["uncertain"] == 300
    assert len(made) >= found["created"] + found["already_done"]


def test_two_machines_with_one_file_send_each_row_once(tmp_path: Path, machine: Any) -> None:
    file = tmp_path / "many.csv"
    file.write_text("email,tag\n" + "".join(f"user{number}@example.com,x\n" for number in range(200)))
    with running(build_app(latency=0.01)) as address:
        run = ["run", str(file), "--vendor", "iclosed", "--base-url", f"{address}/iclosed", "--rate", "10000/s"]
        both = [machine(name, *run, "--output", str(tmp_path / f"out-{name}")) for name in ("one", "two")]
        found = [counts(process) for process in both]
        made = contacts(address)

    assert len(made) == 200
    assert Counter(contact["email"] for contact in made).most_common(1)[0][1] == 1
    assert sum(entry["created"] for entry in found) == 200


def test_rows_and_reports_of_one_machine_are_known_to_the_others_until_they_are_pruned(
    tmp_path: Path, postgres_journal: str, sandbox: str, leads: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    settings = Settings("iclosed", base_url=f"{sandbox}/iclosed", api_key="iclosed-k", state_dir=one)
    summary = run_import(leads, replace(settings, output=tmp_path / "out"))

    assert [stored.has_rows for stored in list_runs(two)] == [True]
    assert rows_of_run(two, summary.run, [2])[2][0] == "Ana"
    assert has_own_signature(two, json.loads(sign_plan(one, {"run": summary.run})))

    assert prune_runs(two, -1.0, unfinished=True).runs == (summary.run,)
    with psycopg.connect(postgres_journal) as admin:
        assert admin.execute("SELECT count(*) FROM contact_importer.run_files").fetchone() == (0,)
        assert admin.execute("SELECT count(*) > 0 FROM contact_importer.deliveries").fetchone() == (True,)


def test_the_settings_file_names_the_journal_and_the_source_of_its_key(tmp_path: Path, postgres_journal: str) -> None:
    key = tmp_path / "journal-key"
    key.write_text(JOURNAL_KEY)
    key.chmod(0o600)
    file = tmp_path / "importer.toml"
    environment = {name: text for name, text in os.environ.items() if name not in (URL_ENVIRONMENT, KEY_ENVIRONMENT)}

    def status(text: str) -> subprocess.CompletedProcess[str]:
        file.write_text(text)
        words = command("journal", "status", "--json", "--config", str(file))
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    named = status(f'[state]\njournal = "{postgres_journal}"\njournal_key = "file:{key}"\n')
    secret = status('[state]\njournal = "postgresql://importer:s3cret@localhost/imports"\n')

    words = command("doctor", "--vendor", "iclosed", "--sandbox", "--config", str(file))
    file.write_text(f'[state]\njournal = "{postgres_journal}"\njournal_key = "file:{key}"\n')
    doctor = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)

    assert json.loads(named.stdout)["runs"] == 0
    assert f"0 runs in {postgres_journal.partition('@')[2]}" in doctor.stdout
    assert (secret.returncode, "must not contain the password" in secret.stderr) == (2, True)
    assert "s3cret" not in secret.stderr
