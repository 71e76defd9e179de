"""The source of a field: members of open objects, one column for two fields, columns that fill in for each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from importer.checking import Checker
from importer.errors import MappingError
from importer.mapping import Mapping, apply_mapping, match_columns
from importer.model.table import Batch, CellFinding
from importer.settings import Settings
from schemas.contract import Operation
from schemas.registry import load_vendor


def operation(vendor: str, name: str = "create") -> Operation:
    return load_vendor(vendor).operations[name]


def matched(headers: list[str], wanted: Operation, **chosen: Any) -> Mapping:
    return match_columns(headers, wanted, Settings("any", **chosen))


def mapped_headers(mapping: Mapping) -> dict[str, str]:
    return {known.field.path: mapping.header_of(known) for known in mapping.field_mappings}


@pytest.mark.parametrize(
    ("header", "path"),
    [
        ("customField.plan", "customField.plan"),
        ("custom field . plan", "customField.plan"),
        ("Custom Field: Plan type", "customField.Plan type"),
        ("CUSTOMFIELD.a.b", "customField.a.b"),
        ("customField.été", "customField.été"),
    ],
)
def test_what_follows_the_open_object_is_the_members_name_as_it_stands(header: str, path: str) -> None:
    assert mapped_headers(matched(["id", header], operation("cleartalk", "update"))) == {"id": "id", path: header}


@pytest.mark.parametrize("header", ["customField", "customField.", "customField: ", "custom.plan", "customField plan"])
def test_a_header_without_object_or_member_is_not_mapped(header: str) -> None:
    assert matched(["id", "tag", header], operation("cleartalk", "update")).unused == (header,)


def test_a_member_can_be_mapped_from_any_column_and_from_a_constant() -> None:
    mapping = matched(
        ["id", "Plan"],
        operation("cleartalk", "update"),
        columns=(("Plan", "customField.plan"),),
        constants=(("customField.source", "fair"),),
    )

    assert mapped_headers(mapping) == {"id": "id", "customField.plan": "Plan", "customField.source": ""}


def test_an_open_object_itself_cannot_be_mapped() -> None:
    with pytest.raises(MappingError, match=r"has no field 'customField'; did you mean customField\.<name>"):
        matched(["id", "X"], operation("cleartalk", "update"), columns=(("X", "customField"),))


@pytest.mark.parametrize("header", ["box.extra.plan", "Box Extra: plan", "box.extra: plan"])
def test_an_open_object_inside_another_object_is_named_by_its_path(tmp_path: Path, header: str) -> None:
    box = {"type": "object", "properties": {"extra": {"type": "object"}, "size": {"type": "string"}}}
    schema = {"type": "object", "properties": {"box": box}}
    post = {"x-importer": {"id": "/id"}, "requestBody": {"content": {"application/json": {"schema": schema}}}}
    content = {"openapi": "3.1.0", "info": {"title": "Boxes"}, "paths": {"/boxes": {"post": post}}}
    (tmp_path / "boxes.yaml").write_text(yaml.safe_dump(content))

    mapping = matched(["box.size", header], operation(str(tmp_path / "boxes.yaml")))

    assert mapped_headers(mapping) == {"box.size": "box.size", "box.extra.plan": header}


def test_field_mappings_stand_in_the_contracts_order() -> None:
    mapping = matched(["tag", "Phone", "Last name", "First name", "Email"], operation("iclosed"))

    assert list(mapped_headers(mapping)) == ["firstName", "lastName", "email", "phoneNumber", "tag"]


def test_our_own_columns_are_never_fields_of_a_new_contact() -> None:
    mapping = matched(["import_id", "IMPORT_STATUS", " import_email ", "email"], operation("iclosed"))

    assert (mapped_headers(mapping), mapping.unused) == ({"email": "email"}, ())


def test_the_advice_for_a_header_that_stands_twice_can_be_followed() -> None:
    with pytest.raises(MappingError, match=r'--map "Email \[A\]=email" or --map "Email \[B\]=email"'):
        matched(["Email", "Email"], operation("iclosed"))

    assert matched(["Email", "Email"], operation("iclosed"), columns=(("Email [B]", "email"),)).field_mappings[
        0
    ].columns == (1,)


def test_a_missing_required_field_shows_the_columns_and_a_map_to_paste() -> None:
    with pytest.raises(MappingError) as caught:
        matched(["Type", "Name", "Firma"], operation("clemta"))

    assert str(caught.value) == (
        "no column maps to the required fields email, company_id. Columns found: 'Type', 'Name', 'Firma'. "
        'Name the column, for example --map "Firma=email", or give every row the same value: --set email=VALUE'
    )


def filled_in(tmp_path: Path) -> tuple[Operation, Mapping]:
    (tmp_path / "m.toml").write_text('phoneNumber = { column = ["Mobile", "Home"] }\n')
    wanted = operation("iclosed")
    return wanted, matched(["Mobile", "Home"], wanted, mapping=tmp_path / "m.toml")


def problems(wanted: Operation, mapping: Mapping, batch: Batch) -> list[tuple[Any, ...]]:
    sources = mapping.field_sources()
    frame = apply_mapping(batch.frame, mapping, wanted)
    found = Checker(wanted, mapping.fields, sources).check(frame, batch).problems
    return found.filter(pl.col("severity") == "error").select("row", "column", "value", "code").rows()


def test_a_problem_names_the_column_that_filled_in_and_its_value(tmp_path: Path) -> None:
    wanted, mapping = filled_in(tmp_path)
    batch = Batch(
        pl.DataFrame({"row": [2], "c0": [None], "c1": ["abc"]}, schema_overrides={"c0": pl.String, "row": pl.UInt32})
    )

    assert problems(wanted, mapping, batch) == [(2, "Home", "abc", "pattern")]


def test_an_error_value_in_a_column_that_fills_in_is_a_problem(tmp_path: Path) -> None:
    wanted, mapping = filled_in(tmp_path)
    frame = pl.DataFrame(
        {"row": [2], "c0": [None], "c1": [None]}, schema={"row": pl.UInt32, "c0": pl.String, "c1": pl.String}
    )

    found = problems(wanted, mapping, Batch(frame, (CellFinding(2, 1, "cell_error", "#N/A"),)))

    assert (2, "Home", "#N/A", "cell_error") in found


def test_damage_in_a_column_of_two_fields_is_reported_for_both() -> None:
    wanted = operation("iclosed")
    mapping = matched(["X", "email"], wanted, columns=(("X", "tag"), ("X", "eventName")))
    frame = pl.DataFrame(
        {"row": [2], "c0": [None], "c1": ["a@b.co"]}, schema_overrides={"c0": pl.String, "row": pl.UInt32}
    )

    assert problems(wanted, mapping, Batch(frame, (CellFinding(2, 0, "cell_error", "#N/A"),))) != []


def test_a_column_of_an_optional_object_without_its_required_member_stops_before_any_row(tmp_path: Path) -> None:
    text = {"type": "string"}
    home = {"type": "object", "required": ["city"], "properties": {"city": text, "zip": text}}
    post = {
        "x-importer": {"id": "/id"},
        "requestBody": {
            "content": {"application/json": {"schema": {"type": "object", "properties": {"mail": text, "home": home}}}}
        },
    }
    document = {"openapi": "3.1.0", "info": {"title": "Homes"}, "paths": {"/homes": {"post": post}}}
    (tmp_path / "homes.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    wanted = operation(str(tmp_path / "homes.yaml"))

    assert mapped_headers(matched(["mail"], wanted)) == {"mail": "mail"}
    with pytest.raises(MappingError, match=r"no column maps to home\.city, and home cannot be sent without it"):
        matched(["mail", "Home Zip"], wanted)
