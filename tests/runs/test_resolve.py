"""Uncertain rows are settled by asking the vendor, or by what a person has found out; nothing is guessed."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from importer.errors import SettingsError
from importer.model.status import Status
from importer.model.summary import Summary
from importer.pipeline import resolve_run, resume_run, run_import
from importer.runs.resolve import ManualVerdict, ResolveOptions
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault
from importer.sandbox.server import running
from importer.settings import Settings

AT_ONCE = ResolveOptions(settle_seconds=0.2)


def people(folder: Path, vendor: str, count: int) -> Path:
    file = folder / f"{vendor}.csv"
    rows = {
        "clemta": ["type,full_name,email,company_id", *(f"customer,Ana {n},a{n}@example.com,c1" for n in range(count))],
        "gomobile": ["primaryPhone,firstName", *(f"+21261234567{n},Ana{n}" for n in range(count))],
        "iclosed": ["email,firstName", *(f"a{n}@example.com,Ana{n}" for n in range(count))],
        "cleartalk": [
            "firstName,lastName,email,phone,tag,dateOfBirth,clearTalkNotes,listName,leadSource",
            *(f"Ana,B{n},a{n}@example.com,+15550100{n},x,1990-01-01,n,L,web" for n in range(count)),
        ],
    }
    file.write_text("\n".join(rows[vendor]) + "\n")
    return file


@contextmanager
def uncertain_run(
    folder: Path, vendor: str, faults: Sequence[Fault], count: int = 3, **chosen: Any
) -> Iterator[tuple[Summary, Settings, str]]:
    """A run of some rows whose requests meet the faults; the sandbox lives on, for questions."""
    with running(build_app(faults=faults, seed=1)) as address:
        settings = Settings(
            vendor, base_url=f"{address}/{vendor}", api_key="iclosed-k", output=folder / "out", concurrency=1,
            rate=1000.0, **chosen,
        )  # fmt: skip
        yield run_import(people(folder, vendor, count), settings), settings, address


def kept(address: str, vendor: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{address}/_contacts/{vendor}") as answer:
        found: list[dict[str, Any]] = json.load(answer)
        return found


def reported(folder: Path) -> dict[int, dict[str, str]]:
    with (folder / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as report:
        return {int(row["import_row"]): row for row in csv.DictReader(report)}


@pytest.mark.parametrize("vendor", ["clemta", "gomobile"])
def test_what_the_vendor_has_is_created_with_its_id(tmp_path: Path, vendor: str) -> None:
    with uncertain_run(tmp_path, vendor, [Fault("apply-close")]) as (first, settings, address):
        summary = resolve_run(first.run, settings, AT_ONCE)
        ids = [str(contact["id"]) for contact in kept(address, vendor)]

    assert (first.counts[Status.UNCERTAIN], first.exit_code) == (3, 5)
    assert (summary.counts[Status.CREATED], summary.exit_code) == (3, 0)
    assert [row["import_id"] for row in reported(tmp_path).values()] == ids


def test_what_the_vendor_has_not_at_two_looks_can_be_sent(tmp_path: Path) -> None:
    with uncertain_run(tmp_path, "clemta", [Fault("close")]) as (first, settings, address):
        begun = time.monotonic()
        looked = resolve_run(first.run, settings, AT_ONCE)
        took = time.monotonic() - begun
        nothing_sent = kept(address, "clemta")
        with_absent = reported(tmp_path)

    assert took >= 0.2
    assert (looked.counts[Status.UNCERTAIN], looked.exit_code, nothing_sent) == (3, 5, [])
    assert {row["import_code"] for row in with_absent.values()} == {"absent"}
    assert all("--resend-absent" in row["import_message"] for row in with_absent.values())


@contextmanager
def healthy_again(address: str) -> Iterator[None]:
    """A sandbox without faults, and without memory, where one with faults was."""
    words = [sys.executable, "-m", "importer", "sandbox", "--port", address.rpartition(":")[2]]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            for _ in range(200):
                try:
                    kept(address, "clemta")
                    break
                except OSError:
                    time.sleep(0.05)
            yield
        finally:
            process.terminate()


def test_absent_rows_are_sent_once_when_it_is_asked_for(tmp_path: Path) -> None:
    with uncertain_run(tmp_path, "clemta", [Fault("close")]) as (first, settings, address):
        pass
    with healthy_again(address):
        sent = resolve_run(first.run, settings, ResolveOptions(resend_absent=True, settle_seconds=0.2))
        again = resolve_run(first.run, settings, ResolveOptions(resend_absent=True, settle_seconds=0.2))
        contacts = kept(address, "clemta")

    assert first.counts[Status.UNCERTAIN] == 3
    assert sent.counts[Status.CREATED] == again.counts[Status.CREATED] == 3
    assert len(contacts) == 3


def test_a_vendor_that_cannot_be_reached_leaves_the_rows_in_doubt(tmp_path: Path) -> None:
    with uncertain_run(tmp_path, "clemta", [Fault("apply-close")]) as (first, settings, _):
        pass

    summary = resolve_run(first.run, settings, AT_ONCE)

    assert summary.counts[Status.UNCERTAIN] == 3
    assert "could not be asked" in reported(tmp_path)[2]["import_message"]


def test_an_undocumented_look_up_is_used_only_when_asked_for(tmp_path: Path) -> None:
    with uncertain_run(tmp_path, "iclosed", [Fault("apply-close")]) as (first, settings, _):
        not_asked = resolve_run(first.run, settings, AT_ONCE)
        asked = resolve_run(first.run, settings, ResolveOptions(ask_anyway=True, settle_seconds=0.2))

    assert (not_asked.counts[Status.UNCERTAIN], asked.counts[Status.CREATED]) == (3, 3)


def test_a_person_settles_what_cannot_be_asked(tmp_path: Path) -> None:
    with uncertain_run(tmp_path, "cleartalk", [Fault("apply-close")]) as (first, settings, address):
        marks = (ManualVerdict(2, "created", "1001"), ManualVerdict(3, "absent"))
        summary = resolve_run(first.run, settings, ResolveOptions(marks))
        rows = reported(tmp_path)
        requests_before = len(kept(address, "cleartalk"))

    assert first.counts[Status.UNCERTAIN] == 3
    assert requests_before == 3
    assert {number: row["import_status"] for number, row in rows.items()} == {
        2: "created", 3: "not_attempted", 4: "uncertain",
    }  # fmt: skip
    assert rows[2]["import_id"] == "1001"
    assert summary.exit_code == 5


def test_a_row_marked_absent_is_sent_when_the_run_goes_on(tmp_path: Path) -> None:
    with uncertain_run(tmp_path, "cleartalk", [Fault("close")], count=1) as (first, settings, address):
        marked = resolve_run(first.run, settings, ResolveOptions((ManualVerdict(2, "absent"),)))
    with healthy_again(address):
        resumed = resume_run(None, settings)
        contacts = kept(address, "cleartalk")

    assert (first.counts[Status.UNCERTAIN], marked.counts[Status.NOT_ATTEMPTED], marked.exit_code) == (1, 1, 4)
    assert (resumed.run, resumed.counts[Status.CREATED], len(contacts)) == (first.run, 1, 1)


def test_a_row_that_is_not_uncertain_cannot_be_marked(tmp_path: Path) -> None:
    with uncertain_run(tmp_path, "cleartalk", [Fault("apply-close")]) as (first, settings, _):
        pass

    with pytest.raises(SettingsError, match=r"row 9 of run .* is not uncertain; uncertain are: 2, 3, 4"):
        resolve_run(first.run, settings, ResolveOptions((ManualVerdict(9, "absent"),)))


def test_rows_that_are_not_in_doubt_keep_what_the_first_reports_said(tmp_path: Path) -> None:
    file = tmp_path / "mixed.csv"
    file.write_text(
        "type,full_name,email,company_id\n"
        "customer,Ana,a@example.com,c1\n"
        "customer,Ana,a@example.com,c1\n"
        "nothing,Ben,b@example.com,c1\n"
        "customer,Cid,c@example.com,c1\n"
    )
    with running(build_app(faults=[Fault("apply-close")])) as address:
        settings = Settings("clemta", base_url=f"{address}/clemta", api_key="k", output=tmp_path / "out")
        first = run_import(file, settings)
        summary = resolve_run(first.run, settings, AT_ONCE)

    expected = {Status.CREATED: 2, Status.DUPLICATE: 1, Status.INVALID: 1}
    assert {status: count for status, count in summary.counts.items() if count} == expected


def test_the_command_line_marks_and_says_what_is_wrong_with_a_mark(tmp_path: Path) -> None:
    with uncertain_run(tmp_path, "cleartalk", [Fault("apply-close")], state_dir=tmp_path / "state") as (first, _, _):
        pass
    words = [sys.executable, "-m", "importer", "resolve", first.run, "--state-dir", str(tmp_path / "state")]

    wrong = subprocess.run([*words, "--mark", "made=7", "2"], capture_output=True, text=True, check=False)
    right = subprocess.run([*words, "--mark", "created=7", "2", "--json"], capture_output=True, text=True, check=False)

    assert (wrong.returncode, right.returncode) == (2, 5)
    assert "'made=7' is neither created=ID nor absent" in wrong.stderr
    summary = json.loads(right.stdout)
    assert (summary["counts"]["created"], summary["counts"]["uncertain"]) == (1, 2)
    assert [entry["row"] for entry in summary["uncertain"]] == [3, 4]
    assert all(entry["http_status"] is None and entry["attempts"] == 1 for entry in summary["uncertain"])


def test_one_contact_cannot_be_two_rows(tmp_path: Path) -> None:
    """Two same rows were sent, one request was applied and the other was not: nobody can tell which is which."""
    file = tmp_path / "twice.csv"
    file.write_text("primaryPhone,firstName\n+212612345678,Ana\n+212612345678,Ana\n")
    with running(build_app(faults=[Fault("apply-close")])) as address:
        settings = Settings(
            "gomobile", base_url=f"{address}/gomobile", api_key="k", output=tmp_path / "out", duplicates="send",
            concurrency=1, rate=1000.0,
        )  # fmt: skip
        first = run_import(file, settings)
    with healthy_again(address):
        post = urllib.request.Request(
            f"{address}/gomobile/api/contact",
            data=b'{"primaryPhone":"+212612345678","firstName":"Ana"}',
            headers={"Content-Type": "application/json", "X-API-Key": "k"},
        )
        urllib.request.urlopen(post).close()
        summary = resolve_run(first.run, settings, AT_ONCE)

    assert first.counts[Status.UNCERTAIN] == 2
    assert (summary.counts[Status.CREATED], summary.counts[Status.UNCERTAIN]) == (0, 2)
    assert all("2 uncertain rows are like it" in row["import_message"] for row in reported(tmp_path).values())


def test_a_row_is_marked_once(tmp_path: Path) -> None:
    with uncertain_run(tmp_path, "cleartalk", [Fault("apply-close")], count=1) as (first, settings, _):
        pass

    with pytest.raises(SettingsError, match="row 2 is named twice"):
        resolve_run(first.run, settings, ResolveOptions((ManualVerdict(2, "absent"), ManualVerdict(2, "created", "7"))))
