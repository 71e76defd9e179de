"""The file that a report is of: the journal knows by it that two reports have the same rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class OriginalFile:
    """The file that a report is of.

    ``origin`` is that of ``FileFacts``, through reports of reports, and ``last`` the number of the file's last row: 0
    where the report does not tell. ``ready`` is how many rows a check found to be ready, None if the file was run.
    """

    path: str
    sha256: str
    origin: str
    last: int
    ready: int | None


def find_original_file(report: str, plan: Mapping[str, Any]) -> OriginalFile | None:
    """Return the file that a report is of, from the run's plan or from the summary beside the report."""
    if "origin" in plan:
        return OriginalFile(plan["path"], plan["sha256"], plan["origin"], plan["origin_last"], plan.get("ready"))
    try:
        summary = json.loads((Path(report).parent / "summary.json").read_text(encoding="utf-8"))
        ready = summary["counts"]["valid"] if summary["target"] is None else None
        return OriginalFile(summary["input"]["path"], summary["input"]["sha256"], "", 0, ready)
    except (OSError, ValueError, KeyError, TypeError):
        return None
