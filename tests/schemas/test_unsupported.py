"""What a document asks for and the importer cannot do is refused when it is loaded, by the place it stands at."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.contract import ContractError
from schemas.registry import load_vendor

Write = Callable[..., Path]
TEXT = {"type": "string"}
BODY = "#/paths/~1people/post/requestBody/content/application~1json/schema"


@pytest.mark.parametrize(
    ("node", "place"),
    [
        ({"anyOf": [{"type": "array"}, {"type": "object"}]}, "/anyOf"),
        ({"type": "array"}, "/items/type"),
        ({"type": "array", "items": {"type": "array", "items": TEXT}}, "/items"),
        ({"type": "array", "items": TEXT, "contains": TEXT}, "/contains"),
        ({"type": "integer", "multipleOf": 5}, "/multipleOf"),
        ({**TEXT, "enum": ["a", ["b"]]}, "/enum"),
        ({"type": "object", "propertyNames": TEXT}, "/propertyNames"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "/additionalProperties"),
        ({"type": "object", "required": ["b"], "properties": {"b": {"not": {}, **TEXT}}}, "/properties/b/not"),
        ({"type": "object", "properties": {"b": TEXT}, "required": ["c"]}, "/required"),
        ({"type": "object", "properties": {"b": TEXT}, "minProperties": 1}, "/minProperties"),
        ({"type": "null"}, "/type"),
    ],
)
def test_a_fields_unsupported_keyword_is_named_by_its_place(document: Write, node: Any, place: str) -> None:
    with pytest.raises(ContractError, match=re.escape(f"madeup.yaml: {BODY}/properties/a{place}: ")) as caught:
        load_vendor(document({"a": node}, required=("a",)))

    assert "x-importer: {" in str(caught.value)  # the remedy


def test_an_optional_part_that_no_cell_can_hold_is_left_out_and_listed(document: Write) -> None:
    operation = load_vendor(document({"a": {"type": "integer", "multipleOf": 5}, "b": TEXT})).operations["create"]

    assert [field.path for field in operation.fields] == ["b"]
    assert [(left.path, left.place) for left in operation.left_out] == [("a", f"{BODY}/properties/a")]
    assert "multipleOf" in operation.left_out[0].reason


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"schema": {"oneOf": [{"type": "object"}, {"type": "array"}]}}, f"{BODY}/oneOf"),
        ({"schema": {"type": "array", "items": TEXT}}, f"{BODY}/type"),
        ({"importer": {"repeatable": "false"}}, "#/paths/~1people/post/x-importer/repeatable: 'false' is not true or"),
        ({"body": {"maxProperties": 3}}, f"{BODY}/maxProperties"),
        ({"importer": {"idd": "/id"}}, "#/paths/~1people/post/x-importer/idd"),
        ({"importer": {"errors": {"texts": []}}}, "#/paths/~1people/post/x-importer/errors/texts"),
        ({"importer": {"identity": [["b"]]}}, "#/paths/~1people/post/x-importer"),
        ({"operation": {"x-importer": {}}}, "#/paths/~1people/post/x-importer/id"),
        ({"operation": {"requestBody": {"content": {"text/csv": {}}}}}, "#/paths/~1people/post/requestBody"),
        (
            {"operation": {"parameters": [{"name": "q", "in": "header", "required": True, "schema": TEXT}]}},
            "#/paths/~1people/post/parameters/0",
        ),
        ({"top": {"paths": {"/people": {"post": {}}}}}, "#/paths"),
        ({"top": {"x-importer": {"pase": 1}}}, "#/x-importer/pase"),
        ({"top": {"x-importer": {"pace": {"rate": "fast"}}}}, "#/x-importer/pace"),
        ({"top": {"openapi": "4.0.0"}}, "is not an OpenAPI document"),
        (
            {"top": {"security": [{"k": []}], "components": {"securitySchemes": {"k": {"type": "mutualTLS"}}}}},
            "#/components/securitySchemes/k",
        ),
    ],
)
def test_what_stands_around_the_fields_is_named_by_its_place(
    document: Write, change: dict[str, Any], place: str
) -> None:
    with pytest.raises(ContractError, match=re.escape(f"madeup.yaml: {place}")):
        load_vendor(document(**change))


def test_a_reference_that_leads_back_to_itself_is_refused(document: Write) -> None:
    person = {
        "type": "object",
        "required": ["friend"],
        "properties": {"friend": {"$ref": "#/components/schemas/Person"}},
    }

    with pytest.raises(ContractError, match="friend: #/components/schemas/Person leads back to itself"):
        load_vendor(
            document({"a": {"$ref": "#/components/schemas/Person"}}, required=("a",), schemas={"Person": person})
        )


@pytest.mark.parametrize("node", [{**TEXT, "pattern": "("}, {"type": "array", "items": {**TEXT, "pattern": "["}}])
def test_a_pattern_that_is_none_is_refused_when_it_is_loaded(document: Write, node: Any) -> None:
    with pytest.raises(ContractError, match="pattern"):
        load_vendor(document({"a": node}))


@pytest.mark.parametrize(
    ("node", "place"),
    [
        ({**TEXT, "maxLength": "25"}, "maxLength"),
        ({"type": "integer", "minimum": "one"}, "minimum"),
        ({**TEXT, "enum": "abc"}, "enum"),
        ({**TEXT, "x-aliases": "name"}, "x-aliases"),
        ({**TEXT, "x-aliases": [False]}, "x-aliases"),  # YAML reads an unquoted no as false
        ({**TEXT, "x-advisory": {"earliest": "soon"}}, "earliest"),
    ],
)
def test_a_limit_of_the_wrong_type_is_refused_when_it_is_loaded(document: Write, node: Any, place: str) -> None:
    with pytest.raises(ContractError, match=place):
        load_vendor(document({"a": node}))


def test_a_body_that_is_no_object_is_refused(document: Write) -> None:
    with pytest.raises(ContractError, match="schema"):
        load_vendor(document(schema=TEXT))


def test_two_operations_of_one_name_are_refused(document: Write) -> None:
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": TEXT}}}}}
    paths = {path: {"post": {"x-importer": {"id": "/id"}, "requestBody": body}} for path in ("/people", "/leads")}

    with pytest.raises(ContractError, match="create"):
        load_vendor(document(top={"paths": paths}))


def test_a_place_in_the_path_without_a_parameter_is_refused(document: Write) -> None:
    with pytest.raises(ContractError, match=r"\{id\}"):
        load_vendor(document(path="/people/{id}"))
