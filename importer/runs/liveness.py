"""Detect dead runs, and mark what they left intended as uncertain."""

from __future__ import annotations

from contextlib import closing

from importer.journal import Journal, RunRecord, RunState


def mark_dead_runs_interrupted(journal: Journal) -> None:
    """Mark runs whose owner is dead as interrupted, and their intents as uncertain."""
    for run in journal.list_runs():
        if run.state == RunState.RUNNING and not journal.is_alive(run):
            journal.mark_intents_uncertain(run.id)
            journal.end_run(run.id, RunState.INTERRUPTED, run.rows, run.counts)


def concurrent_runs(journal: Journal, record: RunRecord) -> list[str]:
    """Return the other live runs of the same file to the same target."""
    return [
        run.id
        for run in journal.list_runs()
        if (run.file_sha256, run.target, run.operation, run.state)
        == (record.file_sha256, record.target, record.operation, RunState.RUNNING)
        and run.id != record.id
        and journal.is_alive(run)
    ]


def release_if_dead(journal: Journal, owner: str) -> None:
    """Mark the intents of one run as uncertain if its owner is dead.

    Uses a connection of its own: the journal writer may be using this one in its thread.
    """
    with closing(journal.reconnect()) as own:
        for run in own.list_runs():
            if run.id == owner and not own.is_alive(run):
                own.mark_intents_uncertain(owner)
