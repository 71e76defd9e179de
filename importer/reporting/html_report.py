"""report.html: the run on one page that can be passed on, with no script, no outside resources, all text escaped."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.errors import ExitCode
from importer.model.problem import SKIPPED
from importer.model.status import Status
from importer.model.summary import Summary
from importer.reporting.advice import next_steps, verdict
from importer.reporting.shared_values import name_rows
from importer.reporting.timeline import draw_timeline
from importer.version import VERSION

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = Path(__file__).with_name("html_report.html")
LONGEST_SHOWN = 120
MOST_KINDS, MOST_DOUBTS, MOST_CHANGES = 40, 200, 100
# The style of the verdict.
LEVELS = {
    ExitCode.DONE: "good",
    ExitCode.NEEDS_REVIEW: "look",
    ExitCode.UNCERTAIN: "bad",
    ExitCode.STOPPED: "bad",
    ExitCode.INTERRUPTED: "bad",
}


def write_page(summary: Summary, path: Path) -> None:
    """Write report.html."""
    path.write_text(render_page(summary), encoding="utf-8")


def render_page(summary: Summary) -> str:
    """Return report.html as text."""
    text: str = load_page().render(_facts(summary))
    return text


@cache
def load_page() -> Template:
    """Return the compiled template. Compiling takes a while, so it is called beside other work."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"shown": _one_line, "number": "{:,}".format, "moment": _local_time, "lasting": _duration}
    environment.filters["rows"] = name_rows
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def _facts(summary: Summary) -> dict[str, Any]:
    """Return the values of the template."""
    found = summary.comparison
    counts = {status: count for status, count in summary.counts.items() if count}
    doubtful = {entry.row for entry in summary.uncertain_rows}  # these have a section of their own
    shown = [kind for kind in summary.examples if kind.field or kind.row not in doubtful]
    kinds = {
        severity: [kind for kind in shown if kind.severity == severity] for severity in ("error", "warning", SKIPPED)
    }
    return {
        "run": summary,
        "version": VERSION,
        "file": Path(summary.input["path"]).name,
        "to": summary.target.partition("#")[0] if summary.target else None,
        "verdict": verdict(summary),
        "level": LEVELS.get(ExitCode(summary.exit_code), "bad"),
        "counts": counts,
        "statuses": tuple(Status),
        "steps": next_steps(summary),
        "kinds": {severity: found[:MOST_KINDS] for severity, found in kinds.items()},
        "more_kinds": {severity: max(0, len(found) - MOST_KINDS) for severity, found in kinds.items()},
        "doubts": summary.uncertain_rows[:MOST_DOUBTS],
        "more_doubts": max(0, summary.counts.get(Status.UNCERTAIN, 0) - MOST_DOUBTS),
        "compared": {difference: count for difference, count in found.counts.items() if count} if found else {},
        "changes": found.changes[:MOST_CHANGES] if found else (),
        "timeline": draw_timeline(summary.sent, summary.traffic),
        "files": {path.name: path for path in summary.outputs.values()},
    }


def _one_line(text: object) -> str:
    """Return a text on one line, cut to a length that fits, without invisible characters."""
    plain = " ".join(str(text).split())
    visible = "".join(char if char.isprintable() else "\ufffd" for char in plain)
    return visible if len(visible) <= LONGEST_SHOWN else visible[: LONGEST_SHOWN - 1] + "…"


def _local_time(seconds: float) -> str:
    """Return a Unix time in this machine's zone, with the offset from UTC."""
    moment = datetime.fromtimestamp(seconds).astimezone()
    offset = moment.strftime("%z")
    return f"{moment:%Y-%m-%d %H:%M:%S} (UTC{offset[:3]}:{offset[3:5]})"


def _duration(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
