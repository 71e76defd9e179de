"""Parse durations (``30m``) and rates (``100/min``): one table of units for options, contracts and the sandbox.

pytimeparse, pytimeparse2 and humanfriendly were considered. Each guesses at looser texts (``1:30``, ``3 apples``), none
has rates, and none had a release for years; this grammar is one pattern.
"""

from __future__ import annotations

import re

SECONDS_PER_UNIT = {
    "ms": 0.001,
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
    **dict.fromkeys(("m", "min", "minute", "minutes"), 60.0),
    **dict.fromkeys(("h", "hour", "hours"), 3600.0),
    **dict.fromkeys(("d", "day", "days"), 86_400.0),
    **dict.fromkeys(("w", "week", "weeks"), 604_800.0),
}
SECONDS_PER_RATE_UNIT = {unit: seconds for unit, seconds in SECONDS_PER_UNIT.items() if 1 <= seconds <= 3600}
MAX_RATE_PER_SECOND = 1e6
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)")


def parse_duration(text: str, *, default_unit: str | None = None) -> float:
    """Return the seconds in a text such as ``50ms``, ``1.5s``, ``30m``, ``24h``, ``30d`` or ``2w``.

    A bare number counts in ``default_unit``; without one it is refused. Raises ValueError.
    """
    found = _DURATION.fullmatch(str(text).strip().lower())
    seconds = SECONDS_PER_UNIT.get(found[2] or default_unit or "") if found else None
    if found is None or seconds is None:
        raise ValueError(f"{text!r} is not a duration such as 1.5s, 30m, 12h or 30d")
    return float(found[1]) * seconds


def parse_rate(text: str) -> float:
    """Return the requests per second in a text such as ``20/s``, ``100/min`` or ``5000/h``. Raises ValueError."""
    number, _, unit = str(text).partition("/")
    try:
        rate = float(number) / SECONDS_PER_RATE_UNIT[unit.strip().lower() or "s"]
    except (KeyError, ValueError):
        rate = 0.0
    if not 0 < rate < MAX_RATE_PER_SECOND:
        raise ValueError(f"{text!r} is not a rate such as 20/s or 100/min")
    return rate
