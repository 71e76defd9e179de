"""Counts requests over time, for the chart of the report, in a size that does not grow with the run."""

from __future__ import annotations

from importer.model.summary import Traffic

# At this many spans of time, neighbours are merged two by two.
MOST_SPANS = 600
FIRST_SPAN_SECONDS = 1.0


class TrafficMeter:
    """Counts requests and refusals by spans of equal width. Times are Unix seconds, rates are requests a second."""

    def __init__(self) -> None:
        self._width = FIRST_SPAN_SECONDS
        self._spans: dict[int, Traffic] = {}

    def record_sent(self, now: float, rate: float) -> None:
        """Record that a request leaves, at the rate of that moment."""
        self._add(Traffic(now, 0.0, 1, 0, rate))

    def record_throttled(self, now: float, rate: float) -> None:
        """Record a "not now", and the rate of that moment."""
        self._add(Traffic(now, 0.0, 0, 1, rate))

    def traffic(self) -> tuple[Traffic, ...]:
        """Return the spans in the order of time; each has the last rate of its span."""
        return tuple(self._spans[index] for index in sorted(self._spans))

    def _add(self, span: Traffic) -> None:
        index = int(span.begun // self._width)
        known = self._spans.get(index)
        requests = span.requests + (known.requests if known else 0)
        throttled = span.throttled + (known.throttled if known else 0)
        self._spans[index] = Traffic(index * self._width, self._width, requests, throttled, span.pace)
        if len(self._spans) > MOST_SPANS:
            self._merge_spans()

    def _merge_spans(self) -> None:
        spans, self._spans, self._width = self.traffic(), {}, self._width * 2
        for span in spans:
            self._add(span)
