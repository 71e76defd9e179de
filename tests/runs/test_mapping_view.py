"""An observer is shown the mapping before the first row is checked: values, evidence, and what cleaning makes of one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from importer import Settings, check_file
from importer.model.mapping_view import MappedColumn, MappingView, MatchedBy
from importer.observer import Observer


class Watcher(Observer):
    def __init__(self) -> None:
        self.events: list[Any] = []

    def on_mapping(self, view: MappingView) -> None:
        self.events.append(view)

    def on_rows_checked(self, rows: int, invalid: int) -> None:
        self.events.append(rows)

    def on_note(self, text: str) -> None:
        self.events.append(text)


def view(folder: Path, text: str, **more: Any) -> MappingView:
    (folder / "f.csv").write_text(text, encoding="utf-8")
    watcher = Watcher()
    check_file(folder / "f.csv", Settings(**{"vendor": "iclosed", "output": folder / "out", **more}), watcher)
    found = watcher.events[0]
    assert isinstance(found, MappingView)
    return found


def evidence(found: MappingView) -> dict[tuple[str, str], MatchedBy]:
    return {(column.column, column.field): column.matched_by for column in found.mapped}


def test_each_column_names_its_evidence(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text('tag = "Group"\neventName = { value = "Fair" }\n', encoding="utf-8")
    found = view(
        tmp_path,
        "First Name,Surname,Contact,Mobile,Group,Stage\nAna,Ax,a@example.com,+12025550100,x,QUALIFIED\n",
        mapping=tmp_path / "m.toml",
        columns=(("Stage", "status"),),
        constants=(("country", "US"),),
    )

    assert evidence(found) == {
        ("First Name", "firstName"): MatchedBy.OWN_NAME,
        ("Surname", "lastName"): MatchedBy.OTHER_NAME,
        ("Contact", "email"): MatchedBy.VALUES,
        ("Mobile", "phoneNumber"): MatchedBy.OTHER_NAME,
        ("Stage", "status"): MatchedBy.OPTION,
        ("Group", "tag"): MatchedBy.MAPPING_FILE,
        ("", "eventName"): MatchedBy.MAPPING_FILE,
        ("", "country"): MatchedBy.CONSTANT,
    }


def test_parts_of_a_name_and_members_of_open_objects_are_matched_by_their_names(tmp_path: Path) -> None:
    found = view(
        tmp_path,
        "Given Name,Family Name,Email,customAttributes.plan,Phone\nAna,Ax,a@example.com,gold,+12025550100\n",
        vendor="gomobile",
    )

    assert set(evidence(found).values()) <= {MatchedBy.OWN_NAME, MatchedBy.OTHER_NAME}
    assert found.unused == ()


def test_a_value_that_cleaning_changes_is_shown_with_its_form(tmp_path: Path) -> None:
    found = view(
        tmp_path,
        "Email,Phone,Home Phone,Status,Joined Time\n"
        "a@example.com,n/a,,qualified,03/04/2026 10:00\n"
        "b@example.com,+1 (202) 555-0100,,qualified,13/04/2026 10:00\n",
        timezone="UTC",
    )

    cleaned = {column.column: column.cleaned for column in found.mapped}
    assert cleaned["Email"] is None
    assert cleaned["Phone"] == ("+1 (202) 555-0100", "+12025550100")
    assert cleaned["Status"] == ("qualified", "QUALIFIED")


def test_without_cleaning_nothing_changes(tmp_path: Path) -> None:
    found = view(tmp_path, "Email,Status\na@example.com,qualified\n", clean=False)

    assert {column.cleaned for column in found.mapped} == {None}


def test_columns_that_are_not_imported_are_counted_without_blank_ones_and_ours(tmp_path: Path) -> None:
    found = view(tmp_path, "Email,Owner,,import_note,\na@example.com,Joe,,x,y\n")

    assert (found.columns, len(found.unused)) == (3, 2)
    assert found.unused[0] == "Owner"
    assert found.mapped == (MappedColumn("Email", ("a@example.com",), "email", MatchedBy.OWN_NAME),)


def test_the_mapping_comes_before_notes_and_rows(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("Contact\na@example.com\n", encoding="utf-8")
    watcher = Watcher()

    check_file(tmp_path / "f.csv", Settings("iclosed", output=tmp_path / "out"), watcher)

    assert [type(event) for event in watcher.events] == [MappingView, str, int]


@pytest.mark.parametrize("text", ["Email\n", "Email,Owner\n"])
def test_a_file_without_rows_has_a_mapping_too(tmp_path: Path, text: str) -> None:
    found = view(tmp_path, text)

    assert [(column.column, column.samples) for column in found.mapped] == [("Email", ())]


def test_a_report_that_comes_back_keeps_the_columns_of_its_run(tmp_path: Path) -> None:
    view(tmp_path, "Mail,Stage\na@,QUALIFIED\n", columns=(("Stage", "status"), ("Mail", "email")))
    watcher = Watcher()

    check_file(tmp_path / "out" / "errors.xlsx", Settings("iclosed", output=tmp_path / "again"), watcher)

    found = next(event for event in watcher.events if isinstance(event, MappingView))
    assert set(evidence(found).values()) == {MatchedBy.EARLIER_RUN}
