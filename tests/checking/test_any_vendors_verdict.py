"""A made-up vendor with every type and keyword: a row is invalid exactly where its body is, field by field."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import jsonschema_rs
import polars as pl
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.checking import Checker, FieldSource
from importer.cleaning import split_list_fields
from importer.errors import MappingError
from importer.mapping import match_columns
from importer.model.problem_frame import render_problems
from importer.model.table import Batch
from importer.sending.payload import PayloadBuilder
from importer.settings import Settings
from schemas.contract import Field, Operation
from schemas.registry import load_vendor

TEXT = {"type": "string"}
GEO = {"type": "object", "required": ["lat", "lon"], "properties": {"lat": TEXT, "lon": TEXT, "note": TEXT}}
# No \d beside a look-ahead: there jsonschema-rs takes it for any Unicode digit, which ECMAScript does not.
PROPERTIES: dict[str, Any] = {
    "mail": {"type": "string", "format": "email", "minLength": 6},
    "code": {"type": "string", "pattern": r"^(?!0)[0-9]{2,4}$", "maxLength": 3},
    "late": {"type": "string", "pattern": "(?<=a)b"},
    "kind": {"type": ["string", "null"], "enum": ["a", "é", None]},
    "only": {"type": "string", "const": "x"},
    "age": {"type": "integer", "minimum": 18, "exclusiveMaximum": 100},
    "score": {"type": "number", "exclusiveMinimum": -1.5, "maximum": 10},
    "price": {"type": "number", "multipleOf": 0.01},
    "seats": {"type": "integer", "multipleOf": 5},
    "vip": {"type": "boolean"},
    "tags": {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": "string", "maxLength": 3, "pattern": "^[a-z😀]+$"}},
    "copies": {"type": "array", "items": {"type": "string", "format": "email"}},
    "home": {"type": "object", "required": ["part"], "properties": {"part": {"type": "string", "minLength": 1}, "floor": TEXT}},
    "geo": GEO,
    "extra": {"type": "object", "additionalProperties": {"type": "string", "maxLength": 2}},
    "uid": {"type": "string", "format": "uuid"},
    "born": {"type": "string", "format": "date"},
    "seen": {"type": "string", "format": "date-time"},
    "link": {"type": "string", "format": "uri"},
}  # fmt: skip
VALUES: dict[str, list[str]] = {
    "age": ["18", "17", "99", "100", "+20", "-5", "0019", "1.5", "x", "", "٢٠"],
    "score": ["1", "10", "10.1", "-1.5", "-1.49", ".5", "5.", "1e1", "2e1", "-2E0", "+3", "nan", "inf", "1_0", ""],
    "price": ["19.99", "0.07", "1234567.89", "0.005", "1e-3", "100", "-0.1", ""],
    "seats": ["5", "0", "-15", "12", "90071992547409935", "90071992547409932"],
    "vip": ["true", "FALSE", "yes", "1", ""],
    "tags": ["a;b", "a", "a;b;c;d", "a;toolong", "a;B", "😀;a", "😀😀;a", "a;b;"],
    "copies": ["a@b.co", "a@b.co;bad", "a" * 65 + "@b.co;a@b.co"],
}
OTHERS = ["a", "é", "b", "ab", "x", "12", "012", "1234", "a@b.co", "a@b", "", "\n", "12\n", "😀", "😀😀", "١٢", "2024-02-29", "2023-02-29",
          "2024-02-29T10:00:00Z", "2016-12-31T23:59:60Z", "http://a.b/", "http://a b", "123e4567-e89b-12d3-a456-426614174000"]  # fmt: skip


def vendor_of(folder: Path, schema: dict[str, Any]) -> Operation:
    post = {"x-importer": {"id": "/id"}, "requestBody": {"content": {"application/json": {"schema": schema}}}}
    content = {"openapi": "3.1.0", "info": {"title": "Any"}, "paths": {"/any": {"post": post}}}
    (folder / "any.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return load_vendor(folder / "any.yaml").operations["create"]


def in_utf16_units(value: Any) -> Any:
    """JSON Schema counts code points and we UTF-16 units: the class in the pattern knows the pair's first half too."""
    if isinstance(value, list):
        return [in_utf16_units(text) for text in value]
    return value.replace("😀", "zz") if isinstance(value, str) else value


def ours(operation: Operation, fields: list[Field], frame: pl.DataFrame) -> list[set[str]]:
    checker = Checker(operation, fields, {field.path: FieldSource(field.path, None) for field in fields})
    found: list[set[str]] = [set() for _ in range(frame.height)]
    for problem in checker.check(frame, Batch(frame)).problems.iter_rows(named=True):
        found[problem["row"]].add(problem["field"] or problem["code"])
    return found


def theirs(operation: Operation, fields: list[Field], values: tuple[Any, ...]) -> set[str]:
    """Fields that the validator complains of; a text that is no number or boolean cannot be built and is one as well."""
    texts = [
        in_utf16_units(value) if field.path not in ("kind", "late") else value
        for field, value in zip(fields, values, strict=True)
    ]
    wrong, kept = set(), []
    for field, text in zip(fields, texts, strict=True):
        broken = text is not None and field.type in ("integer", "number", "boolean") and not _is_json(field.type, text)
        wrong |= {field.path} if broken else set()
        kept.append(None if broken else text)
    body = PayloadBuilder(operation, fields).body(kept)
    paths = {field.path for field in fields}
    for error in jsonschema_rs.Draft202012Validator(operation.body_schema, validate_formats=True).iter_errors(body):
        steps = [str(step) for step in error.instance_path]
        if error.kind.name == "required":
            steps.append(error.kind.property)
        wrong.add(
            next((".".join(steps[:size]) for size in (2, 1) if ".".join(steps[:size]) in paths), "?" + ".".join(steps))
        )
    return wrong


def _is_json(type_: str, text: str) -> bool:
    if type_ == "boolean":
        return text.lower() in ("true", "false")
    try:
        return text.isascii() and "_" not in text and math.isfinite(int(text) if type_ == "integer" else float(text))
    except ValueError:
        return False


def test_a_row_is_invalid_exactly_where_its_body_is(tmp_path: Path) -> None:
    operation = vendor_of(tmp_path, {"type": "object", "required": ["mail"], "properties": PROPERTIES})
    fields = [field.member("plan") if field.open else field for field in operation.fields]
    choices = [st.one_of(st.none(), st.sampled_from(VALUES.get(field.path, OTHERS))) for field in fields]

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.tuples(*choices), min_size=5, max_size=20))
    def law(rows: list[tuple[str | None, ...]]) -> None:
        texts = pl.DataFrame(rows, schema={field.path: pl.String for field in fields}, orient="row")
        frame = split_list_fields(texts, fields).with_row_index("row").with_columns(pl.col("row").cast(pl.UInt32))

        expected = [theirs(operation, fields, row) for row in frame.select(field.path for field in fields).iter_rows()]
        assert ours(operation, fields, frame) == expected

    law()


NESTED = [
    pytest.param(
        {"home": {"type": "object", "required": ["part"], "properties": {"part": TEXT, "zip": TEXT}}}, (), {"home.zip": "1"},
        id="a required member of an object that no column maps to",
    ),
    pytest.param(
        {"home": {"type": "object", "required": ["geo"], "properties": {"zip": TEXT, "geo": GEO}}}, (),
        {"home.zip": "1", "home.geo.lat": None, "home.geo.lon": None, "home.geo.note": None},
        id="a required object in an optional one",
    ),
    pytest.param(
        {"mail": TEXT, "home": {"type": "object", "properties": {"city": TEXT}}}, ("home",), {"mail": "a", "home.city": None},
        id="a required object whose members are all optional",
    ),
    pytest.param(
        {"home": {"type": "object", "required": ["extra"], "properties": {"zip": TEXT, "extra": {"type": "object"}}}}, (),
        {"home.zip": "1"},
        id="a required open object in an optional one",
    ),
    pytest.param({"score": {"type": "number"}}, (), {"score": "1e400"}, id="a number that JSON cannot hold"),
    pytest.param({"age": {"type": "integer", "maximum": 9007199254740992}}, (), {"age": "9007199254740993"}, id="a great number"),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "required", "texts"), NESTED)
def test_a_row_without_problems_has_a_valid_body(
    tmp_path: Path, properties: dict[str, Any], required: tuple[str, ...], texts: dict[str, str | None]
) -> None:
    operation = vendor_of(tmp_path, {"type": "object", "required": list(required), "properties": properties})
    try:
        match_columns(list(texts), operation, Settings("any"))
    except MappingError:
        return  # said before any row is judged, which is as good
    fields = [field for path in texts if (field := operation.field(path))]
    frame = pl.DataFrame(
        {"row": [0]} | {path: [text] for path, text in texts.items()},
        schema={"row": pl.UInt32} | dict.fromkeys(texts, pl.String),
    )

    (wrong,) = ours(operation, fields, frame)
    if wrong:
        return  # it has problems, which is as good
    (delivery,) = PayloadBuilder(operation, fields).deliveries(frame, {})

    body = json.loads(delivery.body, parse_constant=str)
    assert jsonschema_rs.Draft202012Validator(operation.body_schema, validate_formats=True).is_valid(body)


@pytest.mark.parametrize("home", [None, "1"])
def test_an_open_object_asked_for_in_an_object_needs_no_member(tmp_path: Path, home: str | None) -> None:
    inner = {"type": "object", "required": ["extra"], "properties": {"zip": TEXT, "extra": {"type": "object"}}}
    operation = vendor_of(tmp_path, {"type": "object", "properties": {"home": inner}})
    fields = [field for path in ("home.zip", "home.extra.k") if (field := operation.field(path))]
    frame = pl.DataFrame(
        {"row": [0], "home.zip": [home], "home.extra.k": [None]},
        schema={"row": pl.UInt32, "home.zip": pl.String, "home.extra.k": pl.String},
    )

    assert ours(operation, fields, frame) == [set()]


def test_the_length_of_an_entry_is_the_entrys_and_not_the_lists(tmp_path: Path) -> None:
    operation = vendor_of(
        tmp_path,
        {"type": "object", "properties": {"tags": {"type": "array", "items": {"type": "string", "maxLength": 3}}}},
    )
    fields = list(operation.fields)
    frame = pl.DataFrame(
        {"row": [0], "tags": [["abc", "abcde"]]}, schema={"row": pl.UInt32, "tags": pl.List(pl.String)}
    )

    checker = Checker(operation, fields, {"tags": FieldSource("Tags", None)})
    (message,) = render_problems(checker.check(frame, Batch(frame)).problems)["message"]

    assert "5 characters" in message
