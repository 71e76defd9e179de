"""Every refusal of a vendor's document, in its words: the place in the vendor's file, what is wrong, what to do."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import schemas
from schemas.contract import ContractError
from schemas.openapi_body import GIVE_A_VALUE, REMOVE_IT
from schemas.overlay_draft import draft_overlay
from schemas.registry import load_vendor

Write = Callable[..., Path]
TEXT = {"type": "string"}
OBJECT = {"type": "object", "properties": {"b": TEXT}}
POST = "#/paths/~1people/post"
BODY = f"{POST}/requestBody/content/application~1json/schema"
A = f"{BODY}/properties/a"
STEP = {"x-importer": {"operation": "tag", "id": "/id"}, "requestBody": {"content": {"application/json": {"schema": OBJECT}}}}  # fmt: skip


def _then(block: Mapping[str, str], **first: Any) -> dict[str, Any]:
    """Return what puts a second step, ``tag``, after the operation of the document."""
    operation = {"x-importer": {"id": "/id", "then": block}, "requestBody": STEP["requestBody"], **first}
    return {"top": {"paths": {"/people": {"post": operation}, "/tags": {"post": STEP}}}}


def _deep(levels: int) -> dict[str, Any]:
    return {"type": "object", "required": ["a"], "properties": {"a": _deep(levels - 1)}} if levels else TEXT


def _secured(scheme: Mapping[str, Any]) -> dict[str, Any]:
    return {"top": {"security": [{"k": []}], "components": {"securitySchemes": scheme}}}


# A part of the body that no cell can hold: left out where it is optional, refused where it is required.
PARTS: list[tuple[dict[str, Any], str]] = [
    ({"anyOf": [{"type": "array"}, OBJECT]}, "/anyOf: it takes 2 forms (array, object); choose one by its number from 0, with x-importer: {form: 0} at this place"),
    ({}, "/type: is missing, and no other keyword tells it"),
    ({"type": "null"}, "/type: a cell cannot hold null"),
    ({"type": ["integer", "object"]}, "/type: a cell cannot hold integer or object"),
    ({"allOf": [TEXT, {"type": "integer"}]}, "/type: a cell cannot hold what has no type"),
    ({"type": "array"}, "/items/type: is missing, and no other keyword tells it"),
    ({"type": "array", "items": {"type": "array", "items": TEXT}}, "/items: a cell cannot hold an array of objects or arrays"),
    ({"type": "array", "items": TEXT, "contains": TEXT}, "/contains: the importer has no check for this keyword"),
    ({"type": "array", "items": OBJECT, "minItems": 2}, "/minItems: a row gives one entry, but 2 are asked for"),
    ({"type": "integer", "not": {"const": 5}}, "/not: the importer has no check for this keyword"),
    ({**TEXT, "enum": ["a", ["b"]]}, "/enum: only texts and numbers can be listed"),
    ({"type": "object", "propertyNames": TEXT}, "/propertyNames: the importer has no check for this keyword"),
    ({"type": "object", "additionalProperties": False}, ": an object without properties that takes no others has no fields"),
    ({"type": "object", "additionalProperties": {"type": "integer"}}, "/additionalProperties: a cell can hold members that are texts, and no others"),
    ({**OBJECT, "required": ["c"]}, "/required: names c, which is not among the properties"),
    ({**OBJECT, "minProperties": 1}, "/minProperties: is checked for the whole body only"),
    (_deep(20), f"{'/properties/a' * 16}: nests deeper than 16 objects, or a $ref leads back to itself"),
    ({"$ref": "#/components/schemas/Person"}, "#/components/schemas/Person/properties/friend: #/components/schemas/Person leads back to itself"),
]  # fmt: skip

# Anything else, by what is changed in the document.
OTHERS: list[tuple[dict[str, Any], str]] = [
    ({"properties": {"a": {**TEXT, "maxLength": "25"}}}, f"{A}/maxLength: '25' is not a whole number of 0 or more"),
    ({"properties": {"a": {"type": "integer", "minimum": "one"}}}, f"{A}/minimum: 'one' is not a number"),
    ({"properties": {"a": {"type": "integer", "multipleOf": 0}}}, f"{A}/multipleOf: 0 is not a number above 0"),
    ({"properties": {"a": {**TEXT, "format": 3}}}, f"{A}/format: 3 is not a text"),
    ({"properties": {"a": {**TEXT, "enum": "abc"}}}, f"{A}/enum: 'abc' is not a list"),
    ({"properties": {"a": {**TEXT, "x-aliases": [False]}}}, f"{A}/x-aliases: only texts can be listed"),  # an unquoted no in YAML
    ({"properties": {"a": {**TEXT, "x-advisory": {"earliest": "soon"}}}}, f"{A}/x-advisory/earliest: 'soon' is not a date"),
    ({"properties": {"a": {**TEXT, "pattern": "("}}}, f"{A}/pattern: '(' is not an ECMAScript pattern: Unbalanced parenthesis"),
    ({"properties": {"a": {**TEXT, "x-importer": {"kind": "mail"}}}}, f"{A}/x-importer/kind: 'mail' is none of text, name, email, phone, date, date-time, country, choice, uri, id, zip, code"),
    ({"properties": {"a": {**TEXT, "x-importer": {"role": "boss"}}}}, f"{A}/x-importer/role: 'boss' is none of first_name, last_name, full_name, email, phone, birthday, street, city, state, zip, country, company, job_title, notes, source, website, none"),
    ({"properties": {"a.b": TEXT}, "required": ("a.b",)}, f"{A}.b: a name with a dot cannot be told from a nested field{GIVE_A_VALUE}"),
    ({"properties": {"a": 5}}, f"{A}: an object is expected here"),
    ({"properties": {"a": {"$ref": "#/nowhere"}}}, f"{A}: '#/nowhere' points to nothing"),
    ({"properties": {"a": {"$ref": "https://example.com/a.json"}}}, f"{A}: 'https://example.com/a.json' cannot be followed: only places in this document and files in its folder can"),
    ({"schema": {"type": "array", "items": TEXT}}, f"{BODY}/type: the body must be an object with properties"),
    ({"schema": {"oneOf": [OBJECT, {"type": "array"}]}}, f"{BODY}/oneOf: it takes 2 forms (object, array); choose one by its number from 0, with x-importer: {{form: 0}} at this place"),
    ({"body": {"maxProperties": 3}}, f"{BODY}/maxProperties: the importer has no check for this keyword{REMOVE_IT}"),
    ({"operation": {"requestBody": {"content": {"text/csv": {}}}}}, f"{POST}/requestBody: only JSON and form bodies can be sent, and this asks for text/csv"),
    ({"operation": {"requestBody": {"$ref": "#/nowhere"}}}, f"{POST}/requestBody: '#/nowhere' points to nothing"),
    ({"operation": {"requestBody": {"$ref": "body.yaml"}}}, f"{POST}/requestBody: 'body.yaml' cannot be followed: only places in this document can"),
    ({"operation": {"requestBody": 5}}, f"{POST}/requestBody: an object is expected here"),
    ({"operation": {"parameters": [{"name": "X-Team", "in": "header", "required": True, "schema": TEXT}]}}, f"{POST}/parameters/0: the header X-Team is required; give its value in x-importer of the operation: constants: {{X-Team: …}}"),
    ({"path": "/people/{id}"}, "#/paths/~1people~1{id}/post: the path needs the parameters id; described are none"),
    ({"operation": {"parameters": [{"name": "a", "in": "query", "required": True, "schema": TEXT}]}}, f"{POST}: two fields have the same path"),
    ({"operation": {"x-importer": {}}}, f"{POST}/x-importer/id: is missing: it says where in an answer the id of the contact is, such as /id; false if the answer has none"),
    ({"operation": {"x-importer": 5}}, f"{POST}/x-importer: an object is expected here"),
    ({"importer": {"id": "/person/di"}, "operation": {"responses": {"200": {"description": "", "content": {"application/json": {"schema": {
        "type": "object", "properties": {"person": {"type": "object", "properties": {"id": TEXT}}}}}}}}}}, f"{POST}/x-importer/id: no documented answer has /person/di; perhaps /person/id is meant"),
    ({"importer": {"repeatable": "false"}}, f"{POST}/x-importer/repeatable: 'false' is not true or false, without quotes, such as repeatable: true"),
    ({"importer": {"idd": "/id"}}, f"{POST}/x-importer/idd: is not known; perhaps id is meant; known are advise_any_of, clear, constants, document, errors, fatal_codes, gone, id, idempotency, identity, lookup, notices, operation, opt_in, repeatable, retry_after, success, then, unavailable_is_refusal"),
    ({"importer": {"identity": [["b"]]}}, f"{POST}/x-importer: names the field 'b', which the body does not have"),
    ({"importer": {"lookup": {"path": "/people"}}}, f"{POST}/x-importer/lookup/query: is missing"),
    ({"importer": {"idempotency": {"header": "Idempotency-Key", "ttl": "soon"}}}, f'{POST}/x-importer/idempotency: needs a header, and a ttl such as "24h"'),
    ({"top": {"x-importer": {"pace": {"rate": "fast"}}}}, "#/x-importer/pace: 'fast' is not a rate such as 20/s or 100/min"),
    ({"top": {"openapi": "4.0.0"}}, "is not an OpenAPI document (its first line says, for example: openapi: 3.1.0)"),
    ({"top": {"paths": {"/people": {"post": {}}}}}, "#/paths: no operation has an x-importer block, so there is nothing to send a row to"),
    ({"top": {"paths": {"/people": {"post": STEP}, "/leads": {"post": STEP}}}}, "#/paths: two operations are called 'tag'"),
    ({"top": {"servers": 5}}, "is not laid out as OpenAPI asks: TypeError(\"'int' object is not subscriptable\")"),
    (_secured({"k": {"type": "mutualTLS"}}), "#/components/securitySchemes/k: only a key in a header or the query, bearer, basic and OAuth tokens can be used"),
    (_secured({}), "#/components/securitySchemes/k: is missing, and security names it"),
    (_then({"operation": "label", "id": "b"}), f"{POST}/x-importer/then/operation: 'label' is no other operation of this document: tag"),
    (_then({"operation": "tag", "id": "b"}, **{"x-importer": {"id": False, "then": {"operation": "tag", "id": "b"}}}), f"{POST}/x-importer/then: a second step needs the contact's id, and no answer has one (id: false)"),
    (_then({"operation": "tag", "id": "person"}), f"{POST}/x-importer/then/id: tag has no field 'person'; it has b"),
    (_then({"operation": "tag", "id": "b"}, requestBody={"content": {"application/json": {"schema": {"type": "object", "properties": {"tag": TEXT}}}}}),
     f"{POST}/x-importer/then/operation: a field of create is called 'tag', too; rename the operation"),
]  # fmt: skip

# The file as such, by its text; an overlay of a document, by its text.
FILES: list[tuple[str, str]] = [
    ("openapi: [", "is not YAML: "),
    ("openapi: 3.1.0\npaths: 5\n", "is not laid out as OpenAPI asks: AttributeError"),
    ("just words", "is not an OpenAPI document (its first line says, for example: openapi: 3.1.0)"),
    ("openapi: 3.1.0\n" + "#" * 5_000_001, "is larger than 5 MB; keep only what is sent"),
    ("openapi: 3.1.0\n" + "#" * 20_000_001, "is larger than 20 MB; keep only what is sent"),
    ('{"openapi": ' + "[" * 5000 + "]" * 5000 + "}", "is nested too deeply"),
]
TARGET = "target: $.paths['/people'].post"
OVERLAYS: list[tuple[str, str]] = [
    ("actions: []", "extends: is missing; it names the vendor's document, such as extends: acme-openapi.json"),
    ("extends: https://example.com/a.json", "extends: https://example.com/a.json is not kept on this machine; vendors add downloads it"),
    ("extends: madeup.yaml\nx-extends-sha256: abc", "x-extends-sha256: madeup.yaml has changed since this overlay was written; look at the changes, then put its new SHA-256 here: "),
    ("extends: madeup.yaml\nactions: [{ update: {} }]", "#/actions/0: an action has a target, such as $.paths['/contacts'].post"),
    ("extends: madeup.yaml\nactions: [{ target: '$[', update: {} }]", "#/actions/0/target: is not a JSONPath: "),
    ("extends: madeup.yaml\nactions: [{ target: $.nowhere, update: {} }]", "#/actions/0/target: $.nowhere is nowhere in the document that this extends"),
    ("extends: madeup.yaml\nactions: [{ target: $, remove: true }]", "#/actions/0/target: the whole document cannot be removed"),
    ("extends: madeup.yaml\nactions: [{ target: $.openapi, update: {} }]", "#/actions/0/update: only an object or a list can be updated"),
]  # fmt: skip
# Said of a file or a name, below; of documents too large for a test; and for what no test foresees.
SAID_ELSEWHERE = {
    "cannot be read: ",
    "has no operation ",
    " takes no row: only POST, PUT and PATCH can be added",
    ", or the path of an OpenAPI .yaml file",
    "the document is spread over more than ",
    " parts; remove some in an overlay",
    " parts that no cell can hold",
    "is nested too deeply, or a $ref leads back to itself",
}


def _person() -> dict[str, Any]:
    return {"type": "object", "required": ["friend"], "properties": {"friend": {"$ref": "#/components/schemas/Person"}}}


@pytest.mark.parametrize(("node", "words"), PARTS)
def test_a_part_that_no_cell_can_hold(document: Write, node: Any, words: str) -> None:
    file = document({"a": node, "b": TEXT}, required=("a",), schemas={"Person": _person()})

    with pytest.raises(ContractError) as caught:
        load_vendor(file)

    place = "" if words.startswith("#") else A
    remedy = "" if "form: 0" in words else GIVE_A_VALUE
    assert str(caught.value) == f"{file}: {place}{words}{remedy}"
    operation = load_vendor(document({"a": node, "b": TEXT}, schemas={"Person": _person()})).operations["create"]
    assert [field.path for field in operation.fields] == ["b"]
    assert [left.path for left in operation.left_out] == ["a"]
    assert operation.left_out[0].place
    assert operation.left_out[0].reason in words


@pytest.mark.parametrize(("change", "words"), OTHERS)
def test_anything_else(document: Write, change: dict[str, Any], words: str) -> None:
    file = document(**change)

    with pytest.raises(ContractError) as caught:
        load_vendor(file)

    assert str(caught.value) == f"{file}: {words}"


@pytest.mark.parametrize(("text", "words"), FILES)
def test_a_file_that_is_no_document(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "acme.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(ContractError) as caught:
        load_vendor(file)

    assert str(caught.value).startswith(f"{file}: {words}")


@pytest.mark.parametrize(("text", "words"), OVERLAYS)
def test_an_overlay(document: Write, text: str, words: str) -> None:
    file = document().with_name("acme.yaml")
    file.write_text(f"overlay: 1.0.0\n{text}\n", encoding="utf-8")

    with pytest.raises(ContractError) as caught:
        load_vendor(file)

    assert str(caught.value).startswith(f"{file}: {words}")


def test_a_name_and_an_operation_that_are_not_there(document: Write, tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"^there is no vendor 'acme'; known are cleartalk, clemta, gomobile, iclosed, or the path of an OpenAPI \.yaml file$"):  # fmt: skip
        load_vendor("acme")
    with pytest.raises(ContractError, match=r"nothing\.yaml: cannot be read: No such file or directory$"):
        load_vendor(tmp_path / "nothing.yaml")
    with pytest.raises(ContractError, match=r"madeup\.yaml: has no operation POST /nobody$"):
        draft_overlay(document(), "post", "/nobody", "acme")
    paths = {"/people/{id}": {"delete": {"responses": {}}}}
    with pytest.raises(
        ContractError, match=r"madeup\.yaml: DELETE /people/\{id\} takes no row: only POST, PUT and PATCH"
    ):
        draft_overlay(document(top={"paths": paths}), "delete", "/people/{id}", "acme")


def test_every_refusal_in_the_code_is_in_a_table_here() -> None:
    said = " ".join(words for _, words in (*PARTS, *OTHERS, *FILES, *OVERLAYS))

    assert set(_refusals()) - SAID_ELSEWHERE == {words for words in _refusals() if words in said}


def _refusals() -> list[str]:
    """Return the longest fixed part of each message that the code raises."""
    found = []
    for file in Path(schemas.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("ContractError", "UnsupportedError"):
                fixed = [part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)]
                longest = max((str(part) for part in fixed), key=len, default="")
                found += [longest.removeprefix(": ")] if len(longest) > len(": no") else []
    return found
