"""The runs that the web app was sending when its process ended, so that its next start continues them."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from importer.files import write_atomic

FILE = "web-running.json"


class UnfinishedRuns:
    """The ids of the runs that are being sent, on disk; and of those that wait for their key since a restart."""

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / FILE
        self._lock = threading.Lock()
        self._waiting: set[str] = set()

    def every(self) -> list[str]:
        """Return the runs that were running, the first that was started first."""
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []
        return [run for run in known if isinstance(run, str)] if isinstance(known, list) else []

    def keep(self, run: str, *, is_running: bool) -> None:
        """Remember a run that is running, or forget one that has ended, or that a person paused or stopped."""
        with self._lock:
            self._waiting.discard(run)
            others = [known for known in self.every() if known != run]
            write_atomic(self._path, json.dumps([*others, run] if is_running else others))

    def wait(self, run: str) -> None:
        """Note that a run waits for its key."""
        self._waiting.add(run)

    def is_waiting(self, run: str) -> bool:
        """Return whether a run waits for its key."""
        return run in self._waiting
