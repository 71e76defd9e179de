"""Any OpenAPI 3.1 document with an x-importer block is a vendor."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from schemas.contract import ContractError
from schemas.kind import Kind
from schemas.registry import load_vendor

Write = Callable[..., Path]
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("node", "type_", "kind"),
    [
        ({"type": "string"}, "string", Kind.TEXT),
        ({"type": ["string", "null"]}, "string", Kind.TEXT),
        ({"type": "string", "format": "email"}, "string", Kind.EMAIL),
        ({"type": "string", "format": "date"}, "string", Kind.DATE),
        ({"type": "string", "format": "date-time"}, "string", Kind.DATE_TIME),
        ({"type": "string", "format": "uri"}, "string", Kind.URI),
        ({"type": "string", "enum": ["a", "b"]}, "string", Kind.CHOICE),
        ({"type": "string", "const": "a"}, "string", Kind.CHOICE),
        ({"type": "string", "x-importer": {"kind": "phone"}}, "string", Kind.PHONE),
        ({"type": "integer", "minimum": 1}, "integer", Kind.TEXT),
        ({"type": "number"}, "number", Kind.TEXT),
        ({"type": "boolean"}, "boolean", Kind.TEXT),
        ({"type": "array", "items": TEXT}, "array", Kind.TEXT),
        ({"type": "object"}, "object", Kind.TEXT),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object", Kind.TEXT),
    ],
)
def test_every_type_that_a_cell_can_hold_is_a_field(document: Write, node: Any, type_: str, kind: Kind) -> None:
    (field,) = load_vendor(document({"a": node})).operations["create"].fields

    assert (field.path, field.type, field.kind, field.required) == ("a", type_, kind, False)


def test_nested_objects_become_dotted_paths_and_know_when_they_are_required(document: Write) -> None:
    home = {"type": "object", "required": ["city"], "properties": {"city": TEXT, "zip": TEXT}}
    file = document({"home": home, "work": home, "mail": TEXT}, required=("work", "mail"))

    fields = load_vendor(file).operations["create"].fields

    assert [(field.path, field.required, field.required_within) for field in fields] == [
        ("home.city", False, "home"),
        ("home.zip", False, None),
        ("work.city", True, None),
        ("work.zip", False, None),
        ("mail", True, None),
    ]


def test_references_are_followed_and_what_stands_beside_them_wins(document: Write) -> None:
    schemas = {"Code": {"$ref": "#/components/schemas/Five"}, "Five": {"type": "string", "maxLength": 5}}
    file = document({"a": {"$ref": "#/components/schemas/Code", "maxLength": 3}}, schemas=schemas)

    (field,) = load_vendor(file).operations["create"].fields

    assert field.limits.max_length == 3


def test_a_document_may_be_json(document: Write) -> None:
    file = document({"a": TEXT})
    as_json = file.with_suffix(".json")
    as_json.write_text(json.dumps(yaml.safe_load(file.read_text())))

    assert load_vendor(as_json).operations["create"].fields == load_vendor(str(file)).operations["create"].fields


def test_the_made_up_document_is_valid_openapi(document: Write) -> None:
    assert list(OpenAPIV31SpecValidator(yaml.safe_load(document().read_text())).iter_errors()) == []


def test_a_change_of_the_document_changes_its_digest(document: Write) -> None:
    first = load_vendor(document({"a": TEXT})).digest

    assert load_vendor(document({"a": {**TEXT, "maxLength": 3}})).digest != first
    assert load_vendor(document({"a": TEXT})).digest == first


def test_known_vendors_are_named_whatever_their_case() -> None:
    assert load_vendor("iClosed").name == "iclosed"


def test_an_unknown_vendor_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ContractError, match=r"no vendor 'hubspot'; known are cleartalk, clemta, gomobile, iclosed"):
        load_vendor("hubspot")


def test_a_path_without_a_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"nowhere\.yaml: cannot be read"):
        load_vendor(tmp_path / "nowhere.yaml")


def test_unknown_formats_are_remarks(document: Write) -> None:
    (field,) = load_vendor(document({"a": {**TEXT, "format": "shoe-size"}})).operations["create"].fields

    assert field.limits.format == "shoe-size"
