"""undo: the contacts that a run created are deleted, once, and only they; afterwards the file can be imported again."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from importer import Settings, run_import
from importer.model.status import Status
from importer.model.summary import Summary
from importer.sandbox.app import build_app
from importer.sandbox.server import running

KEYS = {"CLEMTA_API_KEY": "clemta-k", "ICLOSED_API_KEY": "iclosed-k"}


def write(folder: Path, rows: int) -> Path:
    file = folder / "people.csv"
    lines = [f"customer,Ana {number},p{number}@example.com" for number in range(rows)]
    file.write_text("\n".join(["Type,Full name,Email", *lines]) + "\n", encoding="utf-8")
    return file


def imported(folder: Path, address: str, file: Path, output: str = "out") -> Summary:
    constants = (("company_id", "c1"),)
    return run_import(
        file,
        Settings(
            "clemta", base_url=f"{address}/clemta", api_key="clemta-k", constants=constants, rate=1000.0,
            output=folder / output, state_dir=folder / "state",
        ),
    )  # fmt: skip


def there(address: str, vendor: str = "clemta") -> dict[str, dict[str, Any]]:
    with urllib.request.urlopen(f"{address}/_contacts/{vendor}") as answer:
        return {contact["email"]: contact for contact in json.load(answer)}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "importer", "undo", *words, "--state-dir", "state"]


def undo(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), cwd=folder, env={**os.environ, **KEYS}, capture_output=True, text=True, check=False
    )


def change(address: str, contact: dict[str, Any], **values: Any) -> None:
    """Change a contact as somebody at the vendor would."""
    body = {name: contact[name] for name in ("type", "full_name", "email", "company_id")} | values
    request = urllib.request.Request(
        f"{address}/clemta/contacts/{contact['id']}",
        json.dumps(body).encode(),
        {"X-API-Key": "clemta-k", "Content-Type": "application/json"},
        method="PATCH",
    )
    urllib.request.urlopen(request).close()


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_what_a_run_created_is_deleted_and_what_was_changed_since_stays(tmp_path: Path, sandbox: str) -> None:
    file = write(tmp_path, 4)
    run = imported(tmp_path, sandbox, file).run
    change(sandbox, there(sandbox)["p1@example.com"], full_name="Ana Berg")

    shown = undo(tmp_path, run)
    done = undo(tmp_path, run, "--yes", "--output", "undone")

    assert shown.returncode == 2
    assert "created 3 contacts that would be deleted" in shown.stderr
    assert "row 2: Ana 0 p0@example.com" in shown.stderr
    assert "1 contact stays: it differs from what was sent" in shown.stderr
    assert "say --yes" in shown.stderr
    assert done.returncode == 0, done.stderr
    assert "All 3 rows are deleted." in done.stdout
    assert set(there(sandbox)) == {"p1@example.com"}
    rows = read(tmp_path / "undone" / "result.csv")
    assert [(row["import_status"], row["row"]) for row in rows] == [("deleted", row) for row in ("2", "4", "5")]

    again = imported(tmp_path, sandbox, file, "again")
    assert (again.counts[Status.CREATED], again.counts[Status.ALREADY_DONE]) == (3, 1)
    assert len(there(sandbox)) == 4

    rest = undo(tmp_path, run, "--yes", "--even-changed")
    assert rest.returncode == 0, rest.stderr
    assert "The row is deleted." in rest.stdout
    assert set(there(sandbox)) == {"p0@example.com", "p2@example.com", "p3@example.com"}
    assert "Nothing is left to delete." in undo(tmp_path, run, "--yes").stdout


def test_a_run_that_was_undone_is_not_resumed_and_a_contact_that_is_gone_counts_as_undone(
    tmp_path: Path, sandbox: str
) -> None:
    run = imported(tmp_path, sandbox, write(tmp_path, 2)).run
    gone = there(sandbox)["p0@example.com"]["id"]
    urllib.request.urlopen(
        urllib.request.Request(f"{sandbox}/clemta/contacts/{gone}", headers={"X-API-Key": "clemta-k"}, method="DELETE")
    ).close()

    done = undo(tmp_path, run, "--yes", "--json", "--output", "undone")
    resumed = subprocess.run(
        [sys.executable, "-m", "importer", "resume", run, "--state-dir", "state", "--yes"],
        cwd=tmp_path, env={**os.environ, **KEYS}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert json.loads(done.stdout)["counts"]["deleted"] == 1
    assert resumed.returncode == 2
    assert f"run {run} was undone; import its file again" in resumed.stderr
    assert there(sandbox) == {}
    again = imported(tmp_path, sandbox, tmp_path / "people.csv", "again")
    assert again.counts[Status.CREATED] == 2


def test_a_contact_with_another_address_since_is_not_deleted(tmp_path: Path, sandbox: str) -> None:
    run = imported(tmp_path, sandbox, write(tmp_path, 2)).run
    change(sandbox, there(sandbox)["p0@example.com"], email="moved@example.com")

    shown = undo(tmp_path, run)
    done = undo(tmp_path, run, "--yes", "--output", "undone")

    assert "1 contact that it created can no longer be found" in shown.stderr
    assert done.returncode == 0, done.stderr
    assert set(there(sandbox)) == {"moved@example.com"}
    assert "Nothing is left to delete." in undo(tmp_path, run, "--yes").stdout


def test_a_killed_undo_goes_on_where_it_was_and_deletes_nothing_else(tmp_path: Path) -> None:
    with running(build_app(latency=0.02)) as address:
        file = write(tmp_path, 60)
        run = imported(tmp_path, address, file).run
        own = {"type": "customer", "full_name": "Own", "email": "own@example.com", "company_id": "c1"}
        request = urllib.request.Request(
            f"{address}/clemta/contacts",
            json.dumps(own).encode(),
            {"X-API-Key": "clemta-k", "Content-Type": "application/json"},
        )
        urllib.request.urlopen(request).close()
        words = command(run, "--yes", "--even-changed", "--quiet", "--output", "undone")
        process = subprocess.Popen(words, cwd=tmp_path, env={**os.environ, **KEYS})
        while len(there(address)) > 50:
            assert process.poll() is None
            time.sleep(0.01)  # until the vendor has deleted some
        process.send_signal(signal.SIGKILL)
        process.wait()
        left = len(there(address))

        done = undo(tmp_path, run, "--yes", "--even-changed", "--json", "--output", "second")

        counts = json.loads(done.stdout)["counts"]
        assert 1 < left < 60
        assert counts["deleted"] + counts["already_done"] == 60
        assert set(there(address)) == {"own@example.com"}
        assert imported(tmp_path, address, file, "again").counts[Status.CREATED] == 60


def test_a_vendor_without_a_documented_deletion_gets_a_list(tmp_path: Path, sandbox: str) -> None:
    (tmp_path / "leads.csv").write_text("Email\nana@example.com\n", encoding="utf-8")
    run = run_import(
        tmp_path / "leads.csv",
        Settings(
            "iclosed", base_url=f"{sandbox}/iclosed", api_key="iclosed-k", output=tmp_path / "out",
            state_dir=tmp_path / "state",
        ),
    ).run  # fmt: skip

    done = undo(tmp_path, run, "--output", "undone")

    assert done.returncode == 3
    assert "iClosed contacts documents no way to delete a contact. 1 contact to delete by hand" in done.stdout
    (row,) = read(tmp_path / "undone" / "undo.csv")
    assert row["id"] == str(there(sandbox, "iclosed")["ana@example.com"]["id"])
    assert (row["row"], row["contact"]) == ("2", "ana@example.com")
    assert row["documentation"].startswith("https://")


@pytest.mark.parametrize(("words", "message"), [(("nothing", "--yes"), "there is no run 'nothing'")])
def test_an_unknown_run_is_said(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    (tmp_path / "state").mkdir()

    done = undo(tmp_path, *words)

    assert done.returncode == 2
    assert message in done.stderr


def matched(folder: Path, address: str, rows: list[tuple[str, str, str]], output: str = "out") -> Summary:
    """Import people with a description, and update those that the vendor has."""
    file = folder / "matched.csv"
    lines = [f"customer,{name},{email},{description}" for name, email, description in rows]
    file.write_text("\n".join(["Type,Full name,Email,Description", *lines]) + "\n", encoding="utf-8")
    return run_import(
        file,
        Settings(
            "clemta", base_url=f"{address}/clemta", api_key="clemta-k", constants=(("company_id", "c1"),), rate=1000.0,
            output=folder / output, state_dir=folder / "state", match="update-existing",
        ),
    )  # fmt: skip


def add(address: str, email: str, **values: str) -> None:
    body = {"type": "customer", "full_name": "As it was", "email": email, "company_id": "c1", **values}
    urllib.request.urlopen(
        urllib.request.Request(
            f"{address}/clemta/contacts",
            json.dumps(body).encode(),
            {"X-API-Key": "clemta-k", "Content-Type": "application/json"},
        )
    ).close()


def test_contacts_that_were_updated_get_their_old_values_back(tmp_path: Path, sandbox: str) -> None:
    for name in ("a", "b", "c"):
        add(sandbox, f"{name}@example.com", **({"description": "old, with; signs"} if name == "a" else {}))
    before = there(sandbox)
    people = [(name.upper(), f"{name}@example.com", "new") for name in ("a", "b", "c", "d")]
    first = matched(tmp_path, sandbox, people)
    assert (first.counts[Status.UPDATED], first.counts[Status.CREATED]) == (3, 1)
    change(sandbox, there(sandbox)["c@example.com"], full_name="Changed since")

    shown = undo(tmp_path, first.run)
    done = undo(tmp_path, first.run, "--yes", "--output", "undone", "--json")

    assert "updated 2 contacts that would get their old values back" in shown.stderr
    assert "1 contact of them keeps the new value" in shown.stderr  # the description of b was empty
    assert "1 contact stays: it differs from what was sent" in shown.stderr
    assert done.returncode == 0, done.stderr
    assert [entry["counts"] for entry in json.loads(done.stdout)][1]["updated"] == 2
    now = there(sandbox)
    assert (now["a@example.com"]["full_name"], now["a@example.com"]["description"]) == ("As it was", "old, with; signs")
    assert (now["b@example.com"]["full_name"], now["b@example.com"]["description"]) == ("As it was", "new")
    assert now["c@example.com"]["full_name"] == "Changed since"
    assert set(now) == set(before)
    assert (tmp_path / "undone-restored" / "result.csv").exists()

    # Nothing of both counts as done: the file can be imported again, and undone again.
    again = matched(tmp_path, sandbox, people, "again")
    assert (again.counts[Status.UPDATED], again.counts[Status.CREATED]) == (2, 1)  # c is still known
    assert there(sandbox)["a@example.com"]["full_name"] == "A"
    assert undo(tmp_path, again.run, "--yes", "--output", "twice").returncode == 0
    assert there(sandbox)["a@example.com"]["full_name"] == "As it was"
    assert "d@example.com" not in there(sandbox)


def test_an_update_that_was_restored_before_a_crash_counts_as_undone(tmp_path: Path, sandbox: str) -> None:
    add(sandbox, "a@example.com", description="old")
    run = matched(tmp_path, sandbox, [("As it was", "a@example.com", "new")]).run
    change(sandbox, there(sandbox)["a@example.com"], description="old")  # as the killed process did

    done = undo(tmp_path, run, "--yes", "--output", "undone")

    assert done.returncode == 0, done.stderr
    assert there(sandbox)["a@example.com"]["description"] == "old"
    again = matched(tmp_path, sandbox, [("As it was", "a@example.com", "new")], "again")
    assert again.counts[Status.UPDATED] == 1
    assert there(sandbox)["a@example.com"]["description"] == "new"


def test_a_killed_restoring_goes_on_where_it_was(tmp_path: Path) -> None:
    with running(build_app(latency=0.02)) as address:
        for number in range(40):
            add(address, f"p{number}@example.com", description="old")
        people = [("As it was", f"p{number}@example.com", "new") for number in range(40)]
        run = matched(tmp_path, address, people).run
        words = command(run, "--yes", "--quiet", "--output", "undone")
        process = subprocess.Popen(words, cwd=tmp_path, env={**os.environ, **KEYS})
        while sum(contact["description"] == "old" for contact in there(address).values()) < 5:
            assert process.poll() is None
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

        done = undo(tmp_path, run, "--yes", "--output", "rest")

        assert done.returncode == 0, done.stderr
        assert {contact["description"] for contact in there(address).values()} == {"old"}
        again = matched(tmp_path, address, people, "again")
        assert again.counts[Status.UPDATED] == 40
        assert {contact["description"] for contact in there(address).values()} == {"new"}
