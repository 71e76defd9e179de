"""Reopen a stored run: its record, its rows, its ownership."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import SettingsError
from importer.journal import Journal, RunRecord, open_journal
from importer.observer import Observer
from importer.run_store.run_folder import RunFolder, state_folder
from importer.run_store.spool import Spool
from importer.runs.liveness import mark_dead_runs_interrupted
from importer.runs.run import ImportRun, load_run
from importer.settings import Settings

if TYPE_CHECKING:
    from importer.sending.target import Target


@contextlib.contextmanager
def open_run(
    run: str | None, settings: Settings, observer: Observer
) -> Iterator[tuple[ImportRun, Spool, RunFolder, Journal]]:
    """The run, owned by this process for as long as the block lasts. ``None`` is the latest unfinished one.

    Of ``settings`` only the key and the state folder count. Raises SettingsError: no such run, at work in another
    process, rows gone, or another contract by now.
    """
    state_dir = state_folder(settings.state_dir)
    journal = open_journal(state_dir)
    try:
        mark_dead_runs_interrupted(journal)
        record = _choose(journal, run)
        folder = RunFolder(state_dir, record.id)
        if not folder.path.exists() or not journal.acquire_run(record.id):
            raise SettingsError(f"run {record.id} cannot be taken up: it is at work now, or its rows are gone")
        try:
            spool = Spool(folder.path)
            plan = spool.plan()
            if plan is None:
                raise SettingsError(f"run {record.id} stopped before its rows were checked; import the file again")
            yield load_run(record, plan, settings, observer), spool, folder, journal
        finally:
            journal.release_run(record.id)
    finally:
        journal.close()


def find_run(run: str | None, state_dir: Path | None) -> RunRecord:
    """The run that ``open_run`` would take up. Raises SettingsError when there is none."""
    chosen = state_folder(state_dir)
    journal = open_journal(chosen)
    try:
        mark_dead_runs_interrupted(journal)
        return _choose(journal, run)
    finally:
        journal.close()


def verify_target(job: ImportRun) -> Target:
    """Where the run's requests go, with the key of now. Raises SettingsError when that is another account's."""
    from importer.sending.target import find_target

    target = find_target(job.vendor, job.settings.base_url, job.settings.api_key)
    if target.name != job.target:
        raise SettingsError(f"run {job.run} began with another API key; two keys are two accounts, so use the same one")
    return target


def _choose(journal: Journal, run: str | None) -> RunRecord:
    runs = journal.list_runs()
    if run is not None:
        for record in runs:
            if record.id == run:
                return record
        latest = ", ".join(entry.id for entry in runs[:5])
        raise SettingsError(f"there is no run {run!r}; " + (f"the latest are {latest}" if latest else "there are none"))
    for record in runs:
        if record.state in ("interrupted", "stopped"):
            return record
    raise SettingsError("there is no unfinished run")
