"""--update-changed: a contact that was made with other values gets the new ones under its own id, once."""

from __future__ import annotations

import csv
import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importer import Settings, check_file, resume_run, run_import
from importer.errors import SettingsError
from importer.model.summary import Summary
from importer.sandbox.app import build_app
from importer.sandbox.faults import Fault, Faults
from importer.sandbox.server import running

Contacts = Callable[[str], list[dict[str, Any]]]
HEADER = "List,Tag,First name,Last name,Email,Phone,Date of birth,Source,Notes\n"
SAID = {"columns": (("List", "listName"),)}


def person(name: str, tag: str, notes: str = "n", email: str = "") -> str:
    return f"News,{tag},{name},Lee,{email or name.lower() + '@example.com'},+15550100001,1990-02-28,web,{notes}\n"


def settings(address: str, output: Path, **other: Any) -> Settings:
    where: dict[str, Any] = {"base_url": f"{address}/cleartalk", "api_key": "k", "rate": 1000.0}
    return Settings("cleartalk", output=output, **where, **SAID, **other)


def imported(tmp_path: Path, address: str, text: str, **other: Any) -> Summary:
    (tmp_path / "people.csv").write_text(HEADER + text, encoding="utf-8")
    return run_import(tmp_path / "people.csv", settings(address, tmp_path / "out", **other))


def counted(summary: Summary) -> dict[str, int]:
    return {str(status): count for status, count in summary.counts.items() if count}


def test_a_changed_contact_is_updated_under_its_id(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    imported(tmp_path, sandbox, person("Ana", "a") + person("Bo", "a"))
    changed = person("Ana", "b") + person("Bo", "a") + person("Cy", "a")

    summary = imported(tmp_path, sandbox, changed, update_changed=True)
    again = imported(tmp_path, sandbox, changed)

    assert counted(summary) == {"updated": 1, "already_done": 1, "created": 1}
    assert summary.requests.sent == 2
    assert counted(again) == {"already_done": 3}
    assert [(contact["firstName"], contact["tag"]) for contact in contacts("cleartalk")] == [
        ("Ana", "b"),
        ("Bo", "a"),
        ("Cy", "a"),
    ]
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file))["import_id"] == str(contacts("cleartalk")[0]["id"])


def test_blank_cells_leave_what_is_there(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    imported(tmp_path, sandbox, person("Ana", "a", notes="keep me"))
    (tmp_path / "mapping.toml").write_text('clearTalkNotes = { column = "Notes", default = "" }\n')

    summary = imported(
        tmp_path, sandbox, person("Ana", "b", notes=""), update_changed=True, mapping=tmp_path / "mapping.toml"
    )

    assert counted(summary) == {"updated": 1}
    assert [(contact["tag"], contact["clearTalkNotes"]) for contact in contacts("cleartalk")] == [("b", "keep me")]


def test_where_two_contacts_may_be_meant_neither_is_touched(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    imported(tmp_path, sandbox, person("Ana", "a"))
    imported(tmp_path, sandbox, person("Ana", "b"), send_changed=True)

    summary = imported(tmp_path, sandbox, person("Ana", "c"), update_changed=True)

    assert counted(summary) == {"changed": 1}
    assert [contact["tag"] for contact in contacts("cleartalk")] == ["a", "b"]


def test_an_update_that_was_in_doubt_is_sent_again_by_the_next_part_of_the_run(tmp_path: Path) -> None:
    app = build_app(faults=[Fault("500", 0.0)])
    assert isinstance(app, Faults)
    with running(app) as address:
        imported(tmp_path, address, person("Ana", "a") + person("Bo", "a"))
        app._faults = (Fault("500"),)
        first = imported(tmp_path, address, person("Ana", "b"), update_changed=True, max_tries=1)
        app._faults = ()
        second = resume_run(first.run, Settings("cleartalk", api_key="k"))
        with urllib.request.urlopen(f"{address}/_contacts/cleartalk") as answer:
            there = json.load(answer)

    assert counted(first) == {"uncertain": 1}
    assert counted(second) == {"updated": 1}
    assert [contact["tag"] for contact in there] == ["b", "a"]


@pytest.mark.parametrize(
    ("vendor", "other", "words"),
    [
        ("gomobile", {}, "documents no way to update"),
        ("cleartalk", {"send_changed": True}, "cannot be combined"),
        ("cleartalk", {"operation": "update"}, "updates contacts anyway"),
    ],
)
def test_where_it_makes_no_sense_nothing_is_begun(
    tmp_path: Path, vendor: str, other: dict[str, Any], words: str
) -> None:
    (tmp_path / "people.csv").write_text("Phone\n+15550100001\n", encoding="utf-8")

    with pytest.raises(SettingsError, match=words):
        check_file(tmp_path / "people.csv", Settings(vendor, update_changed=True, output=tmp_path / "out", **other))


def test_going_back_to_the_first_values_is_a_change_too(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    imported(tmp_path, sandbox, person("Ana", "a"))
    imported(tmp_path, sandbox, person("Ana", "b"), update_changed=True)

    held = imported(tmp_path, sandbox, person("Ana", "a"))
    back = imported(tmp_path, sandbox, person("Ana", "a"), update_changed=True)
    forth = imported(tmp_path, sandbox, person("Ana", "b"), update_changed=True)
    again = imported(tmp_path, sandbox, person("Ana", "b"))

    assert [counted(summary) for summary in (held, back, forth, again)] == [
        {"changed": 1},
        {"updated": 1},
        {"updated": 1},
        {"already_done": 1},
    ]
    assert [contact["tag"] for contact in contacts("cleartalk")] == ["b"]


def test_two_rows_of_one_contact_are_both_held_back(tmp_path: Path, sandbox: str, contacts: Contacts) -> None:
    imported(tmp_path, sandbox, person("Ana", "a"))

    summary = imported(tmp_path, sandbox, person("Ana", "b") + person("Ana", "c"), update_changed=True)

    assert counted(summary) == {"changed": 2}
    assert [contact["tag"] for contact in contacts("cleartalk")] == ["a"]
    assert "not updated, because 2 rows of this file are like it" in (tmp_path / "out" / "result.csv").read_text(
        encoding="utf-8"
    )
