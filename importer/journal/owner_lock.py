"""The lock that shows that the owner of a run is alive.

The kernel drops a file lock however the process ends, and a process id can be used again. Runs on another host, whose
locks cannot be seen, go by their heartbeat.
"""

from __future__ import annotations

from pathlib import Path

from filelock import FileLock, Timeout

# ``is_held`` of another process holds a lock for a moment; to acquire it waits this long for that to pass.
PROBE_SECONDS = 0.2


class OwnerLocks:
    """The locks of the runs of one state folder."""

    def __init__(self, state_dir: Path) -> None:
        self._runs = state_dir / "runs"
        self._held: dict[str, FileLock] = {}

    def acquire(self, run: str) -> bool:
        """Take the lock of a run; False while a live process, this one included, holds it."""
        if run in self._held:
            return False
        self._path(run).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self._path(run))
        if not _acquire(lock, PROBE_SECONDS):
            return False
        self._held[run] = lock
        return True

    def release(self, run: str) -> None:
        """Let go of the lock of a run, if it is held."""
        lock = self._held.pop(run, None)
        if lock is not None:
            lock.release()

    def is_held(self, run: str) -> bool:
        """Return True while a live process, this one included, holds the lock of a run."""
        if run in self._held:
            return True
        if not self._path(run).parent.exists():
            return False
        probe = FileLock(self._path(run))
        if not _acquire(probe, 0.0):
            return True
        probe.release()
        return False

    def _path(self, run: str) -> Path:
        """Return the lock's file: in the folder of the run, so that it goes when the folder is removed."""
        return self._runs / run / "owner.lock"


def _acquire(lock: FileLock, seconds: float) -> bool:
    try:
        lock.acquire(timeout=seconds, poll_interval=PROBE_SECONDS / 10)
    except Timeout:
        return False
    return True
