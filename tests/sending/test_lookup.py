"""One lookup in a vendor's list proves that an uncertain row was created, that it was not, or neither."""

from __future__ import annotations

import json
from typing import Any

import pytest

from importer.sending.lookup import Found, Question, judge_lookup, lookup_url
from schemas.contract import Operation
from schemas.registry import load_vendor

SENT = {"type": "customer", "full_name": "Ana Ben", "email": "ana@example.com", "company_id": "c 1", "status": None}
NOW = 1_700_000_000.0


def clemta() -> Operation:
    return load_vendor("clemta").operations["create"]


def entry(**other: Any) -> dict[str, Any]:
    return {
        "id": "7", "created_at": int(NOW) + 1, "type": "customer", "full_name": "Ana Ben", "email": "ana@example.com",
        **other,
    }  # fmt: skip


def look(*entries: Any, status: int = 200, taken: frozenset[str] = frozenset()) -> tuple[Found, str | None, str]:
    body = json.dumps({"success": True, "data": {"contacts": list(entries)}}).encode()
    finding = judge_lookup(status, body, clemta(), Question(2, SENT, NOW, NOW + 30, taken))
    return finding.found, finding.vendor_id, finding.message


def test_the_question_names_what_the_contract_says() -> None:
    lookup = clemta().lookup

    assert lookup is not None
    assert lookup_url(lookup, SENT) == "/contacts?company_id=c+1&search=ana%40example.com&sort=created_at&order=desc"
    assert lookup_url(lookup, {**SENT, "email": None}) is None


@pytest.mark.parametrize(
    "shown",
    [
        entry(),
        entry(email="ANA@example.com "),
        entry(created_at=(NOW + 2) * 1000),
        entry(created_at="2023-11-14T22:13:25Z"),
        entry(full_name=None),  # not shown: nothing speaks against it
        entry(nickname="A"),
    ],
)
def test_one_contact_like_it_from_that_time_is_it(shown: dict[str, Any]) -> None:
    assert look(shown)[:2] == (Found.CREATED, "7")


def test_an_older_contact_beside_it_does_not_matter() -> None:
    assert look(entry(), entry(id="3", created_at=int(NOW) - 90_000))[:2] == (Found.CREATED, "7")


def test_nothing_with_the_identity_is_absent_whatever_else_the_search_finds() -> None:
    assert look()[0] is Found.ABSENT
    assert look(entry(email="joana@example.com"), entry(email=None))[0] is Found.ABSENT


def test_a_contact_that_is_another_rows_is_not_this_ones() -> None:
    assert look(entry(), taken=frozenset({"7"}))[0] is Found.ABSENT
    assert look(entry(), entry(id="8"), taken=frozenset({"7"}))[:2] == (Found.CREATED, "8")


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([entry(), entry(id="8")], "2 such contacts (7, 8)"),
        ([entry(full_name="Ann Ben")], "with another full_name"),
        ([entry(created_at=int(NOW) - 3600)], "not from when this was sent"),
        ([entry(created_at=int(NOW) + 3600)], "not from when this was sent"),
        ([entry(created_at=None)], "not from when this was sent"),
        ([entry(id="")], "without its id"),
    ],
)
def test_everything_else_stays_in_doubt_and_says_why(entries: list[dict[str, Any]], words: str) -> None:
    found, vendor_id, message = look(*entries)

    assert (found, vendor_id) == (Found.UNSURE, None)
    assert words in message


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (401, b"{}"),
        (500, b""),
        (None, b""),
        (200, b"<html>"),
        (200, b'{"data": {"contacts": "none"}}'),
        (200, b"[]"),
    ],
)
def test_an_answer_that_cannot_be_read_proves_nothing(status: int | None, content: bytes) -> None:
    finding = judge_lookup(status, content, clemta(), Question(2, SENT, NOW, NOW + 30))

    assert finding.found is Found.UNSURE


def test_a_phone_is_the_same_in_any_spelling() -> None:
    operation = load_vendor("gomobile").operations["create"]
    question = Question(2, {"primaryPhone": "+212612345678"}, NOW, NOW + 30)
    body = json.dumps([{"id": "x", "primaryPhone": "00 212 612-345678".replace("00 ", ""), "createdAt": NOW}]).encode()

    assert judge_lookup(200, body, operation, question).vendor_id == "x"
