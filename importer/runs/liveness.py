"""Which runs are alive, and what becomes of what the dead ones left behind."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from importer.journal.interface import Journal, RunRecord
from importer.journal.sqlite import open_journal
from importer.run_store.run_folder import RunFolder

FOREIGN_OWNER_SECONDS = 600.0
"""An owner on another host is taken for dead when its heartbeat is older than this."""


def is_alive(run: RunRecord, state_dir: Path) -> bool:
    """Whether a process works on the run: here by its lock, on another host by its heartbeat."""
    if run.host != socket.gethostname():
        return time.time() - run.heartbeat < FOREIGN_OWNER_SECONDS
    return RunFolder(state_dir, run.id).is_owned()


def mark_dead_runs_interrupted(journal: Journal, state_dir: Path) -> None:
    """Mark runs whose owner is dead, and what they left intended: it may or may not have been applied."""
    for run in journal.runs():
        if run.state == "running" and not is_alive(run, state_dir):
            journal.give_up_intents(run.id)
            journal.end_run(run.id, "interrupted", run.rows, run.counts)


def concurrent_runs(journal: Journal, state_dir: Path, record: RunRecord) -> list[str]:
    """Other live runs of the same file to the same target."""
    return [
        run.id
        for run in journal.runs()
        if (run.file_sha256, run.target, run.operation, run.state)
        == (record.file_sha256, record.target, record.operation, "running")
        and run.id != record.id
        and is_alive(run, state_dir)
    ]


def release_if_dead(state_dir: Path, owner: str) -> None:
    """The same for one run, over a connection of its own (the caller's may be in another thread's hands)."""
    journal = open_journal(state_dir)
    try:
        for run in journal.runs():
            if run.id == owner and not is_alive(run, state_dir):
                journal.give_up_intents(owner)
    finally:
        journal.close()
