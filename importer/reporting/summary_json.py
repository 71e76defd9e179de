"""summary.json: the run in one object."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from importer.model.comparison import Comparison
from importer.model.summary import Summary, UncertainRow
from importer.reporting.timeline import coarsen
from importer.settings import AnsweredQuestion


def summary_json(summary: Summary) -> dict[str, Any]:
    """Return the object that summary.json holds and ``--json`` prints."""
    return {
        "run": summary.run,
        "vendor": summary.vendor,
        "operation": summary.operation,
        "started": _iso_timestamp(summary.started),
        "ended": _iso_timestamp(summary.ended),
        "target": summary.target,
        "practice": summary.practice,
        "input": dict(summary.input),
        "counts": {str(status): count for status, count in summary.counts.items()},
        "problems": dict(summary.problems),
        "warnings": dict(summary.warnings),
        "skipped": dict(summary.skipped),
        "requests": asdict(summary.requests),
        "timeline": [asdict(entry) for entry in coarsen(summary.sent)],
        "seconds": {name: round(value, 3) for name, value in summary.seconds.items()},
        "exit_code": int(summary.exit_code),
        "outputs": {name: str(path) for name, path in summary.outputs.items()},
        "stopped": summary.stopped or None,
        "mapping": dict(summary.mapping),
        "unused_columns": list(summary.unused_columns),
        "notes": list(summary.notes),
        "changes": dict(summary.changes),
        "match": dict(summary.match),
        "comparison": _comparison(summary.comparison) if summary.comparison else None,
        "questions": [_question(entry) for entry in summary.questions],
        "uncertain": [_uncertain_row(entry) for entry in summary.uncertain_rows],
    }


def _comparison(found: Comparison) -> dict[str, Any]:
    counts = {str(difference): count for difference, count in found.counts.items()}
    return {"rows": found.rows, "compared": len(found.contacts), "counts": counts, "fields": dict(found.fields)}


def _question(entry: AnsweredQuestion) -> dict[str, Any]:
    known = asdict(entry)
    del known["text"]
    return known


def _uncertain_row(entry: UncertainRow) -> dict[str, Any]:
    known = asdict(entry) | {"sent_at": _iso_timestamp(entry.sent_at)}
    del known["contact"]
    return known


def _iso_timestamp(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, tz=UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_summary(summary: Summary, path: Path) -> None:
    """Write summary.json."""
    path.write_text(
        json.dumps(summary_json(summary), ensure_ascii=False, indent=2) + "\n",
        encoding="utf-8",
        errors="backslashreplace",
    )
