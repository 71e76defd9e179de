"""Constructs that published documents have, and that a reader of the specification would not expect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importer.cli.summary_text import summary_text
from importer.errors import MappingError
from importer.pipeline import check_file
from importer.settings import Settings
from schemas.contract import ContractError, Operation
from schemas.overlay_draft import draft_overlay, list_candidates
from schemas.registry import load_vendor

Write = Callable[..., Path]
TEXT = {"type": "string"}


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def read(file: Path) -> Operation:
    return load_vendor(file).operations["create"]


def check(file: Path, rows: str, *sets: tuple[str, str]) -> Any:
    table = file.with_name("rows.csv")
    table.write_text(rows, encoding="utf-8")
    return check_file(table, Settings(str(file), output=file.with_name("out"), constants=sets))


def test_the_header_of_the_key_is_no_constant(document: Write) -> None:
    header = {"name": "X-API-TOKEN", "in": "header", "required": True, "schema": {**TEXT, "example": "TOKEN"}}
    keys = {"securitySchemes": {"k": {"type": "apiKey", "in": "header", "name": "X-API-Token"}}}
    file = document(operation={"parameters": [header]}, top={"components": keys, "security": [{"k": []}]})

    assert draft_overlay(file, "post", "/people", "acme").operation.headers == ()


def test_answers_of_any_size_and_in_other_files_keep_nobody_from_sending(document: Write) -> None:
    wide = {f"p{number}": {"$ref": "#/components/schemas/Wide"} for number in range(60)}
    answers = {
        "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Wide"}}}},
        401: {"$ref": "#/components/responses/401"},
        "422": {"description": "", "content": {"application/json": {"schema": {"$ref": "../common.json#/Error"}}}},
    }
    deep = {"Wide": obj(id=TEXT, a=obj(**wide), b=obj(**wide))}
    components = {"schemas": deep, "responses": {401: {"description": "no key"}}}
    file = document(operation={"responses": answers}, top={"components": components})

    assert draft_overlay(file, "post", "/people", "acme").operation.answers.id == "/id"
    assert read(file).answers.id == "/id"


def test_yaml_is_read_as_its_version_1_2_says(document: Write) -> None:
    file = document({"a": {**TEXT, "enum": ["x"]}})
    text = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r"enum:\n\s+- x", "enum: ['>', =, no, 2024-01-15]", text), encoding="utf-8")

    assert read(file).fields[0].limits.enum == (">", "=", "no", "2024-01-15")


def test_an_object_without_properties_takes_any(document: Write) -> None:
    file = document({"email": TEXT, "attributes": {"type": "object", "properties": {}}})

    assert read(file).field("attributes.FNAME") is not None
    only_read = {"type": "object", "properties": {"id": {**TEXT, "readOnly": True}}}
    assert read(document({"email": TEXT, "attributes": only_read})).field("attributes.FNAME") is None


def test_other_names_beside_the_documented_ones_are_listed(document: Write) -> None:
    file = document({"email": TEXT}, body={"additionalProperties": True})

    assert [left.path for left in read(file).left_out] == ["…"]


def test_what_stands_beside_a_reference_does_not_change_its_type(document: Write) -> None:
    file = document({"a": {"type": "object", "$ref": "#/components/schemas/S"}}, schemas={"S": {**TEXT, "enum": ["x"]}})

    assert read(file).fields[0].type == "string"


def test_an_address_is_sent_in_its_parts(document: Write) -> None:
    parts = obj(line1=TEXT, city=TEXT, postal_code=TEXT)
    operation = read(document({"address": {"anyOf": [parts, TEXT]}, "source": {"anyOf": [obj(kind=TEXT), TEXT]}}))

    assert [field.path for field in operation.fields] == [
        "address.line1",
        "address.city",
        "address.postal_code",
        "source",
    ]


def test_only_the_outermost_whole_name_is_put_together(document: Write) -> None:
    file = document({"displayName": TEXT, "currency": obj(displayName=TEXT), "term": obj(displayName=TEXT)})

    assert [field.path for field in read(file).fields if field.parts_known_as] == ["displayName"]


def test_a_column_goes_to_the_field_that_plays_its_role(document: Write) -> None:
    contacts = {"type": "array", "items": obj("firstName", firstName=TEXT, email=TEXT)}
    file = document({"emergencyContacts": contacts, "home": obj(emailAddress=TEXT, phone=TEXT)})

    assert check(file, "Email,Phone\na@example.com,+12025550101\n").mapping == {
        "home.emailAddress": "Email", "home.phone": "Phone",
    }  # fmt: skip


def test_a_title_beside_a_suffix_is_no_job(document: Write) -> None:
    roles = {field.path: field.role for field in read(document({"Title": TEXT, "Suffix": TEXT, "name": TEXT})).fields}

    assert roles == {"Title": "", "Suffix": "", "name": "full_name"}
    assert read(document({"title": TEXT, "name": TEXT})).fields[0].role == "job_title"


def test_the_kind_of_an_entry_is_asked_with_its_choices_and_makes_no_entry_alone(document: Write) -> None:
    phones = {"type": "array", "items": obj("field", number=TEXT, field={**TEXT, "enum": ["WORK", "HOME"]})}
    file = document({"email": TEXT, "phone_numbers": phones})
    rows = "Email,Phone\na@example.com,+12025550101\nb@example.com,\n"

    with pytest.raises(MappingError, match=r"--set phone_numbers\[0\]\.field=VALUE \(one of WORK, HOME\)"):
        check(file, rows)
    summary = check(file, rows, ("phone_numbers[0].field", "WORK"))

    assert [json.loads(body) for *_, body in summary.bodies] == [
        {"email": "a@example.com", "phone_numbers": [{"number": "+12025550101", "field": "WORK"}]},
        {"email": "b@example.com"},
    ]


def test_the_vendors_own_id_of_a_contact_is_never_the_same_in_every_row(document: Write) -> None:
    file = document({"subscriberId": TEXT, "email": TEXT}, required=("subscriberId",))

    with pytest.raises(MappingError, match="it needs a value of its own for each row") as caught:
        check(file, "Email\na@example.com\n")

    assert "--set" not in str(caught.value)
    assert draft_overlay(file, "post", "/people", "acme").operation.fields[0].path == "subscriberId"
    assert 'identity: [["subscriberId"], ["email"]]' in draft_overlay(file, "post", "/people", "acme").text


def test_a_form_is_shown_in_its_pairs(document: Write) -> None:
    form = {"content": {"application/x-www-form-urlencoded": {"schema": obj(email=TEXT, address=obj(city=TEXT))}}}
    summary = check(document(operation={"requestBody": form}), "Email,City\na@example.com,New York\n")

    assert "  address[city] = New York\n  email = a@example.com" in summary_text(summary)


@pytest.mark.parametrize(
    ("method", "path", "summary", "name"),
    [
        ("patch", "/people/{id}", "Change a person", "update"),
        ("put", "/people/{id}", "Replace a person", "update"),
        ("put", "/people/{id}", "Create or update a person", "create"),
        ("post", "/people", "Add a person", "create"),
    ],
)
def test_an_operation_on_one_contact_is_an_update(
    document: Write, method: str, path: str, summary: str, name: str
) -> None:
    body = {"content": {"application/json": {"schema": obj(email=TEXT)}}}
    parameters = [{"name": "id", "in": "path", "required": True, "schema": TEXT}] if "{" in path else []
    node = {"summary": summary, "requestBody": body, "parameters": parameters, "responses": {}}

    draft = draft_overlay(document(top={"paths": {path: {method: node}}}), method, path, "acme")

    assert draft.operation.name == name


def test_the_operation_that_creates_a_contact_is_listed_first(document: Write) -> None:
    body = {"requestBody": {"content": {"application/json": {"schema": obj(email=TEXT)}}}}
    paths = {
        "/reports/contacts": {"post": {"summary": "Contact report", **body}},
        "/merge_customers": {"post": {"summary": "Merge customers", **body}},
        "/clients": {"post": {"summary": "Adds a client", **body}},
    }

    assert list_candidates(document(top={"paths": paths}))[0].name == "POST /clients"


def test_a_document_without_bodies_says_so(document: Write) -> None:
    assert list_candidates(document(top={"paths": {"/people": {"get": {}}}})) == []
    with pytest.raises(ContractError, match="has no operation"):
        draft_overlay(document(), "post", "/nobody", "acme")
