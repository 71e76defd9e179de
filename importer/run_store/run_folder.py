"""The state folder, and in it a folder of files for each run.

The spooled rows are here and not beside the reports: deleting the reports must not make a run impossible to resume, and
the rows are personal data, which this folder (mode 0700) guards.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

ENVIRONMENT = "CONTACT_IMPORTER_STATE_DIR"
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
ID_BYTES = 4  # random ones: runs that start in the same second, on several machines too, must not share an id


def state_folder(chosen: Path | None) -> Path:
    """Return the chosen folder, else the environment's, else the user's state folder."""
    named = chosen or os.environ.get(ENVIRONMENT)
    return Path(named) if named else platformdirs.user_state_path("contact-importer")


def permission_warning(state_dir: Path) -> str:
    """Return a warning when other users of the machine can change the state folder; empty when they cannot."""
    if os.name != "posix" or not state_dir.exists() or not state_dir.stat().st_mode & WRITABLE_BY_OTHERS:
        return ""
    return (
        f"Other users can write to the state folder {state_dir}, and so make rows be sent twice or not at all. "
        f"Run chmod go-w {state_dir}"
    )


def new_run_id() -> str:
    """Return an id that sorts by time and is unique: ``20261121-013045-a1b2c3d4``."""
    return f"{datetime.now(tz=UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(ID_BYTES)}"


def create_run_folder(state_dir: Path) -> RunFolder:
    """Create the folder of a new run, under an id that no other run of the state folder has."""
    while not (folder := RunFolder(state_dir, new_run_id())).create():
        continue
    return folder


class RunFolder:
    """The folder of one run: its spooled rows, its results so far, and the log of its requests."""

    def __init__(self, state_dir: Path, run: str) -> None:
        self.run = run
        self.path = state_dir / "runs" / run

    def create(self) -> bool:
        """Create the folder, readable by its owner only; False when it exists: then the id is another run's."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self.path.mkdir(mode=0o700)
        except FileExistsError:
            return False
        return True

    def size(self) -> int:
        """Return the bytes that its files take."""
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())

    def remove(self) -> None:
        """Delete the folder and everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)
