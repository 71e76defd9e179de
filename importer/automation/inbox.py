"""A folder that files are put into: each is imported once it has stopped growing, and moved away with its reports."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from filelock import FileLock, Timeout

from importer.errors import ExitCode, FileError, JournalError, MappingError, ReportError
from importer.files import sha256_of
from importer.journal import RunRecord, open_journal
from importer.model.status import Status
from importer.model.summary import Summary
from importer.observer import Observer
from importer.pipeline import run_import
from importer.reading import SUFFIXES
from importer.run_store.run_folder import RunFolder, new_run_id, state_folder
from importer.run_store.spool import Spool
from importer.runs.prepare import find_operation
from importer.settings import Settings

LOCK, WORK = ".inbox.lock", ".reports"
DONE, NEEDS_REVIEW, FAILED = "done", "attention", "failed"
PLACES = {ExitCode.DONE: DONE, ExitCode.NEEDS_REVIEW: NEEDS_REVIEW, ExitCode.UNCERTAIN: NEEDS_REVIEW}
"""Where a file goes; after any other end it stays, because the next time goes on with it."""
MOST_LOOKS = 20
"""At files that do not stop growing; then they are left for the next time."""
Watching = Callable[[], contextlib.AbstractContextManager[Observer]]


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of a file: where it is now (where it was, if it stays), and in words why."""

    file: Path
    now: Path
    exit_code: int
    words: str
    summary: Summary | None = None


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[bool]:
    """Whether no other process works on this folder, for as long as the block lasts."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def handle_all(folder: Path, settings: Settings, settle: float, watching: Watching) -> Iterator[Handled]:
    """Import every file that has not changed for ``settle`` seconds, the oldest first; wait for those that still grow.

    Ends after a file that the vendor could not take now: the others would fare no better.
    """
    for _ in range(MOST_LOOKS):
        before = {path: _looks(path) for path in _waiting(folder)}
        if not before:
            return
        time.sleep(settle)  # nobody says when a file is complete; that it does not change for a while does
        for path in (path for path, looks in before.items() if _looks(path) == looks):
            handled = _handle(path, settings, watching)
            yield handled
            if handled.now == path:
                return


def _waiting(folder: Path) -> list[Path]:
    """Files to be imported, the oldest first."""
    found = [
        path
        for path in folder.iterdir()
        if path.is_file() and not path.name.startswith((".", "~$")) and path.name.lower().endswith(SUFFIXES)
    ]
    return sorted(found, key=lambda path: (path.stat().st_mtime, path.name))


def _looks(path: Path) -> tuple[int, int] | None:
    try:
        known = path.stat()
    except OSError:
        return None
    return known.st_size, known.st_mtime_ns


def _handle(path: Path, settings: Settings, watching: Watching) -> Handled:
    folder = path.parent
    try:
        before = _done_before(path, settings)
        if before is not None:
            now = _move(path, folder / DONE, before.id)
            return Handled(path, now, int(ExitCode.DONE), f"was imported before, by run {before.id}; nothing was sent")
        output = folder / WORK / new_run_id()
        with watching() as observer:
            summary = run_import(path, replace(settings, output=output), observer)
    except (FileError, MappingError) as error:  # what is wrong with the settings is no file's fault: it stops them all
        now = _move(path, folder / FAILED, new_run_id())
        now.with_name(f"{now.name}.error.txt").write_text(f"{error}\n", encoding="utf-8")
        return Handled(path, now, int(error.exit_code), str(error))
    except (JournalError, ReportError) as error:
        return Handled(path, path, int(error.exit_code), f"{error}; it stays, to be gone on with")
    return _put_away(path, summary, output, settings)


def _put_away(path: Path, summary: Summary, output: Path, settings: Settings) -> Handled:
    """Move a file that was imported, and its reports beside it; the run knows where they are."""
    counts = ", ".join(f"{count:,} {status}" for status, count in summary.counts.items() if count) or "no rows"
    place = PLACES.get(ExitCode(summary.exit_code))
    if place is None:
        counts += "; it stays, to be gone on with"
    target = path.parent / (place or WORK)
    target.mkdir(mode=0o700, exist_ok=True)
    reports = target / f"{path.stem}-{summary.run}"
    output.rename(reports)
    run = RunFolder(state_folder(settings.state_dir), summary.run)
    Spool(run.path).move_output(reports.absolute())
    journal = open_journal(state_folder(settings.state_dir))
    try:
        journal.move_output(summary.run, str(reports.absolute()))
    finally:
        journal.close()
    moved = {name: reports / known.name for name, known in summary.outputs.items()}
    now = path if place is None else _move(path, target, summary.run)
    return Handled(path, now, int(summary.exit_code), counts, replace(summary, outputs=moved))


def _move(path: Path, folder: Path, run: str) -> Path:
    """Into the folder, under its name, or with the run's id where that is taken."""
    folder.mkdir(mode=0o700, exist_ok=True)
    to = folder / path.name
    if to.exists():
        to = folder / f"{path.stem}-{run}{path.suffix}"
    return path.rename(to)


def _done_before(path: Path, settings: Settings) -> RunRecord | None:
    """A run over the very same content, to the same target, that has nothing left to do."""
    from importer.sending.target import find_target

    vendor, operation = find_operation(settings)
    target, sha256 = find_target(vendor, settings.base_url, settings.api_key).name, sha256_of(path)
    journal = open_journal(state_folder(settings.state_dir))
    try:
        for run in journal.runs():
            same = (run.file_sha256, run.target, run.operation) == (sha256, target, operation.name)
            if same and run.state == "finished" and not run.counts.get(Status.UNCERTAIN):
                return run
    finally:
        journal.close()
    return None
