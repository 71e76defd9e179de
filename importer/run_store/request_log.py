"""What the parts of a run sent: a run that was resumed has several. One that was killed has left nothing here."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, astuple
from pathlib import Path

from importer.model.summary import Requests, Traffic

FILE = "parts.jsonl"


def add_part(folder: Path, requests: Requests, traffic: Sequence[Traffic]) -> None:
    """Remember what was sent. That it could not be written is nothing to stop for: a drawing will lack it."""
    line = json.dumps({"requests": asdict(requests), "traffic": [astuple(span) for span in traffic]})
    with contextlib.suppress(OSError), (folder / FILE).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def all_parts(folder: Path) -> tuple[Requests, tuple[Traffic, ...]]:
    """What all parts together sent."""
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
        spans += [Traffic(*span) for span in part["traffic"]]
    return total, tuple(spans)
