"""What a person picks for each column, and the mapping that comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.errors import MappingError
from importer.mapping import Mapping, apply_choices, draft_mapping, list_choices
from importer.model.status import Status
from importer.pipeline import check_file, preview_file
from importer.settings import Settings
from schemas.contract import Operation
from schemas.registry import load_vendor

COLUMNS = ("First Name", "Last Name", "Mail", "Mail 2", "Mobile", "", "Note")


def _mapping(vendor: str = "clemta", columns: tuple[tuple[str, str], ...] = ()) -> tuple[Mapping, Operation]:
    operation = load_vendor(vendor).operations["create"]
    return draft_mapping(COLUMNS, operation, Settings(vendor, columns=columns)), operation


def _sources(mapping: Mapping) -> dict[str, tuple[int, ...] | str | None]:
    return {known.field.path: known.columns or known.constant for known in mapping.field_mappings}


def test_choices_that_are_not_changed_leave_the_mapping_as_it_is() -> None:
    mapping, operation = _mapping("gomobile", columns=(("Mail", "primaryEmail"), ("Mobile", "primaryPhone")))

    again = apply_choices(mapping, operation, list_choices(mapping), {})

    assert again.field_mappings == mapping.field_mappings


def test_a_template_stays_while_its_columns_do() -> None:
    mapping, operation = _mapping("clemta", columns=(("Mail", "email"),))
    picked = list(list_choices(mapping))
    (name,) = [known for known in mapping.field_mappings if known.field.path == "full_name"]
    assert name.template

    assert name in apply_choices(mapping, operation, picked, {}).field_mappings
    picked[1] = ""
    (alone,) = [
        known
        for known in apply_choices(mapping, operation, picked, {}).field_mappings
        if known.field.path == "full_name"
    ]
    assert (alone.columns, alone.template) == ((0,), ())


def test_two_columns_of_one_field_count_in_turn() -> None:
    mapping, operation = _mapping()

    chosen = apply_choices(mapping, operation, ["", "", "email", "email", "", "", ""], {})

    assert _sources(chosen)["email"] == (2, 3)


def test_constants_are_for_fields_without_a_column() -> None:
    mapping, operation = _mapping()

    chosen = apply_choices(
        mapping, operation, ["", "", "email", "", "", "", ""], {"type": "customer", "email": "x", "status": " "}
    )

    assert _sources(chosen) == {"email": (2,), "type": "customer"}


def test_a_field_that_there_is_not_is_refused() -> None:
    mapping, operation = _mapping()

    with pytest.raises(MappingError, match="no field 'mail'"):
        apply_choices(mapping, operation, ["", "", "mail", "", "", "", ""], {})


def test_the_file_of_the_choices_means_what_was_chosen(tmp_path: Path) -> None:
    """Also for a column without a name, one whose name stands twice, and one with quotes in it."""
    file = tmp_path / "leads.csv"
    file.write_text('Mail,Mail,,"a ""b""",Email\nx,ana@example.com,Ana,Ruiz,wrong\n')
    settings = Settings("iclosed", output=tmp_path / "out", state_dir=tmp_path / "state")
    seen = preview_file(file, settings)

    text = seen.mapping_file({0: "", 1: "email", 2: "firstName", 3: "lastName", 4: ""}, {"tag": 'x "y" # z'})

    (tmp_path / "m.toml").write_text(text)
    chosen = Settings("iclosed", output=tmp_path / "out", state_dir=tmp_path / "state", mapping=tmp_path / "m.toml")
    summary = check_file(file, chosen)
    assert summary.mapping == {"firstName": "", "lastName": 'a "b"', "email": "Mail", "tag": '= x "y" # z'}
    assert summary.counts[Status.VALID] == 1
    assert summary.unused_columns == ()
    again = preview_file(file, chosen)
    assert [column.field for column in again.columns] == ["", "email", "firstName", "lastName", ""]
    assert again.constants == {"tag": 'x "y" # z'}


def test_a_look_shows_columns_with_values_and_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "few.csv"
    file.write_text("Company Mail,Who,import_row\nana@example.com,Ana,1\nana@example.com,Bo,2\n,Cy,3\n")

    seen = preview_file(file, Settings("clemta", state_dir=tmp_path))

    assert [(column.letters, column.name, column.samples) for column in seen.columns] == [
        ("A", "Company Mail", ("ana@example.com",)),
        ("B", "Who", ("Ana", "Bo", "Cy")),
    ]
    assert {gap.field.path for gap in seen.mapping.missing} == {"type", "full_name", "company_id"}
