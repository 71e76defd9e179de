"""Documents in the styles of real vendors, rewritten small: from ``vendors add`` to a run against the sandbox."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from importer.cli.vendors import _describe_vendor
from importer.errors import MappingError
from importer.pipeline import run_import
from importer.sandbox.app import build_app
from importer.sandbox.server import running
from importer.settings import Settings
from schemas.contract import ContractError, Vendor
from schemas.kind import Kind
from schemas.lint import list_remarks
from schemas.overlay_draft import draft_overlay, list_candidates
from schemas.registry import load_vendor
from schemas.samples import sample_rows

TEXT = {"type": "string"}
MAIL = {"type": "string", "format": "email"}
BEARER = {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}}
ROWS = "First Name,Last Name,Email,Phone\nAda,Example,ada@example.com,+15555550100\nBen,Sample,ben@example.com,+15555550101\n"


def answer(schema: Any, example: Any = None) -> dict[str, Any]:
    media = {"schema": schema} | ({"example": example} if example else {})
    return {"200": {"description": "done", "content": {"application/json": {"schema": schema, **media}}}}


def document(
    body: Any,
    responses: Any,
    *,
    version: str = "3.0.3",
    path: str = "/contacts",
    kind: str = "application/json",
    **more: Any,
) -> dict[str, Any]:
    operation = {
        "operationId": "createContact",
        "requestBody": {"content": {kind: {"schema": body}}},
        "responses": responses,
        **more.pop("operation", {}),
    }
    return {
        "openapi": version,
        "info": {"title": "Made up", "version": "1"},
        "servers": [{"url": "https://api.example.com/v3"}],
        "security": [{"b": []}],
        "paths": {path: {"post": operation}},
        "components": {**BEARER, **more.pop("components", {})},
        **more,
    }


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


PERSON = {"first_name": TEXT, "last_name": TEXT, "email": MAIL, "phone": TEXT}
ID = obj(id=TEXT)
STYLES: dict[str, tuple[dict[str, Any], Any]] = {
    "a form with brackets, and an empty text as a second form": (
        document(
            obj(name=TEXT, email=TEXT, phone=TEXT, address={"anyOf": [obj(city=TEXT), {"type": "string", "enum": [""]}]}),
            answer(ID), kind="application/x-www-form-urlencoded",
            components={"securitySchemes": {"b": {"type": "http", "scheme": "basic"}}},
        ),
        b"email=ada%40example.com&name=Ada+Example&phone=%2B15555550100",
    ),
    "a wrapper": (
        document(obj(("contact",), contact=obj(firstName=TEXT, lastName=TEXT, email=MAIL, phone=TEXT)), answer(obj(contact=ID))),
        {"contact": {"firstName": "Ada", "lastName": "Example", "email": "ada@example.com", "phone": "+15555550100"}},
    ),
    "a wrapper beside a required list of objects": (
        document(
            obj(("properties", "associations"), properties=obj(firstname=TEXT, lastname=TEXT, email=TEXT, phone=TEXT),
                associations={"type": "array", "items": obj(("types",), types={"type": "array", "items": {"type": "integer"}})}),
            answer(ID),
        ),
        {"properties": {"firstname": "Ada", "lastname": "Example", "email": "ada@example.com", "phone": "+15555550100"},
         "associations": []},
    ),
    "JSON:API with a constant type and a header": (
        document(
            obj(("data",), data=obj(("type", "attributes"), type={"type": "string", "enum": ["profile"]},
                                    attributes=obj(first_name={**TEXT, "nullable": True}, last_name=TEXT, email=MAIL, phone_number=TEXT))),
            {"201": {"description": "made", "content": {"application/vnd.api+json": {"schema": obj(data=ID)}}}},
            kind="application/vnd.api+json",
            operation={"parameters": [{"in": "header", "name": "revision", "required": True, "schema": {**TEXT, "default": "2024-10-15"}}]},
        ),
        {"data": {"type": "profile", "attributes": {"first_name": "Ada", "last_name": "Example", "email": "ada@example.com",
                                                    "phone_number": "+15555550100"}}},
    ),
    "a list of one below a name": (
        document(obj(("contacts",), contacts={"type": "array", "minItems": 1, "items": obj(("email",), **PERSON)}),
                 {"202": {"description": "queued", "content": {"application/json": {"schema": obj(job_id=TEXT)}}}}),
        {"contacts": [{"first_name": "Ada", "last_name": "Example", "email": "ada@example.com", "phone": "+15555550100"}]},
    ),
    "a list of one as the body": (
        document({"type": "array", "items": obj(("email",), **PERSON)}, answer(obj(data={"type": "array", "items": ID}))),
        [{"first_name": "Ada", "last_name": "Example", "email": "ada@example.com", "phone": "+15555550100"}],
    ),
    "Names in capitals below data": (
        document(obj(("data",), data={"type": "array", "minItems": 1, "items": obj(("Last_Name",), First_Name=TEXT, Last_Name=TEXT, Email=TEXT, Phone=TEXT)}),
                 answer(obj(data={"type": "array", "items": obj(details=ID)}))),
        {"data": [{"First_Name": "Ada", "Last_Name": "Example", "Email": "ada@example.com", "Phone": "+15555550100"}]},
    ),
    "an entry of a list as columns": (
        document(obj(("name",), name=TEXT,
                     emails={"type": "array", "items": obj(("value", "primary"), value=TEXT, primary={"type": "boolean", "default": True})},
                     phones={"type": "array", "items": obj(value=TEXT)}),
                 answer(obj(success={"type": "boolean"}, data=ID)), version="3.1.0",
                 components={"securitySchemes": {"b": {"type": "apiKey", "in": "query", "name": "api_token"}}}),
        {"name": "Ada Example", "emails": [{"value": "ada@example.com", "primary": True}], "phones": [{"value": "+15555550100"}]},
    ),
    "allOf, and at least one of two": (
        document({"allOf": [{"$ref": "#/components/schemas/Names"}, obj(email_address=MAIL, phone_number=TEXT)],
                  "anyOf": [{"required": ["email_address"]}, {"required": ["phone_number"]}]},
                 answer(obj(customer=ID)), version="3.1.0", components={"schemas": {"Names": obj(given_name=TEXT, family_name=TEXT)}}),
        {"given_name": "Ada", "family_name": "Example", "email_address": "ada@example.com", "phone_number": "+15555550100"},
    ),
    "free attributes, and no answer": (
        document(obj(("email",), email=MAIL, attributes={"type": "object", "additionalProperties": TEXT}, listIds={"type": "array", "items": {"type": "integer"}}),
                 {"204": {"description": "done"}}, path="/contacts/"),
        {"email": "ada@example.com"},
    ),
    "oneOf at the root": (
        document({"oneOf": [obj(("email",), name=TEXT, email=MAIL), obj(("external_id",), external_id=TEXT)]}, answer(ID),
                 version="3.2.0"),
        {"email": "ada@example.com", "name": "Ada Example"},
    ),
}  # fmt: skip
SWAGGER = {
    "swagger": "2.0",
    "info": {"title": "Made up", "version": "1"},
    "host": "api.example.com",
    "basePath": "/3.0",
    "securityDefinitions": {"b": {"type": "basic"}},
    "security": [{"b": []}],
    "definitions": {
        "Member": obj(("email_address", "status"), email_address=TEXT, status={**TEXT, "enum": ["subscribed"]},
                      id={**TEXT, "readOnly": True}, merge_fields=obj(FNAME=TEXT, LNAME=TEXT, PHONE=TEXT))
    },
    "paths": {"/lists/{list_id}/members": {"post": {
        "operationId": "postMembers",
        "parameters": [{"in": "path", "name": "list_id", "type": "string", "required": True},
                       {"in": "body", "name": "body", "required": True, "schema": {"$ref": "#/definitions/Member"}}],
        "responses": {"200": {"description": "ok", "schema": obj(id=TEXT)}},
    }}},
}  # fmt: skip


def add(folder: Path, published: dict[str, Any]) -> Vendor:
    file = folder / "published.json"
    file.write_text(json.dumps(published), encoding="utf-8")
    best = list_candidates(file)[0]
    overlay = folder / "acme.yaml"
    overlay.write_text(draft_overlay(file, best.method, best.path, "acme").text, encoding="utf-8")
    return load_vendor(overlay)


def send(folder: Path, vendor: Vendor, rows: str = ROWS, **settings: Any) -> tuple[Any, list[dict[str, Any]]]:
    (folder / "rows.csv").write_text(rows, encoding="utf-8")
    with running(build_app([vendor])) as address:
        given = Settings(str(vendor.file), base_url=f"{address}/{vendor.name}", api_key=vendor.practice_key("k"),
                         output=folder / "out", state_dir=folder / "state", **settings)  # fmt: skip
        summary = run_import(folder / "rows.csv", given)
        return summary, httpx.get(f"{address}/_contacts/{vendor.name}").json()


@pytest.mark.parametrize("style", STYLES)
def test_a_document_of_each_style_is_sent_as_it_asks_without_an_edit(tmp_path: Path, style: str) -> None:
    from importer.sending.payload import PayloadBuilder

    published, expected = STYLES[style]
    vendor = add(tmp_path, published)
    summary, contacts = send(tmp_path, vendor)
    operation = vendor.operations["create"]
    values = {
        "first_name": "Ada",
        "last_name": "Example",
        "full_name": "Ada Example",
        "email": "ada@example.com",
        "phone": "+15555550100",
    }
    fields = [field for field in operation.fields if field.role in values]
    sent = PayloadBuilder(operation, fields).delivery(2, [values[field.role] for field in fields]).body

    assert (summary.counts["created"], summary.rows, len(contacts)) == (2, 2, 2)
    assert sent == expected if isinstance(expected, bytes) else json.loads(sent) == expected


def test_swagger_2_with_a_path_parameter_basic_auth_and_names_in_capitals(tmp_path: Path) -> None:
    vendor = add(tmp_path, SWAGGER)
    summary, contacts = send(tmp_path, vendor, constants=(("list_id", "a1"),))

    assert (vendor.base_url, [(field.path, field.role) for field in vendor.operations["create"].fields]) == (
        "https://api.example.com/3.0",
        [("list_id", ""), ("email_address", "email"), ("merge_fields.FNAME", "first_name"),
         ("merge_fields.LNAME", "last_name"), ("merge_fields.PHONE", "phone")],
    )  # fmt: skip
    assert summary.counts["created"] == 2
    assert (
        contacts[0].items()
        >= {
            "status": "subscribed",
            "merge_fields": {"FNAME": "Ada", "LNAME": "Example", "PHONE": "+15555550100"},
        }.items()
    )


def test_a_contact_that_is_an_object_of_any_names(tmp_path: Path) -> None:
    """Its members play the roles of their names, so that they are cleaned and say whom a row is about."""
    properties = {"type": "object", "additionalProperties": TEXT}
    links = {"type": "array", "items": obj(to=obj(id={**TEXT, "example": "7"}))}
    vendor = add(
        tmp_path, document(obj(("properties", "associations"), associations=links, properties=properties), answer(ID))
    )
    with pytest.raises(MappingError, match=r'--map "Column=properties.NAME"'):
        send(tmp_path, vendor)
    columns = (("Email", "properties.email"), ("Phone", "properties.phone"), ("First Name", "properties.nickname"))
    summary, contacts = send(tmp_path, vendor, columns=columns, region="US")
    operation = vendor.operations["create"]
    found = [operation.field(f"properties.{name}") for name in ("email", "phone", "nickname")]

    assert [(field.role, field.kind) for field in found if field] == [
        ("email", Kind.EMAIL), ("phone", Kind.PHONE), ("", Kind.TEXT),
    ]  # fmt: skip
    assert summary.counts["created"] == 2
    assert contacts[0]["properties"] == {"email": "ada@example.com", "phone": "+15555550100", "nickname": "Ada"}
    assert '"associations": [\n' in "\n".join(_describe_vendor(vendor))


def test_a_cell_holds_a_list_of_numbers_or_truths(tmp_path: Path) -> None:
    lists = {"type": "array", "uniqueItems": True, "items": {"type": "integer", "minimum": 1}}
    flags = {"type": "array", "items": {"type": "boolean"}}
    vendor = add(tmp_path, document(obj(("email",), email=MAIL, listIds=lists, flags=flags), answer(ID)))
    rows = (
        "Email,List IDs,Flags\na@example.com,4; 9,true;FALSE\nb@example.com,4;x,\nc@example.com,0,\nd@example.com,,\n"
    )
    summary, contacts = send(tmp_path, vendor, rows)

    assert [{name: contact.get(name) for name in ("listIds", "flags")} for contact in contacts] == [
        {"listIds": [4, 9], "flags": [True, False]}, {"listIds": None, "flags": None},
    ]  # fmt: skip
    assert (summary.counts["invalid"], summary.problems) == (2, {"type": 1, "minimum": 1})


def test_samples_fit_the_patterns_of_the_document(tmp_path: Path) -> None:
    patterns = {
        "state": "^[A-Z]{2}$",
        "zip": r"^\d{5}(-\d{4})?$",
        "code": "^[a-z]{7}$",
        "time": r"^\d\d:\d\d$",
        "tax": r"^\d{11}$",
    }
    fields = {name: {"type": "string", "pattern": pattern} for name, pattern in patterns.items()}
    vendor = add(tmp_path, document(obj((*patterns,), email=MAIL, **fields), answer(ID)))
    summary, _ = send(tmp_path, vendor, sample_rows(vendor.operations["create"]))

    assert (summary.counts["created"], summary.rows) == (2, 2)


def test_every_remark_names_its_place(tmp_path: Path) -> None:
    vendor = add(tmp_path, document(obj(("type",), type={"const": "person"}, email=MAIL, odd={"not": {}}), answer(ID)))
    places = {remark.group: remark.place for remark in list_remarks(vendor)}
    schema = "#/paths/~1contacts/post/requestBody/content/application~1json/schema/properties"

    assert places["Guessed roles"] == f"{schema}/email"
    assert places["Sent without a column"] == f"{schema}/type"
    assert places["Left out"] == f"{schema}/odd"


def test_a_required_whole_name_beside_its_parts_is_put_together(tmp_path: Path) -> None:
    vendor = add(tmp_path, document(obj(("name",), name=TEXT, first_name=TEXT, last_name=TEXT, email=MAIL), answer(ID)))
    summary, contacts = send(tmp_path, vendor)

    assert summary.counts["created"] == 2
    assert (contacts[0]["name"], contacts[0]["first_name"]) == ("Ada Example", "Ada")


def test_the_command_line_goes_from_a_document_to_a_run(tmp_path: Path) -> None:
    (tmp_path / "published.json").write_text(json.dumps(STYLES["a wrapper"][0]), encoding="utf-8")
    (tmp_path / "rows.csv").write_text(ROWS, encoding="utf-8")

    def importer(*words: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {
            "CONTACT_IMPORTER_VENDORS": str(tmp_path),
            "CONTACT_IMPORTER_STATE_DIR": str(tmp_path / "s"),
        }
        command = [sys.executable, "-m", "importer", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=90, check=False,
                              env=environment | {"PYTHONPATH": str(Path.cwd())})  # fmt: skip

    assert "POST /contacts" in importer("vendors", "add", "published.json").stdout
    assert (
        importer("vendors", "add", "published.json", "--operation", "POST /contacts", "-o", "acme.yaml").returncode == 0
    )
    assert "contact.email" not in (lint := importer("vendors", "lint", "acme").stdout)
    assert "email is taken for the email" in lint
    assert "2 created" in importer("vendors", "test", "acme").stdout
    assert "acme" in importer("vendors").stdout
    assert importer("run", "rows.csv", "--vendor", "acme", "--sandbox", "--yes", "--output", "out").returncode == 0
    with (tmp_path / "out" / "result.csv").open(encoding="utf-8") as file:
        assert [row["import_status"] for row in csv.DictReader(file)] == ["created", "created"]


def test_an_overlay_is_held_to_the_document_it_was_written_for(tmp_path: Path) -> None:
    add(tmp_path, STYLES["a wrapper"][0])
    published = tmp_path / "published.json"
    published.write_text(published.read_text(encoding="utf-8") + "\n", encoding="utf-8")

    with pytest.raises(ValueError, match="has changed since this overlay was written"):
        load_vendor(tmp_path / "acme.yaml")


def test_an_id_that_no_documented_answer_has_is_refused_with_the_likely_one(tmp_path: Path) -> None:
    vendor = add(tmp_path, STYLES["a wrapper"][0])
    vendor.file.write_text(
        vendor.file.read_text(encoding="utf-8").replace("id: /contact/id", "id: /id"), encoding="utf-8"
    )

    with pytest.raises(ValueError, match="no documented answer has /id; perhaps /contact/id is meant"):
        load_vendor(vendor.file)


def test_a_document_may_be_spread_over_files_in_its_folder(tmp_path: Path) -> None:
    published = document({"$ref": "parts/person.yaml#/Person"}, answer(ID))
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "person.yaml").write_text(
        yaml.safe_dump({"Person": obj(mail={"$ref": "#/Mail"}), "Mail": MAIL})
    )

    assert [field.path for field in add(tmp_path, published).operations["create"].fields] == ["mail"]


@pytest.mark.parametrize("target", ["../secret.yaml#/X", "https://example.com/x.yaml#/X", "file:///etc/passwd"])
def test_a_reference_out_of_the_folder_is_never_followed(tmp_path: Path, target: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.yaml").write_text("X: {type: object, properties: {a: {type: string}}}\n")

    with pytest.raises(ValueError, match="cannot be followed"):
        add(tmp_path / "in", document({"$ref": target}, answer(ID)))


def test_a_file_that_is_no_openapi_document_is_named(tmp_path: Path) -> None:
    (tmp_path / "paths.json").write_text('{"paths": {}}', encoding="utf-8")

    with pytest.raises(ContractError, match=r"paths\.json: is not an OpenAPI document"):
        list_candidates(tmp_path / "paths.json")


def test_the_nearest_servers_and_the_first_usable_keys_hold(tmp_path: Path) -> None:
    schemes = {
        "tls": {"type": "mutualTLS"},
        "one": {"type": "apiKey", "in": "header", "name": "X-One"},
        "two": {"type": "apiKey", "in": "query", "name": "two"},
    }
    region = {"default": "us", "enum": ["us", "eu"]}
    post: dict[str, Any] = {
        "x-importer": {"id": False},
        "security": [{"tls": []}, {"one": [], "two": []}],
        "requestBody": {
            "content": {"application/json": {"schema": {"type": "object", "properties": {"email": {"type": "string"}}}}}
        },
    }
    path = {"servers": [{"url": "https://{region}.example.com/v1", "variables": {"region": region}}], "post": post}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://root.example.com"}],
        "components": {"securitySchemes": schemes},
        "paths": {"/contacts": path},
    }
    file = tmp_path / "t.json"
    file.write_text(json.dumps(document), encoding="utf-8")

    vendor = load_vendor(file)

    assert vendor.base_url == "https://us.example.com/v1"
    assert vendor.security is not None
    assert [(key.name, key.in_query) for key in vendor.security.keys] == [("X-One", False), ("two", True)]
    post["servers"] = [{"url": "https://own.example.com"}]
    file.write_text(json.dumps(document), encoding="utf-8")
    assert load_vendor(file).base_url == "https://own.example.com"
