"""The requests of each part of a run: a resumed run has several parts.

A part that was killed has logged nothing. The bars of report.html come from the rows' own times, which the journal
keeps whatever happens; only rate and refusals come from here.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from pathlib import Path

from importer.model.summary import Requests, Traffic

FILE = "parts.jsonl"
SECONDS_FILE = "seconds.json"


def add_part(folder: Path, requests: Requests, traffic: Sequence[Traffic]) -> None:
    """Append the requests of a part. A failure to write is ignored: only a chart of the report lacks them."""
    line = json.dumps({"requests": asdict(requests), "traffic": [astuple(span) for span in traffic]})
    with contextlib.suppress(OSError), (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def all_parts(folder: Path) -> tuple[Requests, tuple[Traffic, ...]]:
    """Return the requests of all parts together."""
    total, spans = Requests(), []
    path = folder / FILE
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            part = json.loads(line)
        except ValueError:  # cut off by a full disk
            continue
        total.sent += part["requests"]["sent"]
        total.retried += part["requests"]["retried"]
        total.throttled += part["requests"]["throttled"]
        total.looked_up += part["requests"].get("looked_up", 0)  # an earlier version looked nothing up
        spans += [Traffic(*span) for span in part["traffic"]]
    return total, tuple(spans)


def add_seconds(folder: Path, seconds: Mapping[str, float]) -> None:
    """Keep how long the stages of all parts so far took. A failure to write is ignored."""
    with contextlib.suppress(OSError):
        (folder / SECONDS_FILE).write_text(json.dumps(dict(seconds)), encoding="utf-8")


def read_seconds(folder: Path) -> dict[str, float]:
    """Return how long the stages of earlier parts took; empty for the first part."""
    try:
        found = json.loads((folder / SECONDS_FILE).read_text(encoding="utf-8"))
        return {name: float(value) for name, value in found.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
