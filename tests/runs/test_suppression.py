"""A contact on a suppression list is never sent, however the list and the file write it."""

from __future__ import annotations

import csv
import hashlib
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from importer.cli import cli
from importer.errors import SettingsError
from importer.model.summary import Summary
from importer.pipeline import check_file, resume_run, run_import
from importer.runs.suppression import TextSet, read_suppression_list
from importer.settings import Settings

Contacts = Callable[[str], list[dict[str, Any]]]
LEADS = (
    "Email,Phone,First Name,Owner Email,Second address\n"
    "ana@example.com,+12025550101,Ana,,\n"
    "<Bo@Example.ORG>,,Bo,me@example.com,\n"
    "cy@example.com,+44 20 7946 0123,Cy,,cy@example.net\n"
)


def check(tmp_path: Path, entries: str, leads: str = LEADS, **chosen: Any) -> Summary:
    (tmp_path / "optouts.csv").write_text(entries, encoding="utf-8")
    (tmp_path / "leads.csv").write_text(leads, encoding="utf-8")
    return check_file(tmp_path / "leads.csv", settings(tmp_path, **chosen))


def settings(tmp_path: Path, **chosen: Any) -> Settings:
    given = {"output": tmp_path / "out", "state_dir": tmp_path / "state", "suppress": (str(tmp_path / "optouts.csv"),)}
    return Settings("iclosed", **{**given, **chosen})


def skipped(tmp_path: Path) -> list[int]:
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        return [int(row["import_row"]) for row in csv.DictReader(file) if row["import_code"] == "suppressed"]


def digest(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()


@pytest.mark.parametrize(
    ("entries", "rows"),
    [
        ("ana@example.com", [2]),
        ("ANA@EXAMPLE.COM\r\n", [2]),
        ('Unsubscribed e-mail 1\n"ana@example.com",\n', [2]),
        ("\ufeffEmail\nmailto:ana@example.com\n\n# a note\nbo@example.org\n", [2, 3]),
        ("example.org", [3]),
        ("@Example.org\n*.nowhere.example", [3]),
        ("com", None),
        ("+1 202-555-0101", [2]),
        ("(020) 7946 0123", [4]),
        (digest("ana@example.com"), [2]),
        (digest("bo@example.org").upper() + "\ncy@example.net", [3, 4]),
        ("me@example.com", []),  # the address of somebody else
        ("sub.example.org\nexample.co", []),
    ],
)
def test_an_entry_is_compared_in_the_cleaned_form(tmp_path: Path, entries: str, rows: list[int] | None) -> None:
    if rows is None:
        with pytest.raises(SettingsError, match="has no entries"):
            check(tmp_path, entries, region="GB")
        return
    summary = check(tmp_path, entries, region="GB")

    assert skipped(tmp_path) == rows
    assert summary.counts["skipped"] == len(rows)
    assert int(summary.exit_code) == 0


def test_values_that_are_not_cleaned_are_compared_all_the_same(tmp_path: Path) -> None:
    check(tmp_path, "bo@example.org\n+442079460123", clean=False)

    assert skipped(tmp_path) == [3, 4]


def test_a_number_whose_calling_code_has_a_field_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "optouts.csv").write_text("+12025550123", encoding="utf-8")
    (tmp_path / "leads.csv").write_text(
        "Email,billing.phone_code,billing.phone\nana@example.com,+1,202-555-0123\nbo@example.com,+1,202-555-0124\n",
        encoding="utf-8",
    )

    constants = (("type", "customer"), ("full_name", "Ana Ax"), ("company_id", "c1"))
    check_file(tmp_path / "leads.csv", replace(settings(tmp_path, constants=constants), vendor="clemta"))

    assert skipped(tmp_path) == [2]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ("", "has no entries"),
        ("Email\n", "has no entries"),
        ("\n# nothing yet\n", "has no entries"),
        ("Email,Date\nana@example.com,2026-01-01\n", "line 2 is neither"),
        ("ana@example.com\nana @ example\n", "line 2 is neither"),
        (digest("x")[:-1], "line 1 is neither"),
        ("ana@example.com\n020 7946 0123", "line 2 is a phone number without its country.*--region"),
        ("PK\x03\x04\x00", "is no text"),
    ],
)
def test_a_list_that_is_not_understood_stops_the_run(tmp_path: Path, entries: str, message: str) -> None:
    with pytest.raises(SettingsError, match=f"optouts.csv: {message}"):
        check(tmp_path, entries)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_list_is_read_in_its_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "list.txt").write_bytes("Désinscrits\r\njosé@example.com\r\n".encode(encoding))

    assert len(read_suppression_list(tmp_path / "list.txt", None).addresses) == 1


def test_a_list_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    (tmp_path / "leads.csv").write_text(LEADS, encoding="utf-8")
    words = ["check", str(tmp_path / "leads.csv"), "--vendor", "iclosed", "--suppress", str(tmp_path / "no.csv")]

    ended = CliRunner().invoke(cli, words)

    assert isinstance(ended.exception, SettingsError)
    assert ended.exception.exit_code == 2
    assert "cannot be read" in str(ended.exception)


def test_a_jobs_list_is_compulsory_and_an_option_adds_one(tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "optouts.csv").write_text("ana@example.com", encoding="utf-8")
    (tmp_path / "more.csv").write_text("cy@example.com", encoding="utf-8")
    (tmp_path / "third.csv").write_text("example.org", encoding="utf-8")
    (tmp_path / "m.toml").write_text('suppress = ["third.csv"]', encoding="utf-8")
    (tmp_path / "importer.toml").write_text(
        '[jobs.nightly]\nvendor = "iclosed"\nsuppress = ["lists/optouts.csv"]\n', encoding="utf-8"
    )
    (tmp_path / "leads.csv").write_text(LEADS, encoding="utf-8")
    words = ["check", str(tmp_path / "leads.csv"), "--config", str(tmp_path / "importer.toml"), "--job", "nightly"]
    words += ["--output", str(tmp_path / "out"), "--quiet"]

    CliRunner().invoke(cli, words)
    assert skipped(tmp_path) == [2]
    CliRunner().invoke(cli, [*words, "--suppress", str(tmp_path / "more.csv"), "--mapping", str(tmp_path / "m.toml")])
    assert skipped(tmp_path) == [2, 3, 4]


def test_a_resumed_run_and_a_returning_report_keep_the_list(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    keys = {"base_url": f"{sandbox}/iclosed", "api_key": "iclosed-k", "rate": 1000.0}
    (tmp_path / "optouts.csv").write_text("ana@example.com\ncy@example.com", encoding="utf-8")
    (tmp_path / "leads.csv").write_text(LEADS.replace("cy@example.com", "cy@"), encoding="utf-8")
    first = run_import(tmp_path / "leads.csv", settings(tmp_path, **keys))
    assert {str(status): count for status, count in first.counts.items() if count} == {
        "created": 1, "invalid": 1, "skipped": 1,
    }  # fmt: skip

    again = resume_run(first.run, settings(tmp_path, suppress=(), **keys))
    assert again.counts["skipped"] == 1

    import openpyxl

    book = openpyxl.load_workbook(tmp_path / "out" / "errors.xlsx")
    cell = next(cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == "cy@")
    cell.value = "cy@example.com"
    book.save(tmp_path / "errors.xlsx")
    back = run_import(tmp_path / "errors.xlsx", settings(tmp_path, suppress=(), **{**keys, "output": tmp_path / "o2"}))
    assert back.counts["skipped"] == 1
    assert [contact["email"] for contact in contacts("iclosed")] == ["Bo@example.org"]

    (tmp_path / "optouts.csv").unlink()
    with pytest.raises(SettingsError, match="cannot be read"):
        run_import(tmp_path / "errors.xlsx", settings(tmp_path, suppress=(), **{**keys, "output": tmp_path / "o3"}))


def test_a_million_entries_are_compared_in_an_instant() -> None:
    numbers = pl.Series(range(1_000_000)).cast(pl.String)
    known = TextSet("user" + numbers + "@example.com")
    wanted = pl.Series(["user7@example.com", None, "nobody@example.com", "user999999@example.com"] * 25_000)

    begun = time.perf_counter()
    found = known.contains(wanted)

    assert time.perf_counter() - begun < 0.5
    assert (
        found.to_list() == wanted.is_in(("user" + numbers + "@example.com").implode()).fill_null(value=False).to_list()
    )
