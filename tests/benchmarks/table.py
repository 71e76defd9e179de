"""The one table: what each contender took, what that is beside ours, and whether the target is met."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import Found

MISSING = "not installed: pip install '.[bench]'"
COLUMNS = {
    "work": "work",
    "who": "who",
    "rows": "rows",
    "seconds": "seconds",
    "range": "from–to",
    "sending": "sending",
    "cpu": "processor",
    "memory": "peak MB",
    "ratio": "ours, whole process",
    "ratio_sending": "ours, while sending",
    "target": "target",
}
MET = "met"


@dataclass(frozen=True, slots=True)
class Target:
    """What ours should be beside a contender, as a whole process or while sending.

    ``most``: so many times its seconds. ``least``: so many times as fast. Neither: the ratio is for information.
    """

    most: float | None = None
    least: float | None = None
    sending: bool = False

    @property
    def words(self) -> str:
        """As it stands in the table."""
        when = " while sending" if self.sending else ""
        if self.most is not None:
            return f"≤ {self.most:g} × its time{when}"
        return f"≥ {self.least:g} × as fast{when}" if self.least is not None else ""

    def ratio(self, ours: float, theirs: float) -> str:
        """Ours beside theirs, in the words of the target."""
        return f"{theirs / ours:.2f} × as fast" if self.most is None else f"{ours / theirs:.2f} × its time"

    def is_met(self, ours: float, theirs: float) -> bool | None:
        """Whether it is; None when there is nothing to meet."""
        if self.most is not None:
            return ours <= self.most * theirs
        return theirs >= self.least * ours if self.least is not None else None


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; what is empty is left out."""

    work: str = ""
    who: str = ""
    rows: str = ""
    seconds: str = ""
    range: str = ""
    sending: str = ""
    cpu: str = ""
    memory: str = ""
    ratio: str = ""
    ratio_sending: str = ""
    target: str = ""
    met: bool | None = None
    note: str = ""
    """Said below the table."""


def figures(work: str, entry: Found, ratio: str = "", target: str = "", met: bool | None = None) -> Row:
    """A contender's own figures, beside a ratio that is known already."""
    if not entry.runs:
        return Row(work, entry.contender.name, seconds=MISSING)
    seconds = [run.seconds for run in entry.runs]
    return Row(
        work,
        entry.contender.name,
        f"{entry.contender.rows:,}" if entry.contender.rows else "",
        _short(entry.seconds()),
        f"{_short(min(seconds))}–{_short(max(seconds))}",
        _short(entry.stage("send")) if entry.says("send") and entry.stage("send") else "",
        _short(sorted(run.cpu for run in entry.runs)[len(entry.runs) // 2]),
        f"{max(run.memory for run in entry.runs):,.0f}",
        ratio,
        target=target,
        met=met,
    )


def compared(work: str, found: Sequence[Found], targets: Sequence[Target]) -> list[Row]:
    """Ours, which is the first, and the others beside it; a target for each of them."""
    rows = (_beside(found[0], entry, target) for entry, target in zip(found[1:], targets, strict=True))
    return [figures(work, found[0]), *rows]


def _beside(ours: Found, entry: Found, target: Target) -> Row:
    """One of the others, scaled to as many rows as ours."""
    row, count = figures("", entry), ours.contender.rows
    if not entry.runs:
        return row
    wholes, stages = (ours.seconds(), entry.seconds(count)), None
    if entry.says("send"):
        stages = ours.stage("send"), entry.stage("send", count)
    scaled = entry.contender.rows != count
    return replace(
        row,
        who=f"{row.who}, scaled to {count:,}" if scaled else row.who,
        ratio=target.ratio(*wholes),
        ratio_sending=target.ratio(*stages) if stages else "",
        target=target.words,
        met=target.is_met(*(stages if stages and target.sending else wholes)),
    )


def _short(seconds: float) -> str:
    return f"{seconds:.1f}" if seconds >= 10 else f"{seconds:.2f}" if seconds >= 1 else f"{seconds:.3f}"


def show(rows: Iterable[Row], *, judged: bool) -> None:
    """Print the table, as Markdown; of tiny files nothing is judged."""
    table, notes = Table(box=box.MARKDOWN), []
    for name in (*COLUMNS.values(), MET):
        table.add_column(name, justify="left" if name in ("work", "who", "target", MET) else "right", no_wrap=True)
    for row in rows:
        notes += [row.note] if row.note else []
        met = "" if row.met is None or not judged else "yes" if row.met else "NO"
        if row.who:
            table.add_row(*(getattr(row, name) for name in COLUMNS), met)
    console = Console(width=400, highlight=False, markup=False)
    with console.capture() as printed:
        console.print(table)
    print("\n".join([*(line.rstrip() for line in printed.get().strip().splitlines()), "", *notes]))
