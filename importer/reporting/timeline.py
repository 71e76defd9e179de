"""What was sent over time, as the shapes of a small drawing."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from importer.model.summary import SentRows, Traffic

MOST_BARS = 90
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
LEFT, RIGHT, TOP, BOTTOM = 46.0, 712.0, 14.0, 150.0
KINDS = ("done", "refused", "uncertain")
ROOM = 1.15
"""Of the highest bar: how far the scale goes."""
TOO_HIGH = 3.0
"""Times the highest bar: a pace above that has limited nothing, and is not drawn."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle of one kind of rows."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars in rows a second, lines of the pace, places of refusals; ``top`` is the scale's end, times are Unix s."""

    begun: float
    ended: float
    step: int
    top: float
    bars: tuple[Bar, ...]
    pace: tuple[str, ...]
    """Points of each line: a run that was resumed has several."""
    throttled: tuple[tuple[float, int], ...]
    """Where, and how many requests were refused for now."""


def timeline(sent: Sequence[SentRows], traffic: Sequence[Traffic]) -> Timeline | None:
    """The drawing; None where nothing was sent."""
    if not sent:
        return None
    begun = min(sent[0].second, *(span.begun for span in traffic), sent[0].second)
    ended = max(sent[-1].second + 1, *(span.begun + span.width for span in traffic), sent[-1].second + 1)
    step = next((step for step in STEPS if (ended - begun) / step <= MOST_BARS), int((ended - begun) / MOST_BARS) + 1)
    columns = max(1, -int(-(ended - begun) // step))
    counted: dict[int, Counter[str]] = {}
    for entry in sent:
        counts = counted.setdefault(int((entry.second - begun) // step), Counter())
        counts.update({kind: getattr(entry, kind) for kind in KINDS})
    top = max(counts.total() for counts in counted.values()) / step * ROOM
    width = (RIGHT - LEFT) / columns
    bars = tuple(bar for column, counts in sorted(counted.items()) for bar in _bars(column, counts, width, step * top))
    refused = Counter[int]()
    for span in traffic:
        refused[int((span.begun - begun) // step)] += span.throttled
    places = ((LEFT + (column + 0.5) * width, count) for column, count in sorted(refused.items()) if count)
    lines = tuple(_lines(traffic, begun, width / step, top))
    return Timeline(begun, begun + columns * step, step, top, bars, lines, tuple(places))


def _bars(column: int, counts: Counter[str], width: float, whole: float) -> Iterator[Bar]:
    """The kinds of one column, one upon the other."""
    floor = BOTTOM
    words = ", ".join(f"{counts[kind]:,} {kind}" for kind in KINDS if counts[kind])
    for kind in KINDS:
        if counts[kind]:
            height = counts[kind] / whole * (BOTTOM - TOP)
            floor -= height
            yield Bar(kind, LEFT + column * width, floor, max(width - 0.6, 0.4), height, words)


def _lines(traffic: Sequence[Traffic], begun: float, scale: float, top: float) -> Iterator[str]:
    """The pace, where it is near what was sent; a new line after each gap."""
    points: list[str] = []
    for before, span in itertools.pairwise([None, *traffic]):
        assert span is not None  # noqa: S101 - only the first of the pairs is
        if before is not None and span.begun > before.begun + 2 * max(before.width, span.width, 30.0):
            yield " ".join(points)
            points = []
        if span.pace <= top * TOO_HIGH:
            x = LEFT + (span.begun + span.width / 2 - begun) * scale
            y = max(TOP, BOTTOM - span.pace / top * (BOTTOM - TOP))
            points.append(f"{x:.1f},{y:.1f}")
    yield " ".join(points)
