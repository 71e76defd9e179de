"""What every other contender leaves behind: the seconds of its work without start-up, and what it counted."""

from __future__ import annotations

import json
import time
from pathlib import Path


def write_report(folder: Path, begun: float, invalid: int = 0, created: int = 0, **stages: float) -> None:
    """Write ``summary.json`` in the shape of ours; ``begun`` is when the work began, by ``time.perf_counter``."""
    seconds = {"work": time.perf_counter() - begun, **stages}
    told = {"seconds": seconds, "counts": {"invalid": invalid, "created": created}}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "summary.json").write_text(json.dumps(told))
