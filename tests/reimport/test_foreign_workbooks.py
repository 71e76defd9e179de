"""A plan hidden in a workbook counts only if this state folder wrote it: it can fill in fields that nobody sees."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from importer import Settings, check_file, run_import
from importer.errors import SettingsError
from importer.model.summary import Summary
from importer.reimport import FOREIGN_PLAN
from importer.run_store.report_key import sign_plan
from importer.runs.history import prune_runs

Contacts = Callable[[str], list[dict[str, Any]]]
Change = Callable[[dict[str, Any]], Any]


def settings(tmp_path: Path, sandbox: str, **other: Any) -> Settings:
    named = {"base_url": f"{sandbox}/iclosed", "api_key": "iclosed-k", "rate": 1000.0, "output": tmp_path / "out"}
    return Settings("iclosed", state_dir=tmp_path / "state", **{**named, **other})


def make_errors(tmp_path: Path, sandbox: str, **other: Any) -> Path:
    """Import a row to fix, whose tag only an option gives, and correct it in errors.xlsx."""
    people = tmp_path / "people.csv"
    people.write_text("Mail adress,Status\nana@example.com,nobody\n", encoding="utf-8")
    said = {"columns": (("Mail adress", "email"),), "constants": (("tag", "spring"),)}
    run_import(people, settings(tmp_path, sandbox, **said, **other))
    book = openpyxl.load_workbook(tmp_path / "out" / "errors.xlsx")
    book["Rows to fix"]["B1"], book["Rows to fix"]["C2"] = "Mail adress", "QUALIFIED"
    book.save(tmp_path / "back.xlsx")
    return tmp_path / "back.xlsx"


def change_plan(path: Path, change: Change) -> None:
    book = openpyxl.load_workbook(path)
    hidden = book["import_run"]
    plan = json.loads("".join(str(row[-1].value) for row in hidden.iter_rows(min_row=2)))
    change(plan)
    hidden.delete_rows(2, hidden.max_row)
    hidden.append([1, json.dumps(plan)])
    book.save(path)


def tags(contacts: Contacts) -> list[Any]:
    return [contact.get("tag") for contact in contacts("iclosed")]


def is_foreign(summary: Summary) -> bool:
    return FOREIGN_PLAN in summary.notes


def test_the_state_folders_own_workbook_counts_also_when_its_rows_are_pruned(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    back = make_errors(tmp_path, sandbox)
    assert prune_runs(tmp_path / "state", -1, unfinished=True).runs

    summary = run_import(back, settings(tmp_path, sandbox))

    assert not is_foreign(summary)
    assert tags(contacts) == ["spring"]
    assert (tmp_path / "state" / "report-key").stat().st_mode & 0o777 == 0o600


def test_the_workbook_of_a_check_counts_too(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    (tmp_path / "people.csv").write_text("Email,Status\nana@example.com,nobody\n", encoding="utf-8")
    check_file(tmp_path / "people.csv", settings(tmp_path, sandbox, constants=(("tag", "spring"),)))
    book = openpyxl.load_workbook(tmp_path / "out" / "errors.xlsx")
    book["Rows to fix"]["C2"] = "QUALIFIED"
    book.save(tmp_path / "back.xlsx")

    summary = run_import(tmp_path / "back.xlsx", settings(tmp_path, sandbox))

    assert (is_foreign(summary), tags(contacts)) == (False, ["spring"])


@pytest.mark.parametrize(
    "change",
    [
        lambda plan: plan["feeds"].append({**plan["feeds"][-1], "field": "lastName", "constant": "x"}),
        lambda plan: plan["hints"].update(region="FR"),
        lambda plan: plan.update(signature="0" * 64),
        lambda plan: plan.update(signature="\u00e9"),
        lambda plan: plan.update(signature=["x"]),
        lambda plan: plan.pop("signature"),
    ],
)
def test_a_changed_plan_adds_no_constants_and_the_output_says_so(
    tmp_path: Path, sandbox: str, contacts: Contacts, change: Change
) -> None:
    back = make_errors(tmp_path, sandbox)
    change_plan(back, change)

    summary = run_import(back, settings(tmp_path, sandbox, columns=(("Mail adress", "email"),)))

    assert is_foreign(summary)
    assert tags(contacts) == [None]


def test_the_headers_of_a_workbook_from_another_state_folder_decide(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    back = make_errors(tmp_path, sandbox)
    change_plan(back, lambda plan: plan["feeds"].clear())
    book = openpyxl.load_workbook(back)
    book["Rows to fix"]["B1"] = "Email"
    book.save(back)

    summary = run_import(back, settings(tmp_path / "other", sandbox))

    assert is_foreign(summary)
    assert [contact["email"] for contact in contacts("iclosed")] == ["ana@example.com"]


def test_an_unsigned_workbook_counts_if_its_run_is_of_the_time_before_reports_were_signed(
    tmp_path: Path, sandbox: str, contacts: Contacts
) -> None:
    back = make_errors(tmp_path, sandbox)
    change_plan(back, lambda plan: plan.pop("signature"))
    os.utime(tmp_path / "state" / "report-key", (4e9, 4e9))
    journal = sqlite3.connect(tmp_path / "state" / "journal.sqlite3")
    runs = journal.execute("SELECT count(*) FROM runs").fetchone()
    journal.close()

    summary = run_import(back, settings(tmp_path, sandbox))

    assert (runs, is_foreign(summary), tags(contacts)) == ((1,), False, ["spring"])


def test_a_crafted_plan_never_ends_a_check(tmp_path: Path, sandbox: str) -> None:
    back = make_errors(tmp_path, sandbox)
    chosen = settings(tmp_path, sandbox, columns=(("Mail adress", "email"),))
    for name, value in zip(["run", "operation", "document", "columns"] * 2, [None, {"a": 1}, [], 5] * 2, strict=True):
        crafted = shutil.copy(back, tmp_path / "crafted.xlsx")
        change_plan(crafted, lambda plan, entry={name: value}: plan.update(entry))

        assert check_file(crafted, chosen).counts["valid"] == 1


def test_rows_to_update_are_not_created_because_their_plan_does_not_count(tmp_path: Path, sandbox: str) -> None:
    back = make_errors(tmp_path, sandbox)
    change_plan(back, lambda plan: plan.update(operation="another"))

    with pytest.raises(SettingsError, match="a report of a run"):
        run_import(back, settings(tmp_path, sandbox))


def test_a_state_folder_has_one_key_for_good(tmp_path: Path) -> None:
    first = sign_plan(tmp_path / "state", {"run": "a"})

    assert sign_plan(tmp_path / "state", {"run": "a"}) == first
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["report-key"]
    shutil.rmtree(tmp_path / "state")
    assert sign_plan(tmp_path / "state", {"run": "a"}) != first


def test_a_state_folder_that_cannot_keep_a_key_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("not a folder")

    assert json.loads(sign_plan(tmp_path / "state", {"run": "a"})) == {"run": "a"}
