"""How many requests left when, and how fast they were let go: what a report draws, in a size that does not grow."""

from __future__ import annotations

from importer.model.summary import Traffic

MOST = 600
"""Spans of time; when there are more, two and two become one."""


class TrafficMeter:
    """Counts requests and refusals by spans of time, at first of a second each. Times are Unix seconds."""

    def __init__(self) -> None:
        self._width = 1.0
        self._spans: dict[int, Traffic] = {}

    def sent(self, now: float, pace: float) -> None:
        """A request leaves."""
        self._add(Traffic(now, 0.0, 1, 0, pace))

    def throttled(self, now: float, pace: float) -> None:
        """A request was refused for now."""
        self._add(Traffic(now, 0.0, 0, 1, pace))

    def traffic(self) -> tuple[Traffic, ...]:
        """What was counted, in the order of time."""
        return tuple(self._spans[place] for place in sorted(self._spans))

    def _add(self, what: Traffic) -> None:
        place = int(what.begun // self._width)
        known = self._spans.get(place)
        requests = what.requests + (known.requests if known else 0)
        throttled = what.throttled + (known.throttled if known else 0)
        self._spans[place] = Traffic(place * self._width, self._width, requests, throttled, what.pace)
        if len(self._spans) > MOST:
            self._coarsen()

    def _coarsen(self) -> None:
        spans, self._spans, self._width = self.traffic(), {}, self._width * 2
        for span in spans:
            self._add(span)
