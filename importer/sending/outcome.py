"""Judges an attempt: an exchange with the vendor → an outcome. Pure functions.

The rule is an allow-list: *uncertain unless proven otherwise*. A request counts as not applied only if the failure
proves that it never left, or if the answer refuses it: 429, 408, another 4xx, and a 503 where the contract says so. A
redirect refuses nothing: a vendor may apply a request before it redirects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from importer.model.delivery import FieldError, Outcome, Verdict
from importer.sending.foreign_answer import describe_page, is_foreign
from importer.sending.http_client import Exchange, Failure
from importer.sending.retry_after import seconds_to_wait
from schemas.contract import Answers
from schemas.json_pointer import get_pointer

LONGEST_MESSAGE = 500
LONGEST_ID = 200
# No other row would fare better: the credential, the plan or the permission is at fault.
STOPPING_STATUSES = (401, 402, 403)
THROTTLING_STATUSES = (408, 429)
# Floats stay text, so that an id or a message is shown as the vendor wrote it.
_DECODER = json.JSONDecoder(parse_float=str)
# Controls, bidirectional marks, lone surrogates and noncharacters: they could disguise a message in a terminal or a
# report, and files cannot hold some of them.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]+")
# A part of the answer, by its definition: what it lacks cannot be known.
PARTIAL_CONTENT = 206
LONGEST_LOCATION = 100


def judge(exchange: Exchange, answers: Answers, *, now: float, secret: str | None = None) -> Outcome:
    """Return the outcome of one exchange. ``now`` is in Unix seconds; ``secret`` is removed from every text."""
    if exchange.status is None:
        verdict = Verdict.NOT_SENT if exchange.failure is Failure.NOT_SENT else Verdict.UNCERTAIN
        code = "not_sent" if verdict is Verdict.NOT_SENT else "no_answer"
        before = "the request could not be sent: " if verdict is Verdict.NOT_SENT else "sent, but no answer came: "
        return Outcome(verdict, code=code, message=_clean(before + exchange.detail, secret))
    if 200 <= exchange.status < 300:
        return _judge_success(exchange, answers, secret)
    if exchange.status < 200 or 300 <= exchange.status < 400:
        return _judge_redirect(exchange, secret)
    return _judge_failure(exchange, answers, now, secret)


def unreadable(status: int | None, cause: str) -> Outcome:
    """Return the outcome of an answer that cannot be judged because of an error in this program."""
    message = (
        f"answered {status or 'nothing'}, in a form that cannot be read ({cause}); it may or may not have been applied"
    )
    return Outcome(Verdict.UNCERTAIN, status, code="unreadable_answer", message=message)


def _judge_redirect(exchange: Exchange, secret: str | None) -> Outcome:
    """Judge a redirect, or another status that neither confirms nor refuses: the same would come for every row."""
    location = next((value for name, value in exchange.headers.items() if name.lower() == "location"), "")
    # Only where it leads: a query may hold what was sent.
    place = _clean(re.split(r"[?#]", location)[0], secret)[:LONGEST_LOCATION]
    message = "a status that neither confirms nor refuses the request"
    if exchange.status is not None and exchange.status >= 300:
        message = (
            f"a redirect{f' to {place}' if place else ''}, which is not followed because the key must not travel to "
            "another address; check --base-url"
        )
    message = f"{message}. The request may or may not have been applied"
    return Outcome(Verdict.UNCERTAIN, exchange.status, code=f"http_{exchange.status}", message=message, stops=True)


def _judge_success(exchange: Exchange, answers: Answers, secret: str | None) -> Outcome:
    if not answers.id and not answers.success and exchange.failure is None and not exchange.body.strip():
        return Outcome(Verdict.CONFIRMED, exchange.status, "")  # an answer without an id may have nothing in it at all
    return _judge_success_body(exchange, answers, secret)


def _judge_success_body(exchange: Exchange, answers: Answers, secret: str | None) -> Outcome:
    body = _parse_json(exchange.body) if exchange.failure is None else None
    if is_foreign(exchange, body, answers):
        page = _clean(describe_page(exchange), secret)
        return replace(_unreadable_success(exchange, f"but with {page}, which is not the API's"), is_foreign=True)
    if body is None or exchange.status == PARTIAL_CONTENT:
        defect = "is not JSON" if body is None and exchange.failure is None else "was cut off"
        return _unreadable_success(exchange, f"but the answer {defect}")
    for pointer, expected in answers.success.items():
        found = get_pointer(body, pointer)
        if found is None:
            return _unreadable_success(exchange, f"but without {pointer}")
        if found != expected:
            return _refusal(exchange, body, answers, secret, Verdict.REFUSED)
    vendor_id = id_text(get_pointer(body, answers.id), secret) if answers.id else ""
    if vendor_id is None:
        return _unreadable_success(exchange, "but without an id")
    notices = tuple(
        f"{notice.says} ({_clean(_as_text(value), secret)})"
        for notice in answers.notices
        if (value := get_pointer(body, notice.at))
    )
    return Outcome(Verdict.CONFIRMED, exchange.status, vendor_id, notices=notices)


def _judge_failure(exchange: Exchange, answers: Answers, now: float, secret: str | None) -> Outcome:
    """Judge a status other than 2xx."""
    status = exchange.status or 0
    body = _parse_json(exchange.body)
    wait = seconds_to_wait(exchange.headers, body, answers.retry_after, now)
    if status not in THROTTLING_STATUSES and is_foreign(exchange, body, answers):
        return _judge_foreign(exchange, secret)
    if status in answers.gone:  # to delete a contact that is not there changes nothing (RFC 9110, 9.2.2)
        return Outcome(Verdict.CONFIRMED, status, "")
    refusal = _refusal(exchange, body, answers, secret, _failure_verdict(exchange, answers))
    if refusal.verdict is Verdict.THROTTLED:
        return Outcome(Verdict.THROTTLED, status, code=refusal.code, message=refusal.message, retry_after=wait)
    if refusal.verdict is Verdict.REFUSED and refusal.code in answers.fatal_codes:
        return _refusal(exchange, body, answers, secret, Verdict.STOP)
    if refusal.verdict is not Verdict.UNCERTAIN:
        return refusal
    message = f"the vendor failed with {status}; it may or may not have applied this: {refusal.message}"
    return Outcome(Verdict.UNCERTAIN, status, code=refusal.code, message=message[:LONGEST_MESSAGE], retry_after=wait)


def _judge_foreign(exchange: Exchange, secret: str | None) -> Outcome:
    """Judge an answer of a gateway or firewall: a 4xx let nothing through, anything else proves nothing."""
    is_blocked = 400 <= (exchange.status or 0) < 500
    page = _clean(describe_page(exchange), secret)
    message = f"the answer was not the API's but {exchange.status} with {page}"
    if is_blocked:
        message += "; a firewall or gateway in front of the API blocked the request, and nothing was applied"
    else:
        message += "; the request may or may not have been applied"
    verdict = Verdict.BLOCKED if is_blocked else Verdict.UNCERTAIN
    return Outcome(verdict, exchange.status, code="not_the_api", message=message, is_foreign=True)


def _failure_verdict(exchange: Exchange, answers: Answers) -> Verdict:
    """Return the verdict of a status other than 2xx, before the contract's fatal codes."""
    status = exchange.status or 0
    has_retry_after = "retry-after" in {name.lower() for name in exchange.headers}
    if status in THROTTLING_STATUSES or (status == 503 and has_retry_after and answers.unavailable_is_refusal):
        return Verdict.THROTTLED
    if status in STOPPING_STATUSES:
        return Verdict.STOP
    return Verdict.REFUSED if 400 <= status < 500 else Verdict.UNCERTAIN


def _refusal(exchange: Exchange, body: Any, answers: Answers, secret: str | None, verdict: Verdict) -> Outcome:
    """Return an outcome with the vendor's code, message and field errors."""
    text = next((_as_text(value) for at in answers.error_text if (value := get_pointer(body, at))), "")
    code = next((_as_text(value) for at in answers.error_code if (value := get_pointer(body, at))), "")
    errors = list(_field_errors(body, answers.error_fields, secret))
    if not errors and answers.field_in_text:
        named = re.search(answers.field_in_text, text)
        errors = [FieldError(named.group(1), _clean(text, secret))] if named else []
    if not text and errors:
        text = "; ".join(f"{error.field}: {error.message}" for error in errors)
    if not text:
        text = exchange.body.decode("utf-8", "replace")
    message = _clean(text, secret) or f"answered {exchange.status} without a word"
    return Outcome(
        verdict,
        exchange.status,
        code=_clean(code, secret) or f"http_{exchange.status}",
        message=message,
        field_errors=tuple(errors),
    )


def _unreadable_success(exchange: Exchange, defect: str) -> Outcome:
    message = f"the vendor answered {exchange.status} (success), {defect}"
    return Outcome(Verdict.UNCERTAIN, exchange.status, code="unreadable_success", message=message)


def _field_errors(body: Any, pointers: Iterable[str], secret: str | None) -> Iterable[FieldError]:
    """Yield the errors below the first pointer that names an object of field → message or messages."""
    for pointer in pointers:
        by_field = get_pointer(body, pointer)
        if isinstance(by_field, dict) and by_field:
            for name, messages in by_field.items():
                texts = messages if isinstance(messages, list) else [messages]
                message = "; ".join(_as_text(text) for text in texts)
                yield FieldError(_clean(str(name), secret), _clean(message, secret))
            return


def _parse_json(content: bytes) -> Any:
    """Return the JSON value, or None if there is none."""
    try:
        return _DECODER.decode(content.decode(json.detect_encoding(content), "surrogatepass"))
    except (ValueError, RecursionError):
        return None


def id_text(found: Any, secret: str | None) -> str | None:
    """Return a contact's id as text; None for what cannot be one."""
    if isinstance(found, bool) or not isinstance(found, int | str):
        return None
    return _clean(str(found), secret)[:LONGEST_ID] or None


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return "; ".join(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "…"


def _clean(text: str, secret: str | None) -> str:
    if secret:
        text = text.replace(secret, "[key]")
    return _CONTROL.sub(" ", text).strip()[:LONGEST_MESSAGE]
