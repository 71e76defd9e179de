"""Our verdict on a row equals that of an independent JSON Schema validator on the body, field by field."""

from __future__ import annotations

import jsonschema_rs
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from importer.checking import Checker, FieldSource
from importer.checking.checker import DAMAGE
from importer.cleaning import split_list_fields
from importer.model.table import Batch
from importer.sending.payload import PayloadBuilder
from schemas.contract import Field, Operation, Vendor
from schemas.registry import load_vendor

OPERATIONS = [
    ("cleartalk", "create"),
    ("cleartalk", "update"),
    ("iclosed", "create"),
    ("clemta", "create"),
    ("gomobile", "create"),
]
GOOD = {
    "email": ["a@example.com", "o'neil+x@sub.example.org", "x_y-z@example.co"],
    "phone": ["+15550100001", "15550100001", "0"],
    "date-time": ["2024-02-29T10:00:00Z", "2024-01-15T10:00:00.000Z", "2000-02-29T23:59:59.5Z"],
    "uri": ["https://example.com/a?b=c#d", "http://[::1]/", "mailto:a@example.com"],
}
BAD = [
    "a@b", "a@@example.com", ".a@example.com", "a..b@example.com", "a@example.com\n", "josé@example.com", "a b@example.com",
    "+१२३", "12\n", "+", "2023-02-29T10:00:00Z", "2024-01-15T10:00Z", "2024-01-15", "2024-01-15T24:00:00Z",
    "2024-01-15T10:00:00+01:00", "https://exa mple.com", "example.com", "https://example.com/é", "POTENTIAL ", "potential",
    "customer", "vendor", "QUALIFIED", "", " ", "x" * 26, "😀" * 13, "😀" * 12, "é" * 25, "x" * 256, "US", "USA", "😀", "😀x",
]  # fmt: skip
TEXTS = st.one_of(
    st.sampled_from([value for values in GOOD.values() for value in values]),
    st.sampled_from(BAD),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30),
)
ROW_RULES = {"nothing_to_send"}


def fields_of(operation: Operation) -> list[Field]:
    return [field.member("plan") if field.open else field for field in operation.fields]


def values_for(field: Field) -> st.SearchStrategy[str | None]:
    good = GOOD.get(str(field.kind), []) + list(field.limits.enum or [])
    return st.one_of(st.none(), st.sampled_from(good), TEXTS) if good else st.one_of(st.none(), TEXTS)


def ours(checker: Checker, frame: pl.DataFrame) -> list[set[str]]:
    found: list[set[str]] = [set() for _ in range(frame.height)]
    for problem in checker.check(frame, Batch(frame)).problems.iter_rows(named=True):
        if problem["severity"] == "error":
            found[problem["row"]].add(problem["field"] or problem["code"])
    return found


def damaged(checker: Checker, frame: pl.DataFrame) -> list[set[str]]:
    """The fields that hold what a program damaged or no date: refused whatever the document says, by another law."""
    found: list[set[str]] = [set() for _ in range(frame.height)]
    for problem in checker.check(frame, Batch(frame)).problems.iter_rows(named=True):
        if problem["code"] in DAMAGE or problem["code"] == "not_a_date":
            found[problem["row"]].add(problem["field"])
    return found


def theirs(vendor: Vendor, operation: Operation, fields: list[Field], frame: pl.DataFrame) -> list[set[str]]:
    schema = {**operation.body_schema, "components": vendor.document["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    builder = PayloadBuilder(operation, fields)
    paths = {field.path for field in fields}
    found = []
    for row in frame.select(field.path for field in fields).iter_rows():
        values = [in_utf16_units(value) for value in row]
        wrong = set()
        for field, value in zip(fields, values, strict=True):
            if field.in_path and not value:
                wrong.add(field.path)
        for error in validator.iter_errors(builder.body(values)):
            if error.kind.name == "format" and has_pattern(operation, error):
                continue  # the pattern is the document's word, the format only warns
            steps = [str(step) for step in error.instance_path]
            if error.kind.name == "required":
                steps.append(error.kind.property)
            named = next((".".join(steps[:size]) for size in (2, 1) if ".".join(steps[:size]) in paths), None)
            wrong.add(named or "nothing_to_send")
        found.append(wrong)
    return found


def has_pattern(operation: Operation, error: jsonschema_rs.ValidationError) -> bool:
    field = operation.field(".".join(str(step) for step in error.instance_path))
    return field is not None and field.limits.pattern is not None


def in_utf16_units(value: str | list[str] | None) -> str | list[str] | None:
    """JSON Schema counts code points, the vendors count UTF-16 units: two characters in the place of each pair."""
    if isinstance(value, list):
        return [str(in_utf16_units(text)) for text in value]
    return None if value is None else "".join("\ue000\ue001" if ord(char) > 0xFFFF else char for char in value)


@pytest.mark.parametrize(("vendor_name", "operation_name"), OPERATIONS)
def test_our_verdict_on_every_field_is_the_validators(vendor_name: str, operation_name: str) -> None:
    vendor = load_vendor(vendor_name)
    operation = vendor.operations[operation_name]
    fields = fields_of(operation)
    checker = Checker(operation, fields, {field.path: FieldSource(field.path, None) for field in fields})
    rows = st.lists(st.tuples(*(values_for(field) for field in fields)), min_size=1, max_size=12)

    @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows)
    def law(values: list[tuple[str | None, ...]]) -> None:
        texts = pl.DataFrame(values, schema={field.path: pl.String for field in fields}, orient="row")
        frame = split_list_fields(texts, fields).with_row_index("row").with_columns(pl.col("row").cast(pl.UInt32))

        both = zip(ours(checker, frame), theirs(vendor, operation, fields, frame), damaged(checker, frame), strict=True)
        assert [
            (ours_ - broken, theirs_ - broken) for ours_, theirs_, broken in both if ours_ - broken != theirs_ - broken
        ] == []

    law()
