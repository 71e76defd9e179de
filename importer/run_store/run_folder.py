"""Where the state lives: the state folder, a folder for each run, and the lock that says its owner is alive."""

from __future__ import annotations

import os
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

import platformdirs
from filelock import FileLock, Timeout

ENVIRONMENT = "CONTACT_IMPORTER_STATE_DIR"


def state_folder(chosen: Path | None) -> Path:
    """The chosen folder, else the environment's, else the user's state folder."""
    named = chosen or os.environ.get(ENVIRONMENT)
    return Path(named) if named else platformdirs.user_state_path("contact-importer")


def new_run_id() -> str:
    """Sorts by time and is unique: ``20261121-013045-a1b2``."""
    return f"{datetime.now(tz=UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


class RunFolder:
    """The folder of one run: its spooled rows, its results so far, and its owner's lock."""

    def __init__(self, state_dir: Path, run: str) -> None:
        self.path = state_dir / "runs" / run
        self._lock = FileLock(self.path / "owner.lock")

    def make(self) -> None:
        """Make the folder, for its owner's eyes only."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)

    def take(self) -> bool:
        """Become the owner; False when a live process is. The lock goes with the process, however it ends."""
        self.make()
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Stop being the owner."""
        self._lock.release()

    def is_owned(self) -> bool:
        """Whether a live process (this one too) owns the run."""
        if not self.path.exists():
            return False
        if self._lock.is_locked:
            return True
        probe = FileLock(self.path / "owner.lock")
        try:
            probe.acquire(blocking=False)
        except Timeout:
            return True
        probe.release()
        return False

    def remove(self) -> None:
        """Delete the folder and what is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
