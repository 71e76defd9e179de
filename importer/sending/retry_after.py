"""How long a vendor asks to wait: Retry-After and the reset headers, in all their encodings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

LONGEST_WAIT = 3600.0
RESETS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
_DRAFT = re.compile(r"(?:^|[;,\s])t=(\d+)")


def seconds_to_wait(headers: Mapping[str, str], body: Any, places: Iterable[str], now: float) -> float | None:
    """Seconds from ``now`` (Unix time), or None when nothing that makes sense is said.

    ``Retry-After`` wins over everything; then the body's own value at the contract's places; then the reset
    headers. A value is clamped to between 0 and an hour; a malformed one is passed over.
    """
    known = {name.lower(): value for name, value in headers.items()}
    said = [known.get("retry-after")]
    said += [_at(body, place) for place in places]
    said += [known.get(name) for name in RESETS]
    draft = _DRAFT.search(known.get("ratelimit", ""))
    said.append(draft.group(1) if draft else None)
    for value in said:
        seconds = _seconds(value, now)
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_WAIT)
    return None


def _at(body: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        body = body.get(step) if isinstance(body, dict) else None
    return body


def _seconds(value: Any, now: float) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        moment = _moment(text)
        return None if moment is None else moment - now
    if not 0 <= number < 1e14:  # also what is not a number at all
        return None
    if number < 1e6:
        return number
    if number < 1e9:
        return None
    return (number / 1000 if number >= 1e12 else number) - now


def _moment(text: str) -> float | None:
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(text)
        except (ValueError, TypeError, IndexError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None
