"""Facts of the vendors' pages that a slip in a document would change."""

from __future__ import annotations

import json

import polars as pl
import pytest

from importer.checking import Checker, FieldSource
from importer.cleaning import split_list_fields
from importer.model.problem_frame import render_problems
from importer.model.table import Batch
from schemas.contract import Field, Operation
from schemas.registry import load_vendor, vendor_names

OPERATIONS = [(name, operation) for name in vendor_names() for operation in load_vendor(name).operations]
# The example of the vendor's own page, word for word.
EXAMPLES = {
    "iclosed": {
        "firstName": "Jane",
        "lastName": "Doe",
        "email": "jane.doe@example.com",
        "phoneNumber": "+15551234567",
        "status": "POTENTIAL",
        "tag": "lead-2024",
        "joinedTime": "2024-01-15T10:00:00.000Z",
        "eventName": "Product Demo",
        "utm": "utm_source=google&utm_medium=cpc",
        "country": "US",
        "timeZone": "America/New_York",
        "ipAddress": "192.168.1.1",
        "referrerUrl": "https://example.com/signup",
    },
    "gomobile": {
        "primaryPhone": "+212612345678",
        "firstName": "John",
        "lastName": "Doe",
        "fullName": "John Doe",
        "primaryEmail": "john@example.com",
        "address": "123 Main St",
        "city": "Casablanca",
        "state": "Casablanca-Settat",
        "zip": "20000",
        "occupation": "Engineer",
        "preferredChannel": "phone",
    },
    "clemta": {
        "type": "customer",
        "full_name": "John Doe",
        "email": "john@example.com",
        "company_id": "64b8f1a2e4b0c8d9f0123456",
        "description": "Primary contact for the company",
        "billing.phone": "1234567890",
        "billing.phone_code": "+1",
        "billing.iso_code": "US",
        "billing.country": "United States",
        "billing.address_1": "123 Main Street",
        "billing.postal_code": "12345",
        "billing.state": "CA",
    },
}


def problems_of(operation: Operation, fields: list[Field], texts: dict[str, str]) -> list[tuple[object, ...]]:
    frame = pl.DataFrame({"row": pl.Series([2], dtype=pl.UInt32), **{path: [text] for path, text in texts.items()}})
    shaped = split_list_fields(frame, fields)
    checker = Checker(operation, fields, {field.path: FieldSource(field.path, None) for field in fields})
    return render_problems(checker.check(shaped, Batch(shaped)).problems).select("field", "code", "message").rows()


def example_of(field: Field) -> str:
    if isinstance(field.example, list):
        return ";".join(field.example)
    return field.example or (field.limits.enum or ("x",))[0]


@pytest.mark.parametrize("vendor", EXAMPLES)
def test_the_example_of_the_vendors_page_is_valid_without_a_warning(vendor: str) -> None:
    operation = load_vendor(vendor).operations["create"]
    fields = [field for path in EXAMPLES[vendor] if (field := operation.field(path))]

    assert len(fields) == len(EXAMPLES[vendor])
    assert problems_of(operation, fields, EXAMPLES[vendor]) == []


@pytest.mark.parametrize(("vendor", "name"), OPERATIONS)
def test_every_example_of_a_document_keeps_to_its_own_limits(vendor: str, name: str) -> None:
    operation = load_vendor(vendor).operations[name]
    fields = [field for field in operation.fields if not field.open and (field.required or field.example is not None)]
    texts = {field.path: example_of(field) for field in fields}

    assert problems_of(operation, fields, texts) == []


def test_clemta_knows_two_types_of_contact() -> None:
    fields = {field.path: field for field in load_vendor("clemta").operations["create"].fields}

    assert fields["type"].limits.enum == ("customer", "vendor")
    assert [path for path, field in fields.items() if field.type == "array"] == ["cc_emails", "bcc_emails"]
    assert [path for path, field in fields.items() if field.limits.max_length is not None] == []


def test_cleartalk_documents_no_limit_at_all() -> None:
    for operation in load_vendor("cleartalk").operations.values():
        assert [field.path for field in operation.body_fields if field.limits != type(field.limits)()] == []


def test_gomobile_takes_the_documented_fields_and_no_others() -> None:
    operation = load_vendor("gomobile").operations["create"]

    assert [field.path for field in operation.fields] == [*EXAMPLES["gomobile"], "customAttributes"]
    assert operation.body_schema["additionalProperties"] is False
    assert operation.field("gender") is None


def test_the_headers_that_carry_the_key_are_the_documented_ones() -> None:
    found = {}
    for name in vendor_names():
        security = load_vendor(name).security
        assert security is not None
        (key,) = security.keys
        found[name] = (key.name, key.scheme, security.required)

    assert found == {
        "cleartalk": ("x-api-key", "", True),
        "clemta": ("X-API-Key", "", True),
        "gomobile": ("X-API-Key", "", False),
        "iclosed": ("Authorization", "Bearer", True),
    }


def test_placeholder_hosts_are_not_base_urls() -> None:
    assert {name: load_vendor(name).base_url for name in vendor_names()} == {
        "cleartalk": "https://api.cleartalk.ai",
        "clemta": "https://api.clemta.com",
        "gomobile": None,
        "iclosed": None,
    }


def test_documents_are_json_once_read() -> None:
    for name in vendor_names():
        assert json.loads(json.dumps(load_vendor(name).document)) == load_vendor(name).document
