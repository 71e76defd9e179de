"""A queue of imports in the database of the journal, on Procrastinate: one task a file, for any number of workers.

A task may run twice: the journal decides about each row. A worker holds an advisory lock for each of its tasks, so a
task that is "doing" and whose lock is free belongs to a dead worker, and is put back.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
import tempfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job, Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from psycopg.conninfo import make_conninfo

from importer.errors import ExitCode, SettingsError
from importer.journal.postgres.connection import connect, is_lost, write_errors
from importer.journal.postgres.queued_files import Connection, delete_file, load_file, lock_job, store_file, unlock_job

QUEUE_SCHEMA = "contact_importer_queue"
TASK = "import_file"
RETRY_SECONDS = 20 * 60.0
SWEEP_SECONDS = 15.0
STOP_SECONDS = 2.0  # between a signal to the worker and the one to its imports, which then end by themselves
RETRIED = (ExitCode.STOPPED, ExitCode.INTERRUPTED)
DONE = (ExitCode.DONE, ExitCode.NEEDS_REVIEW, ExitCode.UNCERTAIN)
_log = logging.getLogger(__name__)


class _StoppedImportError(Exception):
    """An import that stopped early; the rest of its rows can be sent later."""


class _FailedImportError(Exception):
    """An import that could not start."""


class _RetryStopped(BaseRetryStrategy):
    """Try again what stopped; the delay is in seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002
        is_stopped = isinstance(exception, _StoppedImportError)
        return RetryDecision(retry_at=datetime.now(tz=UTC) + timedelta(seconds=self._seconds)) if is_stopped else None


def prepare_queue(url: str) -> None:
    """Create the tables of the queue, as the owner of the database. Doing it twice changes nothing."""
    with write_errors(url), connect(url) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {QUEUE_SCHEMA}".encode())
        found = connection.execute("SELECT to_regclass(%s)", (f"{QUEUE_SCHEMA}.procrastinate_jobs",)).fetchall()
    if found[0][0] is None:
        with _make_app(url).open() as app:
            app.schema_manager.apply_schema()


def enqueue_file(url: str, file: Path, job: str) -> bool:
    """Enqueue the import of a file with a job of the workers' importer.toml; False when it is in the queue already.

    Raises SettingsError when the file cannot be read or there is no queue.
    """
    with write_errors(url), connect(url) as connection:
        _reject_missing_queue(connection)
        try:
            stored, sha256 = store_file(connection, file)
        except OSError as error:
            raise SettingsError(f"{file}: cannot be read ({error.strerror})") from error
        with _make_app(url).open() as app:
            task = app.configure_task(TASK, lock=f"job {job}", queueing_lock=f"{job} {sha256}", allow_unknown=True)
            try:
                task.defer(file=stored, name=file.name, job=job)
            except AlreadyEnqueued:
                delete_file(connection, stored)
                return False
    return True


class Worker:
    """Imports enqueued files, each in a process of its own, until it is stopped."""

    def __init__(self, url: str, output: Path, config: Path | None, retry_seconds: float = RETRY_SECONDS) -> None:
        self._url = url
        self._output = output
        self._options = ["--config", str(config)] if config else []
        self._retry_seconds = retry_seconds
        self._jobs: set[int] = set()
        self._connection: Connection | None = None

    def run(self, jobs: int, *, wait: bool = True) -> None:
        """Import with so many processes at once; without ``wait``, end when the queue is empty."""
        try:
            with write_errors(self._url):
                _reject_missing_queue(self._connect())
                asyncio.run(self._work(jobs, wait=wait))
        finally:
            if self._connection is not None:
                self._connection.close()

    async def _work(self, jobs: int, *, wait: bool) -> None:
        app = _make_app(self._url)
        app.task(name=TASK, pass_context=True, retry=_RetryStopped(self._retry_seconds))(self._import)
        async with app.open_async():
            await self._sweep_once(app)
            async with _background(self._sweep(app)):
                await app.run_worker_async(
                    concurrency=jobs,
                    wait=wait,
                    listen_notify=False,  # every notifying commit waits for one lock of the whole server
                    shutdown_graceful_timeout=STOP_SECONDS,
                )

    async def _import(self, context: JobContext, *, file: str, name: str, job: str) -> None:
        """Import one file. Raises _StoppedImportError when it is to be tried again later."""
        number = context.job.id or 0
        lock_job(self._connect(), number)
        self._jobs.add(number)
        try:
            with tempfile.TemporaryDirectory(prefix="contact-importer-") as folder:
                path = load_file(self._connect(), file, Path(folder))
                if path is None:
                    raise _FailedImportError(f"{name}: its content is no longer in the database")
                code = await self._run_import(path, job, self._output / f"{path.stem}-{number}")
            if code in RETRIED or code < 0:  # a signal, such as that of a machine without memory
                raise _StoppedImportError(f"{name}: stopped with exit code {code}; it is continued later")
            delete_file(self._connect(), file)
            if code not in DONE:
                raise _FailedImportError(f"{name}: failed with exit code {code}")
        finally:
            self._jobs.discard(number)
            unlock_job(self._connect(), number)

    async def _run_import(self, path: Path, job: str, output: Path) -> int:
        words = ["run", str(path), "--job", job, "--output", str(output), "--yes", "--no-input", "--quiet"]
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", "importer", *words, *self._options)
        try:
            return await process.wait()
        except asyncio.CancelledError:  # the worker was told to end
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            return await process.wait()

    async def _sweep(self, app: App) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            await self._sweep_once(app)

    async def _sweep_once(self, app: App) -> None:
        """Put back the tasks of workers that are dead."""
        for job in await app.job_manager.list_jobs_async(task=TASK, status=Status.DOING.value):
            if job.id is None or job.id in self._jobs or not lock_job(self._connect(), job.id):
                continue
            try:
                _log.warning("import %s was left by a worker that died; it is continued", job.id)
                await app.job_manager.retry_job(job)
            finally:
                unlock_job(self._connect(), job.id)

    def _connect(self) -> Connection:
        """Return the connection that holds the locks; a lost one is replaced, and the locks are taken again."""
        if self._connection is None or is_lost(self._connection):
            self._connection = connect(self._url)
            for job in self._jobs:
                lock_job(self._connection, job)
        return self._connection


@contextlib.asynccontextmanager
async def _background(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _make_app(url: str) -> App:
    return App(connector=PsycopgConnector(conninfo=make_conninfo(url, options=f"-c search_path={QUEUE_SCHEMA}")))


def _reject_missing_queue(connection: Connection) -> None:
    found = connection.execute("SELECT to_regclass(%s)", (f"{QUEUE_SCHEMA}.procrastinate_jobs",)).fetchall()
    if found[0][0] is None:
        raise SettingsError("The database has no queue yet. Run contact-importer journal init --queue.")
