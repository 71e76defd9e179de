"""The kinds of rate limit that vendors have. Each says of a moment how long to wait, zero when it lets one through."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol


class Limiter(Protocol):
    """``wait`` takes seconds of a monotonic clock that never goes back, and counts what it lets through."""

    def wait(self, now: float) -> float:
        """Zero: let through. Otherwise the seconds until one would be."""


class TokenBucket:
    """``rate`` tokens a second; as many as ``burst`` are kept."""

    def __init__(self, rate: float, burst: float | None = None) -> None:
        self._rate = rate
        self._burst = self._tokens = max(1.0, rate if burst is None else burst)
        self._last: float | None = None

    def wait(self, now: float) -> float:
        """Take a token, or say when there is one."""
        self._tokens = min(self._burst, self._tokens + (now - (self._last or now)) * self._rate)
        self._last = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        return (1 - self._tokens) / self._rate


class FixedWindow:
    """So many in each window; the clock begins a new one."""

    def __init__(self, rate: float, seconds: float = 1.0) -> None:
        self._most = max(1, round(rate * seconds))
        self._seconds = seconds
        self._window, self._count = 0, 0

    def wait(self, now: float) -> float:
        """Count it, or say when the next window begins."""
        window = int(now // self._seconds)
        if window != self._window:
            self._window, self._count = window, 0
        if self._count < self._most:
            self._count += 1
            return 0.0
        return (window + 1) * self._seconds - now


class SlidingWindow:
    """So many in any stretch of time of that length."""

    def __init__(self, rate: float, seconds: float = 1.0) -> None:
        self._most = max(1, round(rate * seconds))
        self._seconds = seconds
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Count it, or say when the oldest leaves the stretch."""
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
