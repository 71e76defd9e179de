"""Import the files of an inbox folder: each once it has stopped growing, then move it away with its reports."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from importer.errors import ExitCode, FileError, JournalError, MappingError, ReportError, SettingsError
from importer.files import make_private_folder, sha256_of, write_atomic
from importer.journal import RunRecord, open_journal
from importer.model.status import Status
from importer.model.summary import Summary
from importer.observer import Observer
from importer.pipeline import run_import
from importer.reading import SUFFIXES
from importer.run_store.run_folder import RunFolder, new_run_id, state_folder
from importer.run_store.spool import Spool
from importer.runs.context import resolve_context
from importer.settings import Settings

LOCK_FILE = ".inbox.lock"
REPORTS_IN_PROGRESS = ".reports"
DONE, NEEDS_REVIEW, FAILED = "done", "attention", "failed"
# After any other exit code the file stays, and the next inbox run continues it: a vendor that is down, or wrong
# settings, are not the file's fault.
FOLDER_BY_EXIT_CODE = {ExitCode.DONE: DONE, ExitCode.NEEDS_REVIEW: NEEDS_REVIEW, ExitCode.UNCERTAIN: NEEDS_REVIEW}
MAX_SCANS = 20  # a file that keeps growing is left for the next inbox run
MakeObserver = Callable[[], contextlib.AbstractContextManager[Observer]]


@dataclass(frozen=True, slots=True)
class ProcessedFile:
    """A processed file: its location now (unchanged if it stays), its exit code, and a message for people."""

    file: Path
    location: Path
    exit_code: int
    message: str
    summary: Summary | None = None


@contextlib.contextmanager
def exclusive_access(folder: Path) -> Iterator[bool]:
    """Lock the folder for a block; yields False when another process has it.

    Raises SettingsError when the lock, or a folder for processed files, is a symbolic link.
    """
    for name in (LOCK_FILE, REPORTS_IN_PROGRESS, DONE, NEEDS_REVIEW, FAILED):
        if (folder / name).is_symlink():
            raise SettingsError(f"{folder / name}: is a symbolic link, which an inbox does not follow. Delete it.")
    lock = FileLock(folder / LOCK_FILE)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def import_waiting_files(
    folder: Path, settings: Settings, settle_seconds: float, make_observer: MakeObserver
) -> Iterator[ProcessedFile]:
    """Import every file that has not changed for ``settle_seconds``, the oldest first; wait for those still growing.

    Ends after a file that stays, because the vendor would not accept the others either.
    """
    for _ in range(MAX_SCANS):
        before = {path: _size_and_time(path) for path in _waiting_files(folder)}
        if not before:
            return
        time.sleep(settle_seconds)  # no signal says that a file is complete; that it has stopped changing does
        for path in (path for path, known in before.items() if _size_and_time(path) == known):
            processed = process_file(path, settings, make_observer)
            yield processed
            if processed.location == path:
                return


def _waiting_files(folder: Path) -> list[Path]:
    """Return the files to import, the oldest first. Not among them: hidden files, Office's lock files, symlinks."""
    files = [
        path
        for path in folder.iterdir()
        if path.is_file()
        and not path.is_symlink()
        and not path.name.startswith((".", "~$"))
        and path.name.lower().endswith(SUFFIXES)
    ]
    return sorted(files, key=lambda path: (path.stat().st_mtime, path.name))


def _size_and_time(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_size, stat.st_mtime_ns


def process_file(path: Path, settings: Settings, make_observer: MakeObserver) -> ProcessedFile:
    """Import one file of a folder, and move it with its reports to where its result belongs."""
    folder = path.parent
    try:
        earlier = _find_completed_run(path, settings)
        if earlier is not None:
            location = _move(path, folder / DONE, earlier.id)
            message = f"was imported before, by run {earlier.id}; nothing was sent"
            return ProcessedFile(path, location, int(ExitCode.DONE), message)
        output = folder / REPORTS_IN_PROGRESS / new_run_id()
        with make_observer() as observer:
            summary = run_import(path, replace(settings, output=output), observer)
    except (FileError, MappingError) as error:  # a SettingsError is not the file's fault, and stops the inbox
        location = _move(path, folder / FAILED, new_run_id())
        write_atomic(location.with_name(f"{location.name}.error.txt"), f"{error}\n")
        return ProcessedFile(path, location, int(error.exit_code), str(error))
    except (JournalError, ReportError) as error:
        return ProcessedFile(path, path, int(error.exit_code), f"{error}; the file stays and is continued next time")
    return _archive(path, summary, output, settings)


def _archive(path: Path, summary: Summary, output: Path, settings: Settings) -> ProcessedFile:
    """Move an imported file with its reports, and record the reports' new place with the run."""
    counts = ", ".join(f"{count:,} {status}" for status, count in summary.counts.items() if count) or "no rows"
    archive = FOLDER_BY_EXIT_CODE.get(ExitCode(summary.exit_code))
    if archive is None:
        counts += "; the file stays and is continued next time"
    target = path.parent / (archive or REPORTS_IN_PROGRESS)
    make_private_folder(target)
    reports = target / f"{path.stem}-{summary.run}"
    if summary.outputs:  # a file without rows has none
        output.rename(reports)
        state_dir = state_folder(settings.state_dir)
        Spool(RunFolder(state_dir, summary.run).path).move_output(reports.absolute())
        with contextlib.closing(open_journal(state_dir)) as journal:
            journal.set_output(summary.run, str(reports.absolute()))
            journal.save_run_files(summary.run, RunFolder(state_dir, summary.run).path)
    outputs = {name: reports / report.name for name, report in summary.outputs.items()}
    location = path if archive is None else _move(path, target, summary.run)
    return ProcessedFile(path, location, int(summary.exit_code), counts, replace(summary, outputs=outputs))


def _move(path: Path, folder: Path, run: str) -> Path:
    """Move a file into the folder; where its name is taken, the run's id is added to it."""
    make_private_folder(folder)
    destination = folder / path.name
    if destination.exists():
        destination = folder / f"{path.stem}-{run}{path.suffix}"
    return path.rename(destination)


def _find_completed_run(path: Path, settings: Settings) -> RunRecord | None:
    """Return a run of the same content to the same target that has nothing left to do."""
    context, sha256 = resolve_context(settings), sha256_of(path)
    wanted = (sha256, context.target.name, context.operation.name)
    with contextlib.closing(open_journal(context.state_dir, new_journal=settings.new_journal)) as journal:
        for run in journal.list_runs():
            is_same = (run.file_sha256, run.target, run.operation) == wanted
            if is_same and run.state == "finished" and not run.counts.get(Status.UNCERTAIN):
                return run
    return None
