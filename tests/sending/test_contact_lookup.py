"""What the answer to a look-up says of a row: never more than it shows."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from importer.model.delivery import LookedUp, Outcome, Verdict
from importer.sending.contact_lookup import LOOKUP_FAILED, ContactLookup
from importer.sending.http_client import Exchange, Failure
from schemas.registry import load_vendor

ROW = {"email": "Ana@example.com", "company_id": "c1", "full_name": "Ana", "billing.phone": "+15550100001"}
ANA = {"id": "7", "email": "ana@example.com", "full_name": "Ana", "billing": {"phone": "1 555 010 0001"}}


def lookup() -> ContactLookup:
    operation = load_vendor("clemta").operations["create"]
    assert operation.lookup is not None
    return ContactLookup(operation, operation.lookup, operation.identity)


def read(answer: Any, status: int = 200, **more: Any) -> LookedUp | Outcome:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return lookup().read(Exchange(status, {}, body, **more), 2, ROW, now=1.0, secret="key")


def listed(*contacts: dict[str, Any], total: int | None = None) -> dict[str, Any]:
    return {"success": True, "data": {"contacts": contacts, "total": len(contacts) if total is None else total}}


def test_a_row_is_asked_for_by_the_fields_of_its_identity() -> None:
    path = lookup().path(ROW) or ""

    asked = parse_qs(urlsplit(path).query)
    assert urlsplit(path).path == "/contacts"
    assert (asked["company_id"], asked["search"]) == (["c1"], ["Ana@example.com"])
    assert lookup().path({"email": "ana@example.com"}) is None


def test_a_contact_is_like_a_row_whatever_the_case_and_others_are_not() -> None:
    found = read(listed({**ANA, "id": 8, "email": "anna@example.com"}, ANA))

    assert isinstance(found, LookedUp)
    assert found.ids == ("7",)
    assert found.values["full_name"] == "Ana"
    assert found.values["billing.phone"] == "1 555 010 0001"
    assert found.values["company_id"] == "c1"  # it was asked for, and is not shown
    assert "description" not in found.values  # not shown, so nobody knows


@pytest.mark.parametrize(
    ("answer", "ids"),
    [
        (listed(), ()),
        (listed(ANA, {**ANA, "id": "8"}), ("7", "8")),
        (listed(ANA, {**ANA, "id": "8"}, total=9), ("7", "8")),
    ],
)
def test_none_and_several_are_told_apart(answer: dict[str, Any], ids: tuple[str, ...]) -> None:
    found = read(answer)

    assert isinstance(found, LookedUp)
    assert found.ids == ids


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (b"<html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        ({"success": True}, "no list of contacts"),
        ({"data": {"contacts": ["ana@example.com"]}}, "no list of contacts"),
        (listed(total=3), "only 0 of 3"),
        (listed(ANA, total=3), "only 1 of 3"),
        (listed({"identifier": "7", "email": "ana@example.com"}), "without its id"),
        (listed({"id": "7", "mail": "ana@example.com"}), "without email and company_id"),
    ],
)
def test_an_answer_that_does_not_tell_is_no_answer(answer: Any, words: str) -> None:
    found = read(answer)

    assert isinstance(found, Outcome)
    assert (found.verdict, found.code) == (Verdict.NOT_SENT, LOOKUP_FAILED)
    assert words in found.message
    assert "nothing was sent" in found.message


@pytest.mark.parametrize(
    ("status", "verdict", "code"),
    [
        (401, Verdict.STOP, "http_401"),
        (429, Verdict.THROTTLED, "http_429"),
        (404, Verdict.NOT_SENT, LOOKUP_FAILED),
        (500, Verdict.NOT_SENT, "http_500"),
    ],
)
def test_a_look_up_that_fails_is_never_uncertain(status: int, verdict: Verdict, code: str) -> None:
    found = read({"success": False, "message": "no"}, status)

    assert isinstance(found, Outcome)
    assert (found.verdict, found.code) == (verdict, code)
    assert "may or may not" not in found.message


def test_an_answer_that_is_cut_off_is_tried_again() -> None:
    found = read(listed(), failure=Failure.CUT_OFF, detail="the answer was cut off")

    assert isinstance(found, Outcome)
    assert (found.verdict, found.code != LOOKUP_FAILED) == (Verdict.NOT_SENT, True)
