"""What an attempt teaches: an exchange → an outcome. One pure function.

The rule is an allow-list: *uncertain unless proven otherwise*. A request counts as not applied only where the
failure proves that it never left, or the vendor's answer says that it refused it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from importer.model.delivery import FieldError, Outcome, Verdict
from importer.sending.http_client import Exchange, Failure
from importer.sending.retry_after import seconds_to_wait
from schemas.contract import Answers

LONGEST_MESSAGE = 500
_DECODER = json.JSONDecoder(parse_float=str)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]+")


def judge(exchange: Exchange, answers: Answers, *, now: float, secret: str | None = None) -> Outcome:
    """The outcome of one exchange. ``now`` is in Unix seconds; ``secret`` is blotted out of every text."""
    if exchange.status is None:
        verdict = Verdict.NOT_SENT if exchange.failure is Failure.NOT_SENT else Verdict.UNCERTAIN
        code = "not_sent" if verdict is Verdict.NOT_SENT else "no_answer"
        before = "the request could not be sent: " if verdict is Verdict.NOT_SENT else "sent, but no answer came: "
        return Outcome(verdict, code=code, message=_clean(before + exchange.detail, secret))
    if 200 <= exchange.status < 300:
        return _judge_success(exchange, answers, secret)
    return _judge_refusal(exchange, answers, now, secret)


def _judge_success(exchange: Exchange, answers: Answers, secret: str | None) -> Outcome:
    body = _json(exchange.body) if exchange.failure is None else None
    if body is None:
        what = "was cut off" if exchange.failure else "is not JSON"
        return _doubtful(exchange, f"the vendor answered {exchange.status} (success), but the answer {what}")
    for pointer, wanted in answers.success.items():
        if look_up(body, pointer) != wanted and look_up(body, pointer) is not None:
            return _refusal(exchange, body, answers, secret, Verdict.REFUSED)
        if look_up(body, pointer) is None:
            return _doubtful(exchange, f"the vendor answered {exchange.status} (success), but without {pointer}")
    found = look_up(body, answers.id)
    vendor_id = _id_text(found)
    if vendor_id is None:
        return _doubtful(exchange, f"the vendor answered {exchange.status} (success), but without an id")
    notices = tuple(
        f"{notice.says} ({_clean(_shown(value), secret)})"
        for notice in answers.notices
        if (value := look_up(body, notice.at))
    )
    return Outcome(Verdict.CONFIRMED, exchange.status, vendor_id, notices=notices)


def _judge_refusal(exchange: Exchange, answers: Answers, now: float, secret: str | None) -> Outcome:
    status = exchange.status or 0
    body = _json(exchange.body)
    wait = seconds_to_wait(exchange.headers, body, answers.retry_after, now)
    has_retry_after = "retry-after" in {name.lower() for name in exchange.headers}
    if status in (408, 429) or (status == 503 and has_retry_after and answers.unavailable_is_refusal):
        words = _refusal(exchange, body, answers, secret, Verdict.THROTTLED)
        return Outcome(Verdict.THROTTLED, status, code=words.code, message=words.message, retry_after=wait)
    if status in (401, 402, 403) or 300 <= status < 400 or status < 200:
        return _refusal(exchange, body, answers, secret, Verdict.STOP)
    if 400 <= status < 500:
        refused = _refusal(exchange, body, answers, secret, Verdict.REFUSED)
        if refused.code in answers.fatal_codes:
            return _refusal(exchange, body, answers, secret, Verdict.STOP)
        return refused
    words = _refusal(exchange, body, answers, secret, Verdict.UNCERTAIN)
    return Outcome(
        Verdict.UNCERTAIN,
        status,
        code=words.code,
        message=f"the vendor failed with {status}; it may or may not have applied this: {words.message}"[
            :LONGEST_MESSAGE
        ],
        retry_after=wait,
    )


def _refusal(exchange: Exchange, body: Any, answers: Answers, secret: str | None, verdict: Verdict) -> Outcome:
    text = next((_shown(value) for at in answers.error_text if (value := look_up(body, at))), "")
    code = next((_shown(value) for at in answers.error_code if (value := look_up(body, at))), "")
    errors = list(_field_errors(body, answers.error_fields, secret))
    if not errors and answers.field_in_text:
        named = re.search(answers.field_in_text, text)
        errors = [FieldError(named.group(1), _clean(text, secret))] if named else []
    if not text and errors:
        text = "; ".join(f"{error.field}: {error.message}" for error in errors)
    if not text:
        text = exchange.body.decode("utf-8", "replace")
    words = _clean(text, secret) or f"answered {exchange.status} without a word"
    if 300 <= (exchange.status or 0) < 400:
        words = "answered with a redirect, which is not followed: the key must not travel to another address"
    return Outcome(
        verdict,
        exchange.status,
        code=_clean(code, secret) or f"http_{exchange.status}",
        message=words,
        field_errors=tuple(errors),
    )


def _doubtful(exchange: Exchange, message: str) -> Outcome:
    return Outcome(Verdict.UNCERTAIN, exchange.status, code="unreadable_success", message=message)


def _field_errors(body: Any, places: Iterable[str], secret: str | None) -> Iterable[FieldError]:
    for place in places:
        named = look_up(body, place)
        if isinstance(named, dict) and named:
            for name, words in named.items():
                texts = words if isinstance(words, list) else [words]
                yield FieldError(_clean(str(name), secret), _clean("; ".join(_shown(text) for text in texts), secret))
            return


def look_up(body: Any, pointer: str) -> Any:
    """What a JSON Pointer points to; None when there is nothing."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(body, dict):
            body = body.get(name)
        elif isinstance(body, list) and name.isdigit() and int(name) < len(body):
            body = body[int(name)]
        else:
            return None
    return body


def _json(content: bytes) -> Any:
    try:
        return _DECODER.decode(content.decode(json.detect_encoding(content), "surrogatepass"))
    except (ValueError, RecursionError):
        return None


def _id_text(found: Any) -> str | None:
    if isinstance(found, bool) or not isinstance(found, int | str) or found == "":
        return None
    return _CONTROL.sub(" ", str(found))[:200]


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(entry, str) for entry in value):
        return "; ".join(value)
    return json.dumps(value, ensure_ascii=False)


def _clean(text: str, secret: str | None) -> str:
    if secret:
        text = text.replace(secret, "[key]")
    return _CONTROL.sub(" ", text).strip()[:LONGEST_MESSAGE]
