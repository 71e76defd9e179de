"""Tasks that continue a stored run: started by a person, or by a restart of the program."""

from __future__ import annotations

import contextlib

from importer.errors import ImporterError
from importer.journal import RunState
from importer.model.summary import Summary
from importer.pipeline import resolve_run, resume_run
from importer.runs.history import StoredRun, show_run
from importer.runs.resolve import ResolveOptions
from importer.sending.target import find_target
from importer.settings import Settings
from importer.web.background_tasks import Task, TaskFunction, TaskKind, run_key
from importer.web.services import WebServices
from schemas.contract import ContractError
from schemas.registry import load_vendor


def start_run_task(services: WebServices, run: str, kind: TaskKind, function: TaskFunction) -> Task:
    """Start a task on a stored run, unless one is running; return the one that is."""
    task = Task(kind)
    task.run = run
    return services.tasks.start(run_key(run), task, lambda started: while_running(services, run, started, function))


def while_running(services: WebServices, run: str, task: Task, function: TaskFunction) -> Summary | None:
    """Call a function that sends, with its run remembered as running, until it ends by itself."""
    services.unfinished.keep(run, is_running=True)
    try:
        return function(task)
    finally:
        if not services.is_closing:  # what the end of the program stops is continued by its next start
            services.unfinished.keep(run, is_running=False)


def is_unreported(stored: StoredRun) -> bool:
    """Return whether a run's process was killed: the journal then knows more than the reports, if there are any."""
    return stored.record.state == RunState.INTERRUPTED and not stored.record.counts and stored.has_rows


def report_again(services: WebServices, stored: StoredRun) -> Task:
    """Start to write the reports of a run that was killed, from what the journal knows. Nothing is sent."""
    run = stored.record.id
    settings = Settings(stored.record.vendor, state_dir=services.state_dir)
    task = Task(TaskKind.REPORT)
    task.run = run
    return services.tasks.start(
        run_key(run), task, lambda started: resolve_run(run, settings, ResolveOptions(asks=False), started)
    )


def continue_unfinished(services: WebServices) -> None:
    """Continue the runs that were running when the program ended; those whose key is not here wait for it."""
    for run in services.unfinished.every():
        with contextlib.suppress(ImporterError, ContractError):
            stored = show_run(run, services.state_dir)
            if not stored.has_rows or stored.record.state not in (RunState.INTERRUPTED, RunState.STOPPED):
                services.unfinished.keep(run, is_running=False)
                continue
            services.unfinished.wait(run)
            _resume(services, stored)


def _resume(services: WebServices, stored: StoredRun) -> None:
    """Resume a run whose key is here. Raises SettingsError without one, or when its practice copy is gone."""
    run, vendor = stored.record.id, stored.record.vendor
    key, url = services.get_run_key(run, vendor), stored.record.target.rpartition("#")[0]
    if find_target(load_vendor(vendor), url, key).name != stored.record.target:
        return  # another key: only the one that it began with continues it
    settings = Settings(vendor, state_dir=services.state_dir, api_key=key)
    start_run_task(services, run, TaskKind.RESUME, lambda task: resume_run(run, settings, task))
