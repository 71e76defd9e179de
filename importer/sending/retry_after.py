"""The wait that a vendor asks for: Retry-After, a value in the body, the reset headers, in all their encodings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from schemas.json_pointer import get_pointer

# A number is a Unix time only if it lies after the day before now.
SECONDS_PER_DAY = 86_400.0
RESET_HEADERS = ("ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset")
# The header of the IETF's draft: RateLimit: "default";r=0;t=9
_RATELIMIT_RESET = re.compile(r"(?:^|[;,\s])t=(\d+)")
# Such a header may hold a Unix time, in seconds or milliseconds, instead of seconds; only the size tells them apart.
LARGEST_DURATION = 1e6
EARLIEST_UNIX_SECONDS, EARLIEST_UNIX_MILLISECONDS, LATEST = 1e9, 1e12, 1e14


def seconds_to_wait(headers: Mapping[str, str], body: Any, pointers: Iterable[str], now: float) -> float | None:
    """Return the seconds to wait from ``now`` (Unix time), or None if no sensible value is given.

    ``Retry-After`` comes first, then the body's value at the contract's JSON Pointers, then the reset headers. A time
    that has passed is 0. A malformed value is ignored.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    waits = [lowered.get("retry-after"), *(get_pointer(body, pointer) for pointer in pointers)]
    draft = _RATELIMIT_RESET.search(lowered.get("ratelimit", ""))
    resets = [*(lowered.get(name) for name in RESET_HEADERS), draft.group(1) if draft else None]
    for values, is_reset in ((waits, False), (resets, True)):
        for value in values:
            seconds = _parse_wait(value, now, is_reset=is_reset)
            if seconds is not None:
                return max(seconds, 0.0)
    return None


def _parse_wait(value: Any, now: float, *, is_reset: bool) -> float | None:
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        return None
    text = str(value).strip()
    try:
        number = float(text)
    except ValueError:
        unix_time = _parse_date(text)
        return None if unix_time is None else unix_time - now
    if not 0 <= number < LATEST:  # excludes nan, too
        return None
    if number < LARGEST_DURATION:
        return number
    unix_time = number / 1000 if number >= EARLIEST_UNIX_MILLISECONDS else number
    if not is_reset and unix_time < now - SECONDS_PER_DAY:
        return number  # a Retry-After is seconds, however many
    return None if number < EARLIEST_UNIX_SECONDS else unix_time - now


def _parse_date(text: str) -> float | None:
    """Return the Unix time of an HTTP or ISO date. A date without a zone is UTC."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            date = parse(text)
            return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
