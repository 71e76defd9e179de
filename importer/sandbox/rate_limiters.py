"""The kinds of rate limit that vendors have."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol


class Limiter(Protocol):
    """Decides whether a request passes. Times are seconds of one monotonic clock."""

    def wait(self, now: float) -> float:
        """Return zero and count the request if it passes, otherwise the seconds until one would."""


class TokenBucket:
    """Refills ``rate`` tokens a second, up to ``burst`` of them (one second's by default)."""

    def __init__(self, rate: float, burst: float | None = None) -> None:
        self._rate = rate
        self._burst = self._tokens = max(1.0, rate if burst is None else burst)
        self._last: float | None = None

    def wait(self, now: float) -> float:
        """Take a token, or return the seconds until there is one."""
        self._tokens = min(self._burst, self._tokens + (now - (self._last or now)) * self._rate)
        self._last = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate


class FixedWindow:
    """Lets a number through in each window. Windows begin at fixed times of the clock."""

    def __init__(self, rate: float, seconds: float = 1.0) -> None:
        self._most = max(1, round(rate * seconds))
        self._seconds = seconds
        self._window, self._count = 0, 0

    def wait(self, now: float) -> float:
        """Count the request, or return the seconds until the next window begins."""
        window = int(now // self._seconds)
        if window != self._window:
            self._window, self._count = window, 0
        if self._count < self._most:
            self._count += 1
            return 0.0
        return (window + 1) * self._seconds - now


class SlidingWindow:
    """Lets a number through in any period of the window's length."""

    def __init__(self, rate: float, seconds: float = 1.0) -> None:
        self._most = max(1, round(rate * seconds))
        self._seconds = seconds
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Count the request, or return the seconds until the oldest leaves the window."""
        while self._times and self._times[0] <= now - self._seconds:
            self._times.popleft()
        if len(self._times) < self._most:
            self._times.append(now)
            return 0.0
        return self._times[0] + self._seconds - now


LIMITERS: dict[str, Callable[[float], Limiter]] = {
    "bucket": TokenBucket,
    "fixed": FixedWindow,
    "sliding": SlidingWindow,
}
