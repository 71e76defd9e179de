"""The documents hold what the vendors document, and what cannot be expressed is named by its place."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from importer.model.status import Status
from importer.pipeline import run_import
from importer.sandbox.app import build_app
from importer.sandbox.server import running
from importer.settings import Settings
from schemas.contract import ContractError
from schemas.durations import parse_rate
from schemas.kind import Kind
from schemas.registry import load_vendor, vendor_names

EMAIL = r"^(?!\.)(?!.*\.\.)([A-Za-z0-9_'+\-\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\-]*\.)+[A-Za-z]{2,}$"
JOINED = (
    r"^(?:(?:\d\d[2468][048]|\d\d[13579][26]|\d\d0[48]|[02468][048]00|[13579][26]00)-02-29|\d{4}-(?:(?:0[13578]|1[02])-"
    r"(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|(?:02)-(?:0[1-9]|1\d|2[0-8])))T(?:(?:[01]\d|2[0-3]):"
    r"[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z))$"
)


@pytest.mark.parametrize("name", vendor_names())
def test_every_contract_is_a_valid_openapi_document(name: str) -> None:
    assert list(OpenAPIV31SpecValidator(dict(load_vendor(name).document)).iter_errors()) == []


def test_the_vendors_and_their_operations() -> None:
    found = {
        name: [(op.name, op.method, op.path, op.repeatable) for op in load_vendor(name).operations.values()]
        for name in vendor_names()
    }

    assert found == {
        "cleartalk": [("create", "POST", "/contacts", False), ("update", "PATCH", "/contacts/{id}", True)],
        "clemta": [("create", "POST", "/contacts", False), ("update", "PATCH", "/contacts/{contact_id}", True)],
        "gomobile": [("create", "POST", "/api/contact", False), ("update", "PUT", "/api/contact/{id}", True)],
        "iclosed": [("create", "POST", "/v1/contacts", False)],
    }
    assert all(op.document for name in vendor_names() for op in load_vendor(name).operations.values())


def test_cleartalk_requires_all_ten_fields_of_a_new_contact_and_none_of_a_change() -> None:
    operations = load_vendor("cleartalk").operations

    assert [field.path for field in operations["create"].fields if field.required] == (
        [
            "listName",
            "tag",
            "firstName",
            "lastName",
            "email",
            "phone",
            "dateOfBirth",
            "contactSource",
            "clearTalkNotes",
            "customField",
        ]
    )
    assert [field.path for field in operations["update"].fields if field.required] == ["id"]
    assert operations["update"].at_least == 1


def test_iclosed_has_the_documented_limits_verbatim() -> None:
    fields = {field.path: field.limits for field in load_vendor("iclosed").operations["create"].fields}

    assert {path: limits.max_length for path, limits in fields.items()} == {
        "firstName": 25, "lastName": 25, "email": 255, "phoneNumber": 20, "status": None, "tag": 100, "joinedTime": None,
        "eventName": 255, "utm": 1000, "country": 2, "timeZone": 50, "ipAddress": 45, "referrerUrl": 500,
    }  # fmt: skip
    assert fields["email"].pattern == EMAIL
    assert fields["phoneNumber"].pattern == r"^\+?\d+$"
    assert fields["joinedTime"].pattern == JOINED
    assert fields["status"].enum == ("POTENTIAL", "QUALIFIED", "DISQUALIFIED")
    assert [fields[path].format for path in ("email", "joinedTime", "referrerUrl")] == ["email", "date-time", "uri"]


def test_clemta_requires_four_fields_and_sends_billing_unprefixed() -> None:
    operation = load_vendor("clemta").operations["create"]

    assert [field.path for field in operation.fields if field.required] == ["type", "full_name", "email", "company_id"]
    assert [field.parts[1] for field in operation.fields if field.parts[0] == "billing"] == (
        [
            "email",
            "phone",
            "phone_code",
            "iso_code",
            "country",
            "address_1",
            "address_2",
            "postal_code",
            "district",
            "state",
            "province",
            "tax_id",
        ]
    )
    assert operation.answers.success == {"/success": True}


def test_gomobile_requires_the_phone_only_and_its_published_lengths_warn() -> None:
    operation = load_vendor("gomobile").operations["create"]

    assert [field.path for field in operation.fields if field.required] == ["primaryPhone"]
    assert all(field.limits.max_length is None for field in operation.fields)
    advice = {field.path: (field.advisory.min_length, field.advisory.max_length) for field in operation.fields}
    assert advice["firstName"] == (2, 64)
    assert advice["primaryPhone"] == (3, 20)
    assert advice["address"] == (3, 256)
    assert operation.body_schema["additionalProperties"] is False


MADE_UP: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Made up", "version": "1"},
    "servers": [{"url": "https://api.example.com"}],
    "security": [{"key": []}],
    "x-importer": {"vendor": "madeup", "pace": {"rate": "50/s", "concurrency": 2}},
    "paths": {
        "/people": {
            "post": {
                "x-importer": {"operation": "create", "id": "/person/id", "identity": [["mail"]]},
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["mail"],
                                "properties": {
                                    "mail": {"type": "string", "format": "email"},
                                    "age": {"type": "integer", "minimum": 18},
                                    "score": {"type": ["number", "null"], "exclusiveMaximum": 10},
                                    "vip": {"type": "boolean"},
                                    "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "maxItems": 2},
                                    "home": {
                                        "type": "object",
                                        "required": ["city"],
                                        "properties": {"city": {"type": "string"}, "zip": {"$ref": "#/components/schemas/Zip"}},
                                    },
                                    "extra": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 3}},
                                },
                            }
                        }
                    }
                },
                "responses": {"201": {"description": "made"}},
            }
        }
    },
    "components": {
        "schemas": {"Zip": {"type": "string", "pattern": r"^\d{5}$"}},
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
}  # fmt: skip


def made_up(folder: Path, **changes: Any) -> Path:
    document = yaml.safe_load(yaml.safe_dump(MADE_UP))
    properties = document["paths"]["/people"]["post"]["requestBody"]["content"]["application/json"]["schema"][
        "properties"
    ]
    properties.update(changes)
    body = document["paths"]["/people"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    body["required"] = [*body.get("required", []), *(name for name in changes if name == "bad")]
    (folder / "madeup.yaml").write_text(yaml.safe_dump(document))
    return folder / "madeup.yaml"


def test_a_fifth_vendor_is_a_file_and_no_code(tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(
        "Mail,Age,Score,VIP,Tags,Home City,Home Zip,extra.plan\n"
        "a@example.com,18,9.5,true,a;b,Fès,01234,pro\n"
        "b@example.com,17,10,perhaps,toolong,,12345,long\n"
        "c@example.com,x,abc,,a;b;c,,,\n"
    )
    vendor = load_vendor(made_up(tmp_path))
    app = build_app([vendor])
    with running(app) as address:
        settings = Settings(
            str(made_up(tmp_path)), base_url=f"{address}/madeup", api_key="k", output=tmp_path / "out",
            state_dir=tmp_path / "state",
        )  # fmt: skip
        summary = run_import(file, settings)
        with urllib.request.urlopen(f"{address}/_contacts/madeup") as answer:
            kept = json.load(answer)
    made = [{key: value for key, value in contact.items() if key not in ("id", "_at")} for contact in kept]

    assert summary.counts[Status.INVALID] == 2
    assert summary.counts[Status.CREATED] == 1
    assert summary.problems == {
        "minimum": 1, "exclusive_maximum": 1, "type": 3, "max_length": 2, "required": 1, "max_items": 1,
    }  # fmt: skip
    assert made == [
        {
            "mail": "a@example.com",
            "age": 18,
            "score": 9.5,
            "vip": True,
            "tags": ["a", "b"],
            "home": {"city": "Fès", "zip": "01234"},
            "extra": {"plan": "pro"},
        }
    ]


@pytest.mark.parametrize("content", ["", "[1, 2]", "openapi: 3.0.3", "{", "openapi: 3.1.0\ninfo: {title: x}"])
def test_what_is_not_a_contract_is_refused_with_the_files_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "v.yaml").write_text(content)

    with pytest.raises(ContractError, match=r"v\.yaml"):
        load_vendor(tmp_path / "v.yaml")


def test_a_member_of_an_open_object_is_text() -> None:
    member = load_vendor("cleartalk").operations["create"].field("customField.plan")

    assert member is not None
    assert (member.parts, member.type, member.kind, member.required) == (
        ("customField", "plan"),
        "string",
        Kind.TEXT,
        False,
    )


@pytest.mark.parametrize(("text", "rate"), [("20/s", 20), ("100/min", 100 / 60), ("3600/h", 1), ("5", 5)])
def test_rates_are_a_number_and_a_unit(text: str, rate: float) -> None:
    assert parse_rate(text) == pytest.approx(rate)


@pytest.mark.parametrize("text", ["", "fast", "20/day", "0/s", "-1/s", "nan/s", "inf/s"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="20/s"):
        parse_rate(text)


def test_clemta_documents_update_and_delete_and_gomobile_has_them_on_request_only() -> None:
    clemta, gomobile = load_vendor("clemta"), load_vendor("gomobile")

    assert (clemta.can_update, gomobile.can_update, load_vendor("iclosed").can_update) == (True, False, False)
    assert gomobile.update_operation is not None
    deletions = {name: load_vendor(name).delete_operation for name in vendor_names()}
    assert {name: (op.method, op.path, op.opt_in, op.answers.gone) for name, op in deletions.items() if op} == {
        "clemta": ("DELETE", "/contacts/{contact_id}", False, (404,)),
        "gomobile": ("DELETE", "/api/contact/{id}", True, (404,)),
    }
