"""Rows to fix are known by their place in the file: corrected twice they are one contact, and the rest is not forgotten."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from importer.model.summary import Summary
from importer.pipeline import check_file, run_import
from importer.reporting.advice import next_steps
from importer.settings import Settings

Contacts = Callable[[str], list[dict[str, Any]]]
LEADS = "First Name,Last Name,Email\nAna,Ax,ana@example.com\nBo,Berg,bo@@example\nCy,Cox,cy@example.com\nDi,Dow,di@example.com\n"


def settings(tmp_path: Path, sandbox: str, name: str, **other: Any) -> Settings:
    where = {"base_url": f"{sandbox}/iclosed", "api_key": "iclosed-k", "state_dir": tmp_path / "state"}
    return Settings("iclosed", output=tmp_path / name, rate=1000.0, **where, **other)


def counted(summary: Summary) -> dict[str, int]:
    return {str(status): count for status, count in summary.counts.items() if count}


@pytest.fixture
def leads(tmp_path: Path) -> Path:
    path = tmp_path / "leads.csv"
    path.write_text(LEADS, encoding="utf-8")
    return path


def corrected(workbook: Path, copy: Path, email: str) -> Path:
    book = openpyxl.load_workbook(workbook)
    book.worksheets[0]["D2"] = email
    book.save(copy)
    return copy


@pytest.mark.parametrize("first", [check_file, run_import])
def test_one_row_corrected_in_two_copies_is_one_contact(
    first: Callable[..., Summary], tmp_path: Path, leads: Path, sandbox: str, contacts: Contacts
) -> None:
    workbook = first(leads, settings(tmp_path, sandbox, "first")).outputs["workbook"]
    one = corrected(workbook, tmp_path / "one.xlsx", "bo@example.com")
    other = corrected(workbook, tmp_path / "other.xlsx", "bob@example.com")

    assert counted(run_import(one, settings(tmp_path, sandbox, "one"))) == {"created": 1}
    held = run_import(other, settings(tmp_path, sandbox, "other"))
    made = len(contacts("iclosed"))

    assert counted(held) == {"changed": 1}
    assert "--send-changed makes a second contact" in held.outputs["result"].read_text(encoding="utf-8-sig")
    assert counted(run_import(one, settings(tmp_path, sandbox, "again"))) == {"already_done": 1}
    assert len(contacts("iclosed")) == made
    sent = run_import(other, settings(tmp_path, sandbox, "sent", send_changed=True))
    assert counted(sent) == {"created": 1}


def test_two_checks_of_one_file_have_the_same_rows(tmp_path: Path, leads: Path, sandbox: str) -> None:
    copies = [
        corrected(
            check_file(leads, settings(tmp_path, sandbox, name)).outputs["workbook"], tmp_path / f"{name}.xlsx", email
        )
        for name, email in (("a", "bo@example.com"), ("b", "bob@example.com"))
    ]

    ends = [counted(run_import(copy, settings(tmp_path, sandbox, f"run-{copy.stem}"))) for copy in copies]

    assert ends == [{"created": 1}, {"changed": 1}]


def test_a_row_that_was_added_to_a_copy_is_a_contact_of_its_own(tmp_path: Path, leads: Path, sandbox: str) -> None:
    workbook = check_file(leads, settings(tmp_path, sandbox, "first")).outputs["workbook"]
    one = corrected(workbook, tmp_path / "one.xlsx", "bo@example.com")
    run_import(one, settings(tmp_path, sandbox, "one"))
    book = openpyxl.load_workbook(one)
    book.worksheets[0].append([None, "Ed", "East", "ed@example.com"])
    book.save(tmp_path / "more.xlsx")

    more = run_import(tmp_path / "more.xlsx", settings(tmp_path, sandbox, "more"))

    assert counted(more) == {"already_done": 1, "created": 1}


def test_a_check_says_what_a_run_sends_and_what_stays_behind(tmp_path: Path, leads: Path, sandbox: str) -> None:
    steps = next_steps(check_file(leads, settings(tmp_path, sandbox, "first")))

    assert steps == [
        f"Next: run {leads} sends the 3 rows that are ready; 1 row stays behind, in errors.xlsx.",
        "Then: correct the colored cells in errors.xlsx and import that file.",
    ]


def test_rows_to_fix_of_a_check_leave_the_others_unsent_until_the_file_is_run(
    tmp_path: Path, leads: Path, sandbox: str
) -> None:
    workbook = check_file(leads, settings(tmp_path, sandbox, "first")).outputs["workbook"]
    fixed = corrected(workbook, tmp_path / "fixed.xlsx", "bo@example.com")

    before = run_import(fixed, settings(tmp_path, sandbox, "before"))
    run_import(leads, settings(tmp_path, sandbox, "file"))
    after = run_import(fixed, settings(tmp_path, sandbox, "after"))

    missing = (
        f"leads.csv was only checked, never run: 3 rows that are ready in it have not been sent; run {leads} sends"
    )
    assert any(missing in note for note in before.notes)
    assert any(missing in step for step in next_steps(before))
    assert not after.unsent


def test_the_list_of_errors_of_a_check_leaves_the_others_unsent_too(tmp_path: Path, leads: Path, sandbox: str) -> None:
    listed = check_file(leads, settings(tmp_path, sandbox, "first")).outputs["result"]

    summary = run_import(listed, settings(tmp_path, sandbox, "all"))

    assert counted(summary) == {"created": 3, "invalid": 1}
