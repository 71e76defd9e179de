"""The command line as a person or a nightly job meets it."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(tmp_path: Path) -> Run:
    """Runs the command in a folder of its own."""

    def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "importer", *words],
            cwd=tmp_path,
            env={**os.environ, **environment, "PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture
def bad_files(tmp_path: Path) -> Path:
    (tmp_path / "empty.csv").touch()
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "paper.pdf").write_text("hello")
    (tmp_path / "text.xlsx").write_text("hello")
    (tmp_path / "report.xls").write_text("<!DOCTYPE html><table><tr><td>Email</td></tr></table>")
    (tmp_path / "newer.xls").write_bytes(b"PK\x03\x04" + b"\0" * 100)
    (tmp_path / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    (tmp_path / "cut.xlsx").write_bytes(b"PK\x03\x04" + b"\0" * 100)
    (tmp_path / "headless.csv").write_text("\n\n\n")
    (tmp_path / "latin.csv").write_bytes("email\nrené@example.com\n".encode("latin-1"))
    (tmp_path / "good.csv").write_text("email\na@example.com\n")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("check missing.csv --vendor iclosed", "no such file"),
        ("check empty.csv --vendor iclosed", "is empty"),
        ("check folder.csv --vendor iclosed", "is a folder"),
        ("check paper.pdf --vendor iclosed", "neither CSV"),
        ("check text.xlsx --vendor iclosed", "is a text file although its name says .xlsx; rename it to .csv"),
        ("check report.xls --vendor iclosed", "is a web page although its name says .xls"),
        ("check newer.xls --vendor iclosed", "rename it to .xlsx"),
        ("check locked.xlsx --vendor iclosed", "password"),
        ("check cut.xlsx --vendor iclosed", "cannot be read as a workbook"),
        ("check headless.csv --vendor iclosed", "no header"),
        ("check latin.csv --vendor iclosed --encoding utf-8", "row 2, column 1 ('email'): the byte 0xE9"),
        ("check good.csv --vendor nobody", "no vendor 'nobody'"),
        ("check good.csv --vendor iclosed --operation update", "no operation 'update'"),
        ("check good.csv --vendor iclosed --map X=email", "no column 'X'"),
        ("check good.csv --vendor iclosed --map email=mail", "no field 'mail'"),
        ("check good.csv --vendor iclosed --map email", "Column=field"),
        ("check good.csv --vendor iclosed --set colour=red", "no field 'colour'"),
        ("check good.csv --vendor iclosed --set status=HOT", "not one of POTENTIAL"),
        ("check good.csv --vendor clemta", "--map"),
        ("check good.csv --vendor iclosed --rate fast", "20/s"),
        ("check good.csv --vendor iclosed --timezone Mars/Base", "time zone"),
        ("check good.csv --vendor iclosed --region Morocco", "two-letter"),
        ("check good.csv --vendor iclosed --mapping none.toml", "none.toml"),
        ("check good.csv --vendor iclosed --delimiter ab", "one character"),
        ("check good.csv --vendor iclosed --encoding klingon", "no such encoding"),
        ("check good.csv --vendor iclosed --header-row 9", "no row 9"),
        ("check good.csv", "--vendor"),
        ("run good.csv --vendor iclosed", "--base-url"),
        ("run good.csv --vendor iclosed --base-url https://example.com", "ICLOSED_API_KEY"),
        ("run good.csv --vendor iclosed --base-url http://example.com", "https"),
        ("run good.csv --vendor iclosed --base-url https://example.com --api-key-file none", "cannot be read"),
        ("vendors show nobody", "no vendor 'nobody'"),
    ],
)
def test_bad_input_ends_with_2_and_says_what_to_do(command: Run, bad_files: Path, words: str, said: str) -> None:
    before = set(bad_files.iterdir())

    ended = command(*words.split())

    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Error" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert {path for path in bad_files.iterdir() if path.name != "state"} == before


def test_every_row_in_ends_with_0_and_json_is_summary_json(command: Run, bad_files: Path) -> None:
    ended = command("run", "good.csv", "--vendor", "iclosed", "--sandbox", "--output", "out", "--json")

    assert ended.returncode == 0
    printed = json.loads(ended.stdout)
    assert printed == json.loads((bad_files / "out" / "summary.json").read_text())
    assert printed["counts"]["created"] == 1


def test_rows_that_need_a_person_end_with_3(command: Run, leads: Path) -> None:
    ended = command("run", str(leads), "--vendor", "iclosed", "--sandbox")

    assert ended.returncode == 3
    assert '"1.55512E+10" was turned into scientific notation' in ended.stdout
    assert "errors.xlsx" in ended.stdout


def test_strict_keeps_warned_rows_back(command: Run, tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("First Name\nAna\n")

    lenient = command("check", "f.csv", "--vendor", "iclosed")
    strict = command("check", "f.csv", "--vendor", "iclosed", "--strict")

    assert (lenient.returncode, strict.returncode) == (0, 3)


def test_an_unreachable_vendor_ends_with_4(command: Run, bad_files: Path) -> None:
    ended = command(
        "run", "good.csv", "--vendor", "iclosed", "--base-url", "http://127.0.0.1:1", "--max-tries", "1",
        ICLOSED_API_KEY="iclosed-k",
    )  # fmt: skip

    assert ended.returncode == 4
    assert "Stopped early" in ended.stdout


def test_the_key_is_in_nothing_that_a_run_writes(command: Run, leads: Path, sandbox: str, tmp_path: Path) -> None:
    secret = "iclosed-very-secret-key"
    words = ("--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed", "--output", "out", "--log-format", "json")

    ended = command("run", str(leads), *words, ICLOSED_API_KEY=secret)

    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert ended.returncode == 3
    assert secret.encode() not in written + ended.stdout.encode() + ended.stderr.encode()


def test_a_key_file_works_as_the_environment_does(command: Run, bad_files: Path, sandbox: str) -> None:
    (bad_files / "key").write_text("iclosed-from-a-file\n")
    (bad_files / "key").chmod(0o600)

    ended = command(
        "run", "good.csv", "--vendor", "iclosed", "--base-url", f"{sandbox}/iclosed", "--api-key-file", "key"
    )

    assert ended.returncode == 0


def test_the_demo_ends_well_again_and_again(command: Run, tmp_path: Path) -> None:
    first, second = command("demo"), command("demo")

    assert (first.returncode, second.returncode) == (0, 0)
    assert {path.name for path in tmp_path.glob("contact-importer-demo-*")} == {
        "contact-importer-demo-1",
        "contact-importer-demo-2",
    }


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "importer", "--help"], capture_output=True, text=True, check=True
    )

    loaded = {line.rpartition("|")[2].strip() for line in ended.stderr.splitlines()}
    assert "Start here" in ended.stdout
    assert "click" in loaded
    assert not loaded & {"polars", "pandera", "httpx", "aiohttp", "openpyxl", "yaml"}


def test_help_says_what_every_option_is_for(command: Run) -> None:
    run, check = command("run", "--help").stdout, command("check", "--help").stdout

    for option in [
        "--vendor",
        "--operation",
        "--base-url",
        "--sandbox",
        "--api-key-file",
        "--output",
        "--state-dir",
        "--mapping",
        "--map",
        "--set",
        "--sheet",
        "--header-row",
        "--delimiter",
        "--encoding",
        "--region",
        "--timezone",
        "--date-order",
        "--clean",
        "--strict",
        "--duplicates",
        "--send-changed",
        "--on-invalid",
        "--limit",
        "--concurrency",
        "--rate",
        "--timeout",
        "--max-tries",
        "--yes",
        "--json",
        "--quiet",
        "--log-format",
    ]:
        assert option in run
        assert option in check


def test_vendors_are_listed_and_shown(command: Run) -> None:
    listed, shown = command("vendors").stdout, command("vendors", "show", "iclosed").stdout

    assert [line.split()[0] for line in listed.splitlines()[:4]] == ["cleartalk", "clemta", "gomobile", "iclosed"]
    assert "at most 25 characters" in shown
    assert "one of POTENTIAL, QUALIFIED, DISQUALIFIED" in shown
    assert "POST /v1/contacts" in shown


def test_no_other_distribution_owns_our_packages() -> None:
    owners = importlib.metadata.packages_distributions()

    assert set(owners.get("importer", ["contact-importer"])) == {"contact-importer"}
    assert set(owners.get("schemas", ["contact-importer"])) == {"contact-importer"}
