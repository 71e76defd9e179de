"""Any object of the supported keywords goes document → pandera schema → body, and jsonschema-rs agrees."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandera.errors
import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.sandbox.vendor_api import VendorApi
from importer.sending.payload import PayloadBuilder
from schemas.contract import ContractError
from schemas.dataframe_schema import build_schema
from schemas.registry import load_vendor

Write = Callable[..., Path]
NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
TEXTS = st.fixed_dictionaries(
    {"type": st.just("string")},
    optional={
        "minLength": st.integers(0, 3),
        "maxLength": st.integers(3, 6),
        "pattern": st.sampled_from(["^[a-z]+$", r"\d", "^x|y$"]),
        "nullable": st.booleans(),
        "enum": st.just(["ab", "x1", "abcde"]),
        "readOnly": st.booleans(),
    },
)
NUMBERS = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number"])},
    optional={
        "minimum": st.integers(-2, 2),
        "maximum": st.integers(3, 9),
        "exclusiveMinimum": st.booleans(),
        "multipleOf": st.sampled_from([2, 0.5]),
    },
)
LISTS = st.fixed_dictionaries(
    {"type": st.just("array"), "items": st.one_of(TEXTS, NUMBERS)},
    optional={"minItems": st.integers(0, 1), "maxItems": st.integers(1, 2)},
)
LEAVES = st.one_of(
    TEXTS,
    NUMBERS,
    st.just({"type": "boolean"}),
    LISTS,
    NUMBERS.map(lambda node: {"allOf": [node, {"maximum": 5}]}),
    TEXTS.map(lambda node: {"oneOf": [node, {"type": "null"}]}),
    st.just({"type": "string", "const": "k1"}),
)


def _objects(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(NAMES, children, min_size=1, max_size=3).flatmap(
        lambda properties: st.lists(st.sampled_from(sorted(properties)), unique=True).map(
            lambda required: {
                "type": "object",
                "properties": properties,
                **({"required": required} if required else {}),
            }
        )
    )


def _entries(node: Any) -> Any:
    return {"type": "array", "items": node, "minItems": 1}


SCHEMAS = _objects(st.one_of(LEAVES, _objects(LEAVES), _objects(LEAVES).map(_entries)))
CELLS = st.one_of(st.none(), st.sampled_from(["ab", "x1", "abcde", "k1", "3", "0", "true", "y", ""]))
# What is no number is no value of JSON Schema's to judge.
NUMBER_CELLS = st.one_of(st.none(), st.sampled_from(["-2", "0", "1", "3", "9"]))
CELLS_BY_TYPE = {
    "integer": NUMBER_CELLS,
    "number": NUMBER_CELLS,
    "boolean": st.one_of(st.none(), st.sampled_from(["true", "false"])),
}


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(schema=SCHEMAS, data=st.data())
def test_our_verdict_of_a_row_is_that_of_json_schema(schema: dict[str, Any], data: st.DataObject) -> None:
    content = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {"/p": {"post": {"x-importer": {"id": "/id"}, "requestBody": {"content": {"application/json": {"schema": schema}}}}}},
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "v.yaml"
        file.write_text(yaml.safe_dump(content))
        try:
            vendor = load_vendor(file)
        except ContractError as error:
            assert "#/paths" in str(error)  # noqa: PT017 - a refusal names its place
            return
    operation = vendor.operations["create"]
    fields = [field for field in operation.fields if not field.open]
    if not fields:
        return
    cells: dict[str, Any] = {}
    for field in fields:
        of_type = field.entry_type if field.type == "array" else field.type
        cell = data.draw(CELLS_BY_TYPE.get(of_type, CELLS), label=field.path)
        cells[field.path] = [cell] if field.type == "array" and cell is not None else cell
    types = {field.path: pl.List(pl.String) if field.type == "array" else pl.String for field in fields}
    frame = pl.DataFrame({path: [value] for path, value in cells.items()}, schema=types)
    try:
        build_schema(operation, fields).validate(frame, lazy=True)
        ours = True
    except (pandera.errors.SchemaErrors, pandera.errors.SchemaError):
        ours = False
    body = PayloadBuilder(operation, fields).body([cells[field.path] for field in fields])
    violations = VendorApi(vendor).violations(operation, json.loads(json.dumps(body)))
    if operation.envelope and not any(value is not None for value in cells.values()):
        return  # an empty request creates nothing, so the one object around all fields counts as required
    assert ours == (not violations), (body, violations)


def test_a_document_of_ten_thousand_properties_is_read_within_seconds(document: Write) -> None:
    begun = time.perf_counter()

    assert (
        len(load_vendor(document({f"f{n}": {"type": "string"} for n in range(10_000)})).operations["create"].fields)
        == 10_000
    )
    assert time.perf_counter() - begun < 20


def test_references_that_double_at_every_step_end_in_a_message(document: Write) -> None:
    schemas: dict[str, Any] = {
        f"S{n}": {
            "type": "object",
            "properties": {
                "a": {"$ref": f"#/components/schemas/S{n + 1}"},
                "b": {"$ref": f"#/components/schemas/S{n + 1}"},
            },
        }
        for n in range(30)
    }
    schemas["S30"] = {"type": "string"}
    begun = time.perf_counter()

    with pytest.raises(ContractError, match="more than 50,000 parts"):
        load_vendor(document({"a": {"$ref": "#/components/schemas/S0"}}, schemas=schemas))

    assert time.perf_counter() - begun < 20
