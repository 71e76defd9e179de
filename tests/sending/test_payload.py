"""Rows become the bodies the documents show, and digests that know them again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from importer.model.delivery import Delivery
from importer.model.status import Status
from importer.pipeline import check_file
from importer.sending.http_client import Client, Exchange, Failure
from importer.sending.payload import PayloadBuilder
from importer.sending.target import Target
from importer.settings import Settings
from schemas.registry import load_vendor


def deliver(vendor: str, operation: str = "create", **values: object) -> Delivery:
    found = load_vendor(vendor).operations[operation]
    paths = [path.replace("__", ".") for path in values]
    fields = [found.field(path) for path in paths]
    assert all(fields)
    return PayloadBuilder(found, [field for field in fields if field]).delivery(2, list(values.values()))


def test_blank_fields_are_left_out_and_empty_texts_are_sent() -> None:
    assert json.loads(deliver("iclosed", email="a@example.com", tag=None, utm="").body) == {
        "email": "a@example.com",
        "utm": "",
    }


def test_text_stays_text() -> None:
    body = json.loads(deliver("cleartalk", phone="007", tag="1e5", listName="true", customField__plan="12").body)

    assert body == {"phone": "007", "tag": "1e5", "listName": "true", "customField": {"plan": "12"}}


def test_a_required_open_object_is_there_even_when_nothing_feeds_it() -> None:
    assert json.loads(deliver("cleartalk", email="a@example.com").body)["customField"] == {}
    assert "customField" not in json.loads(deliver("cleartalk", "update", id="1", email="a@example.com").body)


def test_clemtas_billing_is_nested_without_a_prefix() -> None:
    body = json.loads(
        deliver("clemta", billing__address_1="1 Main St", billing__email=None, cc_emails=["a@example.com"]).body
    )

    assert body == {"billing": {"address_1": "1 Main St"}, "cc_emails": ["a@example.com"]}


def test_no_billing_when_all_of_it_is_blank() -> None:
    assert "billing" not in json.loads(deliver("clemta", type="customer", billing__email=None).body)


def test_the_id_travels_in_the_path_quoted() -> None:
    sent = deliver("cleartalk", "update", id="a/b ü", tag="x")

    assert sent.path == "/contacts/a%2Fb%20%C3%BC"
    assert json.loads(sent.body) == {"tag": "x"}


def test_the_fingerprint_does_not_depend_on_the_order_of_columns() -> None:
    one = deliver("iclosed", email="a@example.com", tag="x")
    other = deliver("iclosed", tag="x", email="a@example.com")

    assert one.fingerprint == other.fingerprint
    assert one.fingerprint != deliver("iclosed", tag="y", email="a@example.com").fingerprint


def test_identity_is_the_e_mail_without_case_else_the_phones_digits() -> None:
    by_mail = deliver("iclosed", email="A@Example.com", phoneNumber="1").identity

    assert by_mail == deliver("iclosed", email="a@example.com ", phoneNumber="2").identity
    assert (
        deliver("iclosed", email=None, phoneNumber="+1 555").identity
        == deliver("iclosed", phoneNumber="+1555").identity
    )
    assert deliver("iclosed", tag="x").identity is None


def test_clemtas_identity_needs_the_company_too() -> None:
    one = deliver("clemta", email="a@example.com", company_id="1").identity

    assert one != deliver("clemta", email="a@example.com", company_id="2").identity
    assert deliver("clemta", email="a@example.com").identity is None


@pytest.mark.parametrize(
    "contact", ["a/b", "a?b", "a#b", "a%2Fb", "a%b", "..%2f..", "a b", "a\nb", "a\x00b", "ü", "../x", "%2e%2e"]
)
def test_an_id_is_one_step_of_the_path_on_the_wire(
    raw_vendor: Callable[[Any], Any], answers: Any, contact: str
) -> None:
    vendor = raw_vendor(lambda *_: answers[1](200, b"{}"))
    sent = deliver("cleartalk", "update", id=contact, tag="x")

    async def send() -> None:
        async with Client(Target(vendor.url, {}, "x"), "PATCH", timeout=2.0, connections=1) as client:
            await client.send(sent.path, sent.body, lambda _: None)

    asyncio.run(send())

    path = vendor.heads[0].split()[1].decode()
    assert path.count("/") == 2
    assert "?" not in path
    assert unquote(path.rpartition("/")[2]) == contact


@pytest.mark.parametrize("contact", [".", ".."])
def test_a_step_that_cannot_be_escaped_is_never_sent(
    raw_vendor: Callable[[Any], Any], answers: Any, contact: str
) -> None:
    vendor = raw_vendor(lambda *_: answers[1](200, b"{}"))
    sent = deliver("cleartalk", "update", id=contact, tag="x")

    async def send() -> Exchange:
        async with Client(Target(vendor.url, {}, "x"), "PATCH", timeout=2.0, connections=1) as client:
            return await client.send(sent.path, sent.body, lambda _: None)

    assert asyncio.run(send()).failure is Failure.NOT_SENT
    assert vendor.heads == []


@pytest.mark.parametrize("contact", [".", ".."])
def test_a_row_whose_id_would_lead_elsewhere_is_invalid(tmp_path: Path, contact: str) -> None:
    file = tmp_path / "f.csv"
    file.write_text(f"id,tag\n{contact},x\n7,y\n")

    summary = check_file(file, Settings("cleartalk", operation="update", output=tmp_path / "out"))

    assert (summary.counts[Status.INVALID], summary.counts[Status.VALID]) == (1, 1)
    assert summary.examples[0].code == "path_step"
