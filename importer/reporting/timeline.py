"""Draw the rows that were sent over time: the shapes of a chart in report.html.

The bars come from the rows' own times, which the journal always has. The pace and the refusals come from what each
session measured, of which a killed run has none: then the line has a gap.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from importer.model.summary import SentRows, Traffic

MAX_COLUMNS = 90
STEPS_SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)
LEFT, RIGHT, TOP, BOTTOM = 46.0, 712.0, 14.0, 150.0  # of the chart, in the units of the SVG's view box
KINDS = ("done", "refused", "uncertain")
HEADROOM = 1.15  # the scale's end, times the highest bar; the template divides by it
MAX_PACE = 3.0  # times the scale's end: a higher pace limited nothing and is not drawn
MIN_GAP_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """A rectangle: rows of one kind in one step of time. ``words`` is its tooltip, with the counts of all kinds."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    words: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """Bars, lines of the allowed pace, and refusals. Times are Unix seconds; ``top`` is the scale's end in rows/s."""

    begun: float
    ended: float
    step: int
    top: float
    bars: tuple[TimelineBar, ...]
    pace: tuple[str, ...]  # the points of each line: a run that was resumed has several
    throttled: tuple[tuple[float, int], ...]  # x, and the number of requests answered with 429


def draw_timeline(sent: Sequence[SentRows], traffic: Sequence[Traffic]) -> Timeline | None:
    """Return the chart; None if nothing was sent."""
    if not sent:
        return None
    begun = min(sent[0].second, *(span.begun for span in traffic), sent[0].second)
    ended = max(sent[-1].second + 1, *(span.begun + span.width for span in traffic), sent[-1].second + 1)
    step = _step_seconds(ended - begun)
    columns = max(1, -int(-(ended - begun) // step))
    counted = _count_by_column(sent, begun, step)
    top = max(counts.total() for counts in counted.values()) / step * HEADROOM
    width = (RIGHT - LEFT) / columns
    bars = tuple(
        bar for column, counts in sorted(counted.items()) for bar in _stacked_bars(column, counts, width, step * top)
    )
    throttled = Counter[int]()
    for span in traffic:
        throttled[int((span.begun - begun) // step)] += span.throttled
    refusals = tuple((LEFT + (column + 0.5) * width, count) for column, count in sorted(throttled.items()) if count)
    lines = tuple(_pace_lines(traffic, begun, width / step, top))
    return Timeline(begun, begun + columns * step, step, top, bars, lines, refusals)


def coarsen(sent: Sequence[SentRows]) -> list[SentRows]:
    """Return the rows by step instead of by second: no more than ``MAX_COLUMNS`` entries, the chart stays as it is."""
    if not sent:
        return []
    begun = sent[0].second
    step = _step_seconds(sent[-1].second + 1 - begun)
    counted = _count_by_column(sent, begun, step)
    return [SentRows(begun + column * step, **counts) for column, counts in sorted(counted.items())]


def _step_seconds(lasted: float) -> int:
    """Return the shortest step of time that needs no more than ``MAX_COLUMNS`` columns."""
    enough = (step for step in STEPS_SECONDS if lasted / step <= MAX_COLUMNS)
    return next(enough, int(lasted / MAX_COLUMNS) + 1)


def _count_by_column(sent: Sequence[SentRows], begun: float, step: int) -> dict[int, Counter[str]]:
    counted: dict[int, Counter[str]] = {}
    for entry in sent:
        counts = counted.setdefault(int((entry.second - begun) // step), Counter())
        counts.update({kind: getattr(entry, kind) for kind in KINDS})
    return counted


def _stacked_bars(column: int, counts: Counter[str], width: float, whole: float) -> Iterator[TimelineBar]:
    """Yield the bars of one column, one upon the other. ``whole`` is the number of rows that fills the height."""
    floor = BOTTOM
    words = ", ".join(f"{counts[kind]:,} {kind}" for kind in KINDS if counts[kind])
    for kind in KINDS:
        if counts[kind]:
            height = counts[kind] / whole * (BOTTOM - TOP)
            floor -= height
            yield TimelineBar(kind, LEFT + column * width, floor, max(width - 0.6, 0.4), height, words)


def _pace_lines(traffic: Sequence[Traffic], begun: float, scale: float, top: float) -> Iterator[str]:
    """Yield the points of the allowed pace, where it is near what was sent; a new line begins after each gap."""
    points: list[str] = []
    for before, span in itertools.pairwise([None, *traffic]):
        assert span is not None  # noqa: S101 - only the first of the pairs is
        if before is not None and span.begun > before.begun + 2 * max(before.width, span.width, MIN_GAP_SECONDS):
            yield " ".join(points)
            points = []
        if span.pace <= top * MAX_PACE:
            x = LEFT + (span.begun + span.width / 2 - begun) * scale
            y = max(TOP, BOTTOM - span.pace / top * (BOTTOM - TOP))
            points.append(f"{x:.1f},{y:.1f}")
    yield " ".join(points)
