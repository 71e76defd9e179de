"""The outcome table: each answer has one verdict."""

from __future__ import annotations

import json

import pytest

from importer.model.delivery import FieldError, Verdict
from importer.sending.http_client import Exchange, Failure
from importer.sending.outcome import judge
from schemas.contract import Answers
from schemas.registry import load_vendor

ANSWERS = {
    name: load_vendor(name).operations["create"].answers for name in ("cleartalk", "iclosed", "clemta", "gomobile")
}
PLAIN = Answers(id="/id", success={})


def exchange(status: int, body: object = None, **headers: str) -> Exchange:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Exchange(status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


@pytest.mark.parametrize(
    ("seen", "verdict"),
    [
        (Exchange(failure=Failure.NOT_SENT), Verdict.NOT_SENT),
        (Exchange(failure=Failure.UNKNOWN), Verdict.UNCERTAIN),
        (exchange(429), Verdict.THROTTLED),
        (exchange(408), Verdict.THROTTLED),
        (exchange(503, None, retry_after="3"), Verdict.UNCERTAIN),
        (exchange(503), Verdict.UNCERTAIN),
        (exchange(500), Verdict.UNCERTAIN),
        (exchange(502, b"<html>"), Verdict.UNCERTAIN),
        (exchange(504), Verdict.UNCERTAIN),
        (exchange(599), Verdict.UNCERTAIN),
        (exchange(200, {"id": 1}), Verdict.CONFIRMED),
        (exchange(201, {"id": "a"}), Verdict.CONFIRMED),
        (exchange(201, {}), Verdict.UNCERTAIN),
        (exchange(201, {"id": None}), Verdict.UNCERTAIN),
        (exchange(201, {"id": True}), Verdict.UNCERTAIN),
        (exchange(201, {"id": ""}), Verdict.UNCERTAIN),
        (exchange(201, [1]), Verdict.UNCERTAIN),
        (exchange(201, b"<html>"), Verdict.UNCERTAIN),
        (exchange(204, b""), Verdict.UNCERTAIN),
        (Exchange(201, failure=Failure.CUT_OFF), Verdict.UNCERTAIN),
        *(
            (exchange(status), Verdict.UNCERTAIN)
            for status in (100, 101, 103, 300, 301, 302, 303, 304, 307, 308, 399, 600)
        ),
        (exchange(206, {"id": 1}), Verdict.UNCERTAIN),
        (exchange(401), Verdict.STOP),
        (exchange(402), Verdict.STOP),
        (exchange(403), Verdict.STOP),
        *((exchange(status), Verdict.REFUSED) for status in (400, 404, 405, 409, 410, 413, 415, 418, 422, 451)),
    ],
)
def test_an_answer_teaches_what_the_table_says(seen: Exchange, verdict: Verdict) -> None:
    assert judge(seen, PLAIN, now=0).verdict is verdict


def test_a_503_with_retry_after_is_a_refusal_where_the_contract_says_so() -> None:
    answers = Answers(id="/id", success={}, unavailable_is_refusal=True)

    assert judge(exchange(503, None, retry_after="3"), answers, now=0).verdict is Verdict.THROTTLED
    assert judge(exchange(503), answers, now=0).verdict is Verdict.UNCERTAIN


def test_a_fatal_code_of_the_contract_stops_the_run() -> None:
    answers = Answers(id="/id", success={}, error_code=("/code",), fatal_codes=("ACCOUNT_CLOSED",))

    assert judge(exchange(400, {"code": "ACCOUNT_CLOSED"}), answers, now=0).verdict is Verdict.STOP


@pytest.mark.parametrize(
    ("vendor", "body", "found"),
    [
        ("cleartalk", {"id": 123}, "123"),
        ("iclosed", {"data": {"contact": {"id": 12345678901234567}}}, "12345678901234567"),
        ("clemta", {"success": True, "data": {"id": "64b8"}}, "64b8"),
        ("gomobile", {"id": "123e4567-e89b-12d3-a456-426614174000"}, "123e4567-e89b-12d3-a456-426614174000"),
    ],
)
def test_the_id_is_found_where_each_vendor_puts_it(vendor: str, body: object, found: str) -> None:
    outcome = judge(exchange(201, body), ANSWERS[vendor], now=0)

    assert (outcome.verdict, outcome.vendor_id) == (Verdict.CONFIRMED, found)


def test_clemtas_200_without_success_is_a_refusal_in_its_words() -> None:
    body = {
        "success": False,
        "message": "Invalid",
        "error": {"code": "INVALID_REQUEST", "details": "Field 'email' is required"},
    }

    outcome = judge(exchange(200, body), ANSWERS["clemta"], now=0)

    assert (outcome.verdict, outcome.code, outcome.message) == (
        Verdict.REFUSED,
        "INVALID_REQUEST",
        "Field 'email' is required",
    )
    assert outcome.field_errors == (FieldError("email", "Field 'email' is required"),)


def test_clemtas_success_that_is_not_said_is_uncertain() -> None:
    assert judge(exchange(200, {"data": {"id": "1"}}), ANSWERS["clemta"], now=0).verdict is Verdict.UNCERTAIN


@pytest.mark.parametrize(
    ("vendor", "body"),
    [
        ("iclosed", {"message": {"details": {"formErrors": [], "fieldErrors": {"email": ["Invalid email"]}}}}),
        ("iclosed", {"message": "Validation failed", "errors": {"email": ["Invalid email"]}}),
        ("gomobile", {"code": "X", "statusCode": 400, "message": "No", "fieldErrors": {"email": ["Invalid email"]}}),
    ],
)
def test_field_errors_are_found_in_every_published_shape(vendor: str, body: object) -> None:
    outcome = judge(exchange(400, body), ANSWERS[vendor], now=0)

    assert outcome.field_errors == (FieldError("email", "Invalid email"),)
    assert outcome.message


def test_an_error_of_unknown_shape_is_shown_as_it_came() -> None:
    assert judge(exchange(400, b"no such list"), ANSWERS["cleartalk"], now=0).message == "no such list"


def test_the_key_is_never_in_a_message() -> None:
    outcome = judge(exchange(400, {"message": "bad key sk-123 here"}), ANSWERS["cleartalk"], now=0, secret="sk-123")

    assert outcome.message == "bad key [key] here"


def test_messages_are_bounded_and_free_of_control_characters() -> None:
    outcome = judge(exchange(400, {"message": "a\x00\x1b[31mb\n" + "x" * 5000}), ANSWERS["cleartalk"], now=0)

    assert outcome.message.startswith("a [31mb x")
    assert len(outcome.message) == 500


def test_a_contact_that_was_blocked_is_confirmed_with_a_notice() -> None:
    body = {"data": {"contact": {"id": 1, "blockedByRecaptcha": True, "blockedId": None}}}

    outcome = judge(exchange(201, body), ANSWERS["iclosed"], now=0)

    assert outcome.verdict is Verdict.CONFIRMED
    assert len(outcome.notices) == 1
    assert "reCAPTCHA" in outcome.notices[0]


def test_a_success_that_cannot_be_read_says_that_the_status_was_success() -> None:
    outcome = judge(Exchange(201, failure=Failure.CUT_OFF), PLAIN, now=0)

    assert "201 (success)" in outcome.message
