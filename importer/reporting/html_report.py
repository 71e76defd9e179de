"""report.html: the run on one page, to be shown around. No script, nothing from elsewhere, every text escaped."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.errors import ExitCode
from importer.model.status import Status
from importer.model.summary import Summary
from importer.reporting.advice import next_steps, verdict
from importer.reporting.timeline import timeline
from importer.version import VERSION

if TYPE_CHECKING:
    from jinja2 import Template

TEMPLATE = Path(__file__).with_name("html_report.html")
LONGEST_SHOWN = 120
MOST_KINDS, MOST_DOUBTS = 40, 200
LEVELS = {
    ExitCode.DONE: "good",
    ExitCode.NEEDS_REVIEW: "look",
    ExitCode.UNCERTAIN: "bad",
    ExitCode.STOPPED: "bad",
    ExitCode.INTERRUPTED: "bad",
}
"""How much the verdict should worry."""


def write_page(summary: Summary, path: Path) -> None:
    """Write report.html."""
    path.write_text(page(summary), encoding="utf-8")


def page(summary: Summary) -> str:
    """The page of a run."""
    text: str = load_page().render(_facts(summary))
    return text


@cache
def load_page() -> Template:
    """What the page is made of; to compile it takes a while, in which other things can be done."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"shown": _shown, "number": "{:,}".format, "moment": _moment, "lasting": _lasting}
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8"))


def _facts(summary: Summary) -> dict[str, Any]:
    """What the template asks for."""
    counts = {status: count for status, count in summary.counts.items() if count}
    doubtful = {entry.row for entry in summary.uncertain_rows}  # these have a section of their own
    shown = [kind for kind in summary.examples if kind.field or kind.row not in doubtful]
    kinds = {severity: [kind for kind in shown if kind.severity == severity] for severity in ("error", "warning")}
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
        "timeline": timeline(summary.sent, summary.traffic),
        "files": {path.name: path for path in summary.outputs.values()},
    }


def _shown(text: object) -> str:
    """A text of any kind as it can be shown: on one line, not too long, without characters that nobody can see."""
    plain = " ".join(str(text).split())
    visible = "".join(char if char.isprintable() else "\ufffd" for char in plain)
    return visible if len(visible) <= LONGEST_SHOWN else visible[: LONGEST_SHOWN - 1] + "…"


def _moment(seconds: float) -> str:
    """The time of this machine, with its distance from UTC."""
    moment = datetime.fromtimestamp(seconds).astimezone()
    offset = moment.strftime("%z")
    return f"{moment:%Y-%m-%d %H:%M:%S} (UTC{offset[:3]}:{offset[3:5]})"


def _lasting(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
