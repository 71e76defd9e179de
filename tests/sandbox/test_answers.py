"""The sandbox answers as a vendor's document says, and knows no vendor by name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import importer.sandbox
from importer.sandbox.answers import AnswerTemplates
from importer.sandbox.vendor_api import VendorApi
from schemas.contract import ContractError, Vendor
from schemas.registry import load_vendor, vendor_names


def vendor(folder: Path, *, sandbox: dict[str, Any] | None = None, **ours: Any) -> Vendor:
    body = {
        "type": "object",
        "required": ["mail"],
        "properties": {"mail": {"type": "string"}, "secret": {"type": "string"}},
    }
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Made up", "version": "1"},
        "paths": {
            "/people": {
                "post": {
                    "x-importer": {"id": "/id", **ours},
                    "requestBody": {"content": {"application/json": {"schema": body}}},
                    "responses": {"200": {"description": "made"}},
                }
            }
        },
    }
    if sandbox is not None:
        document["x-sandbox"] = sandbox
    path = folder / "madeup.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    return load_vendor(path)


def test_the_sandboxs_code_names_no_vendor() -> None:
    code = "".join(path.read_text() for path in Path(importer.sandbox.__file__).parent.glob("*.py"))

    assert re.findall("|".join(vendor_names()), code, re.IGNORECASE) == []


def test_without_a_block_the_contact_stands_where_the_contract_looks_for_its_id(tmp_path: Path) -> None:
    api = VendorApi(vendor(tmp_path, id="/person/id", success={"/ok": True}))

    status, answer = api.answers.accepted(api.vendor.operations["create"], api.create({"mail": "a@example.com"}))

    assert (status, answer["ok"]) == (200, True)
    assert answer["person"].items() >= {"id": 1001, "mail": "a@example.com"}.items()


def test_templates_are_filled_and_fields_hidden(tmp_path: Path) -> None:
    sandbox = {
        "id": "uuid",
        "contact": {"hide": ["secret"], "add": {"made": "{seconds}"}},
        "accepted": {"list": ["{contact}"], "note": "{unknown}"},
        "refused": {"first": "{first_error}", "all": "{errors}", "fields": "{field_errors}"},
        "unauthorized": {"error": "no key"},
    }
    api = VendorApi(vendor(tmp_path, sandbox=sandbox))
    create = api.vendor.operations["create"]

    _, answer = api.answers.accepted(create, api.create({"mail": "a", "secret": "b"}))
    refusal = api.answers.refused(api.violations(create, {"secret": 1}))

    assert set(answer["list"][0]) == {"id", "mail", "made"}
    assert re.fullmatch(r"[0-9a-f-]{36}", answer["list"][0]["id"])
    assert answer["note"] == "{unknown}"
    assert set(refusal[1]["all"]) == set(refusal[1]["fields"]) == {"mail", "secret"}
    assert api.answers.unauthorized() == (401, {"error": "no key"})


@pytest.mark.parametrize(("sandbox", "place"), [({"ids": "uuid"}, "x-sandbox/ids"), ({"id": "roman"}, "x-sandbox/id")])
def test_what_the_block_does_not_know_is_named_by_its_place(
    tmp_path: Path, sandbox: dict[str, Any], place: str
) -> None:
    made_up = vendor(tmp_path, sandbox=sandbox)

    with pytest.raises(ContractError, match=place):
        AnswerTemplates(made_up)


def test_the_block_is_no_part_of_the_contract_that_a_resumed_run_needs(tmp_path: Path) -> None:
    without = vendor(tmp_path).digest

    assert vendor(tmp_path, sandbox={"id": "uuid"}).digest == without
    assert vendor(tmp_path, sandbox={"id": "hex"}).digest == without
    assert vendor(tmp_path, repeatable=True).digest != without


def test_a_block_in_the_middle_hides_nothing_below_it(tmp_path: Path) -> None:
    path = vendor(tmp_path, sandbox={"id": "uuid"}).file
    path.write_text(path.read_text() + "x-more: 1\n")
    first = load_vendor(path).digest
    path.write_text(path.read_text().replace("x-more: 1", "x-more: 2"))

    assert load_vendor(path).digest != first


def test_a_deletion_is_answered_as_documented_and_a_second_one_finds_nothing() -> None:
    api = VendorApi(load_vendor("clemta"))
    operation = api.vendor.delete_operation
    assert operation is not None
    contact = api.create({"email": "a@example.com"})

    first = api.answers.deleted(operation, is_known=api.delete(str(contact["id"])))
    status, answer = api.answers.deleted(operation, is_known=api.delete(str(contact["id"])))

    assert first == (200, {"success": True, "message": "Contact deleted successfully", "data": None})
    assert (status, answer["success"], api.contacts()) == (404, False, [])
