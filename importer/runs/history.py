"""The runs of a state folder: listing them, and taking the personal data of old ones away."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.drafts.store import DraftStore
from importer.errors import SettingsError
from importer.journal import Journal, RunRecord, open_journal
from importer.model.status import Status
from importer.run_store.run_folder import RunFolder, state_folder
from importer.runs.liveness import mark_dead_runs_interrupted

REPORTS = ("result.*", "errors.*", "report.html", "summary.json")
UNFINISHED = ("interrupted", "stopped", "running")


@dataclass(frozen=True, slots=True)
class StoredRun:
    """What is there of a run besides its record: its rows (to go on, to compare with), its reports."""

    record: RunRecord
    has_rows: bool
    has_reports: bool


@dataclass(frozen=True, slots=True)
class PruneResult:
    """What was taken away, with the bytes that it took, and what was left and why."""

    runs: tuple[str, ...]
    freed: int
    left: tuple[tuple[str, str], ...]


def list_runs(state_dir: Path | None) -> list[StoredRun]:
    """Every run, the latest first; those whose process is gone are marked as interrupted."""
    with _opened(state_dir) as (journal, folder):
        return [_kept(record, folder) for record in journal.runs()]


def show_run(run: str, state_dir: Path | None) -> StoredRun:
    """One run. Raises SettingsError when there is none of that id."""
    known = list_runs(state_dir)
    for kept in known:
        if kept.record.id == run:
            return kept
    latest = ", ".join(kept.record.id for kept in known[:5])
    raise SettingsError(f"there is no run {run!r}; " + (f"the latest are {latest}" if latest else "there are none"))


def is_run(state_dir: Path | None, run: str) -> bool:
    """Whether there is a run of that id, or one is about to be."""
    owned = RunFolder(state_folder(state_dir), run).is_owned()
    return owned or any(kept.record.id == run for kept in list_runs(state_dir))


def prune_runs(state_dir: Path | None, older_than: float, *, unfinished: bool = False) -> PruneResult:
    """Take away the rows, bodies, reports and vendor's words of runs that ended ``older_than`` seconds ago.

    What is needed to never send a row twice stays: digests of requests and contacts, ids, times. Runs that can be gone
    on with, and those with rows in doubt, are left as they are unless ``unfinished`` is asked for.
    """
    now, pruned, left, freed, bare = time.time(), [], [], 0, set()
    with _opened(state_dir) as (journal, folder):
        for record in journal.runs():
            kept = _kept(record, folder)
            if now - (record.ended or record.heartbeat) < older_than:
                continue
            if not (kept.has_rows or kept.has_reports):
                bare.add(record.id)
                continue
            why = _skip_reason(record, unfinished=unfinished)
            if why:
                left.append((record.id, why))
                continue
            freed += _remove(kept, folder)
            journal.forget_words(record.id)
            pruned.append(record.id)
        known = {record.id for record in journal.runs()}
        freed += _remove_strays(folder, known, now - older_than)
        freed += _remove_uploads(folder, bare.union(pruned), known, now - older_than)
    return PruneResult(tuple(pruned), freed, tuple(left))


def remove_run(state_dir: Path | None, run: str) -> None:
    """Take away the rows, reports and file of one run, whatever its state. Raises SettingsError when it is at work."""
    kept = show_run(run, state_dir)
    if kept.record.state == "running":
        raise SettingsError(f"run {run} is at work; stop it first")
    with _opened(state_dir) as (journal, folder):
        _remove(kept, folder)
        journal.forget_words(run)
        _remove_uploads(folder, {run}, {run}, 0.0)


def rows_of_run(state_dir: Path | None, run: str, rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The filled cells of these rows of a run, as far as they are still there."""
    import polars as pl

    from importer.run_store.spool import Spool

    spool = Spool(RunFolder(state_folder(state_dir), run).path)
    if not rows or spool.plan() is None:
        return {}
    found = spool.rows(pl.Series("row", rows, dtype=pl.UInt32))
    return {row: tuple(text for text in cells if text) for row, *cells in found.iter_rows()}


def _remove_strays(state_dir: Path, known: Collection[str], before: float) -> int:
    """Delete the rows of runs from before then that were killed before the journal knew them; the bytes they took."""
    freed = 0
    for path in (state_dir / "runs").glob("*/"):
        folder = RunFolder(state_dir, path.name)
        if path.name not in known and path.stat().st_mtime < before and not folder.is_owned():
            freed += sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
            folder.remove()
    return freed


def _remove_uploads(state_dir: Path, gone: Collection[str], known: Collection[str], before: float) -> int:
    """Delete the uploaded files of runs that are gone, and those from before then that became none; their bytes."""
    drafts = DraftStore(state_dir)
    freed = drafts.sweep(before)
    for draft in drafts.every():
        waits = draft.run is None or (draft.run not in known and not RunFolder(state_dir, draft.run).is_owned())
        if draft.run in gone or (waits and draft.created < before):
            freed += sum(path.stat().st_size for path in draft.folder.rglob("*") if path.is_file())
            drafts.remove(draft.id)
    return freed


def _skip_reason(record: RunRecord, *, unfinished: bool) -> str:
    """Why a run's rows are still needed; empty when they are not."""
    if record.state == "running":
        return "it is at work"
    if unfinished:
        return ""
    if record.state in UNFINISHED:
        return f"it can be gone on with (resume {record.id})"
    if uncertain := record.counts.get(Status.UNCERTAIN, 0):
        return f"{uncertain} of its rows are uncertain (resolve {record.id})"
    return ""


def _remove(kept: StoredRun, state_dir: Path) -> int:
    """Delete what is there of a run, and the folder of its reports if nothing else is in it; the bytes it took."""
    output = Path(kept.record.output)
    patterns = REPORTS if kept.has_reports else ()
    reports = [path for pattern in patterns for path in output.glob(pattern) if path.is_file()]
    folder = RunFolder(state_dir, kept.record.id)
    rows = [path for path in folder.path.rglob("*") if path.is_file()]
    freed = sum(path.stat().st_size for path in (*reports, *rows))
    for path in reports:
        path.unlink(missing_ok=True)
    if reports:
        with contextlib.suppress(OSError):  # something else is in it
            output.rmdir()
    folder.remove()
    return freed


def _kept(record: RunRecord, state_dir: Path) -> StoredRun:
    rows = (RunFolder(state_dir, record.id).path / "plan.json").exists()
    return StoredRun(record, rows, _reported(Path(record.output)) == record.id)


def _reported(output: Path) -> str | None:
    """The run that the reports in a folder are of: another one may have been told to write there, too."""
    try:
        found = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get("run") if isinstance(found, dict) else None


@contextlib.contextmanager
def _opened(state_dir: Path | None) -> Iterator[tuple[Journal, Path]]:
    folder = state_folder(state_dir)
    journal = open_journal(folder)
    try:
        mark_dead_runs_interrupted(journal, folder)
        yield journal, folder
    finally:
        journal.close()
