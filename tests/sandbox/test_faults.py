"""Faults do what they say, and a run tells the truth about each."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from importer.errors import SettingsError
from importer.model.status import Status
from importer.pipeline import run_import
from importer.sandbox.app import build_app
from importer.sandbox.faults import APPLIED, NOT_APPLIED, Fault, parse_fault
from importer.sandbox.server import running
from importer.settings import Settings


@pytest.mark.parametrize(
    ("kind", "status", "made"),
    [
        ("close", "uncertain", 0),
        ("500", "uncertain", 0),
        ("502", "uncertain", 0),
        ("503", "uncertain", 0),
        ("success-false", "uncertain", 0),  # iClosed's contract has no such test: a 200 without an id
        ("apply-close", "uncertain", 1),
        ("apply-reset", "uncertain", 1),
        ("apply-hang", "uncertain", 1),
        ("apply-500", "uncertain", 1),
        ("cut-body", "uncertain", 1),
        ("not-json", "uncertain", 1),
        ("redirect", "uncertain", 1),
        ("odd-answer", "uncertain", 1),
        ("changed-key", "uncertain", 1),
    ],
)
def test_a_fault_leaves_the_row_in_doubt_and_is_never_repeated(
    tmp_path: Path, kind: str, status: str, made: int
) -> None:
    file = tmp_path / "f.csv"
    file.write_text("email\na@example.com\n")
    app = build_app(faults=[Fault(kind)])
    with running(app) as address:
        settings = Settings(
            "iclosed", base_url=f"{address}/iclosed", api_key="iclosed-k", output=tmp_path / "out", timeout=0.3
        )
        first, second = run_import(file, settings), run_import(file, settings)
        with urllib.request.urlopen(f"{address}/_contacts/iclosed") as answer:
            contacts = json.load(answer)
        with urllib.request.urlopen(f"{address}/_requests") as answer:
            requests = json.load(answer)

    assert first.counts[Status(status)] == second.counts[Status(status)] == 1
    assert (len(contacts), requests) == (made, {kind: 1})


def test_a_refusal_is_about_the_row_and_leaves_no_doubt(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("email\na@example.com\n")
    with running(build_app(faults=[Fault("refuse")])) as address:
        settings = Settings("iclosed", base_url=f"{address}/iclosed", api_key="iclosed-k", output=tmp_path / "out")
        summary = run_import(file, settings)

    assert summary.counts[Status.REJECTED] == 1
    assert summary.examples[0].message == "refused on demand"


def test_clemtas_success_false_is_a_refusal(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("type,full_name,email,company_id\ncustomer,Ana,a@example.com,1\n")
    with running(build_app(faults=[Fault("success-false")])) as address:
        settings = Settings("clemta", base_url=f"{address}/clemta", api_key="k", output=tmp_path / "out")
        summary = run_import(file, settings)

    assert summary.counts[Status.REJECTED] == 1
    assert summary.examples[0].message == "not now"


def test_a_429_above_a_rate_lets_the_rest_through(tmp_path: Path) -> None:
    file = tmp_path / "f.csv"
    file.write_text("email\n" + "".join(f"u{number}@example.com\n" for number in range(60)))
    with running(build_app(faults=[Fault("429", rate=40.0)])) as address:
        settings = Settings("iclosed", base_url=f"{address}/iclosed", api_key="iclosed-k", output=tmp_path / "out")
        summary = run_import(file, settings)

    assert summary.counts[Status.CREATED] == 60


def test_the_same_seed_makes_the_same_choices() -> None:
    one, other = (
        build_app(faults=[Fault("500", 0.5)], seed=3),
        build_app(faults=[Fault("500", 0.5)], seed=3),
    )

    assert [one._choose() for _ in range(50)] == [other._choose() for _ in range(50)]


@pytest.mark.parametrize("text", [*NOT_APPLIED, *APPLIED, "apply-close:p=0.02", "429:rate=20/s"])
def test_faults_are_written_as_kind_and_chance(text: str) -> None:
    assert parse_fault(text).kind == text.partition(":")[0]


@pytest.mark.parametrize("text", ["nonsense", "500:p=2", "500:p=x", "500:rate=3/s", "429:rate=fast"])
def test_what_is_no_fault_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="--fault"):
        parse_fault(text)


@pytest.mark.parametrize("more", [["--rows", "1200"], ["--rows", "500", "--then"]], ids=["contacts", "second step"])
def test_a_few_kills_lose_nothing_and_double_nothing(more: list[str]) -> None:
    root = Path(__file__).parents[2]

    proof = subprocess.run(
        [sys.executable, "-m", "tests.crash", "--kills", "4", "--seed", "3", *more],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert "| 4 |" in proof.stdout
