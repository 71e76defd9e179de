"""Reopen a stored run: its record in the journal, its rows in the spool, its lock."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import SettingsError
from importer.journal import Journal, RunRecord, RunState, fetch_run_files
from importer.model.catalogue import N_
from importer.observer import Observer
from importer.run_store.run_folder import RunFolder, state_folder
from importer.run_store.spool import PLAN, Spool
from importer.run_store.spool_format import read_errors
from importer.runs.context import open_state
from importer.runs.run import ImportRun, load_run
from importer.settings import Settings

if TYPE_CHECKING:
    from importer.sending.target import Target


@contextlib.contextmanager
def open_run(
    run_id: str | None, settings: Settings, observer: Observer, *, may_be_undone: bool = False
) -> Iterator[tuple[ImportRun, Spool, RunFolder, Journal]]:
    """Own a stored run for a block; None selects the latest unfinished one.

    Of ``settings`` only the key, the state folder and another output folder count. Raises SettingsError when there is
    no such run, another process is running it, its rows are gone, or its contract has changed.
    """
    state_dir = state_folder(settings.state_dir)
    with open_state(state_dir) as journal:
        record = _choose_record(journal, run_id, state_dir)
        if record.state == RunState.UNDONE and not may_be_undone:
            raise SettingsError.said(N_("run %(run)s was undone; import its file again"), run=record.id)
        folder = RunFolder(state_dir, record.id)
        if not journal.acquire_run(record.id):
            raise SettingsError.said(N_("run %(run)s cannot be resumed: it is running now"), run=record.id)
        try:
            fetch_run_files(state_dir, record.id)
            spool = Spool(folder.path)
            if not folder.path.exists():
                raise SettingsError.said(
                    N_("run %(run)s cannot be resumed: its rows are gone; import the file again"), run=record.id
                )
            manifest = spool.plan()
            if manifest is None:
                raise SettingsError.said(
                    N_("run %(run)s stopped before its rows were checked; import the file again"), run=record.id
                )
            with read_errors(folder.path / PLAN):
                reopened = load_run(record, manifest, folder.path, settings, observer)
            journal.restore_reserve(record)
            yield reopened, spool, folder, journal
        finally:
            journal.release_run(record.id)


def find_run(run_id: str | None, state_dir: Path | None) -> RunRecord:
    """Return the record of the run that ``open_run`` would open. Raises SettingsError when there is none."""
    folder = state_folder(state_dir)
    with open_state(folder) as journal:
        return _choose_record(journal, run_id, folder)


def verify_target(run: ImportRun) -> Target:
    """Return the run's target. Raises SettingsError when the key is not the one that the run began with."""
    if run.settings.practice and not _is_there(run):
        gone = N_("run %(run)s was for practice, and its copy of the API is gone; import the file again")
        raise SettingsError.said(gone, run=run.id)
    target = run.context.target
    if target.name != run.target_name:
        raise SettingsError.said(
            N_("run %(run)s began with another API key; two keys are two accounts, so use the same one"), run=run.id
        )
    return target


def _is_there(run: ImportRun) -> bool:
    """Return whether a practice run's copy of the API is the one that the key belongs to."""
    try:
        return run.context.target.name == run.target_name
    except SettingsError:  # its key ended with it
        return False


def _choose_record(journal: Journal, run_id: str | None, state_dir: Path) -> RunRecord:
    records = journal.list_runs()
    if run_id is not None:
        for record in records:
            if record.id == run_id:
                return record
        latest = ", ".join(record.id for record in records[:5])
        raise SettingsError(
            f"there is no run {run_id!r}; " + (f"the latest are {latest}" if latest else "there are none")
        )
    unfinished = [record for record in records if record.state in ("interrupted", "stopped")]
    if not unfinished:
        raise SettingsError.said(N_("there is no unfinished run"))
    return next((record for record in unfinished if not _was_for_practice(state_dir, record)), unfinished[0])


def _was_for_practice(state_dir: Path, record: RunRecord) -> bool:
    """Return True for a run whose copy of the API has ended with it, so that it cannot be resumed."""
    plan = Spool(RunFolder(state_dir, record.id).path).plan() or {}
    return bool(plan.get("settings", {}).get("practice"))
