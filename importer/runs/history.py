"""The runs of a state folder: listing them, and deleting the personal data of old ones."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.drafts.store import DraftStore
from importer.errors import SettingsError
from importer.journal import Journal, RunRecord, RunState, fetch_run_files, open_journal
from importer.model.catalogue import N_
from importer.model.report_columns import names_contact
from importer.model.status import Status
from importer.run_store.run_folder import RunFolder, state_folder
from importer.runs.liveness import mark_dead_runs_interrupted

REPORTS = ("result.*", "errors.*", "report.html", "summary.json")
UNFINISHED = (RunState.INTERRUPTED, RunState.STOPPED, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A run's record, and which of its files still exist: its rows (to resume, to compare with), its reports."""

    record: RunRecord
    has_rows: bool
    has_reports: bool


@dataclass(frozen=True, slots=True)
class CleanedValues:
    """A kind of cleaning, how many values it changed, and one of them."""

    kind: str
    count: int
    row: int
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PruneResult:
    """The runs that were pruned, the bytes that they took, and the runs that were skipped, each with the reason."""

    runs: tuple[str, ...]
    freed: int
    skipped: tuple[tuple[str, str], ...]


def list_runs(state_dir: Path | None) -> list[StoredRun]:
    """Return every run, the latest first. Marks those whose process is gone as interrupted."""
    with _open_journal(state_dir) as (journal, folder):
        elsewhere = journal.runs_with_files()
        return [_stored_run(record, folder, elsewhere) for record in journal.list_runs()]


def show_run(run: str, state_dir: Path | None) -> StoredRun:
    """Return one run. Raises SettingsError when there is none of that id."""
    known = list_runs(state_dir)
    for stored in known:
        if stored.record.id == run:
            return stored
    latest = ", ".join(stored.record.id for stored in known[:5])
    raise SettingsError(f"there is no run {run!r}; " + (f"the latest are {latest}" if latest else "there are none"))


def is_run(state_dir: Path | None, run: str) -> bool:
    """Return True when there is a run of that id, or one is about to be: its rows are being checked."""
    with _open_journal(state_dir) as (journal, _):
        return journal.is_owned(run) or any(record.id == run for record in journal.list_runs())


def prune_runs(state_dir: Path | None, older_than: float, *, unfinished: bool = False) -> PruneResult:
    """Delete the rows, reports and vendor's texts of runs that ended more than ``older_than`` seconds ago.

    Digests of requests and contacts, ids and times stay: they keep a row from being sent twice. Runs that can be
    resumed, and those with uncertain rows, are skipped unless ``unfinished`` is true.
    """
    before = time.time() - older_than
    pruned: list[str] = []
    skipped: list[tuple[str, str]] = []
    without_files: set[str] = set()
    freed = 0
    with _open_journal(state_dir) as (journal, folder):
        elsewhere = journal.runs_with_files()
        for record in journal.list_runs():
            stored = _stored_run(record, folder, elsewhere)
            if (record.ended or record.heartbeat) > before:
                continue
            if not (stored.has_rows or stored.has_reports):
                without_files.add(record.id)
            elif reason := _skip_reason(record, unfinished=unfinished):
                skipped.append((record.id, reason))
            else:
                freed += _remove_files(stored, folder)
                journal.remove_run_files(record.id)
                journal.erase_vendor_texts(record.id)
                pruned.append(record.id)
        known = {record.id for record in journal.list_runs()}
        freed += _remove_strays(journal, folder, known, before)
        freed += _remove_uploads(journal, folder, without_files.union(pruned), known, before)
    return PruneResult(tuple(pruned), freed, tuple(skipped))


def remove_run(state_dir: Path | None, run: str) -> None:
    """Delete the rows, reports and file of one run, whatever its state. Raises SettingsError while it is running."""
    stored = show_run(run, state_dir)
    if stored.record.state == RunState.RUNNING:
        raise SettingsError.said(N_("run %(run)s is running; stop it first"), run=run)
    with _open_journal(state_dir) as (journal, folder):
        _remove_files(stored, folder)
        journal.remove_run_files(run)
        journal.erase_vendor_texts(run)
        _remove_uploads(journal, folder, {run}, {run}, 0.0)


def rows_of_run(state_dir: Path | None, run: str, rows: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the texts by which people recognise these rows of a run, by row, as far as they still exist.

    These are the cells mapped to names and e-mail addresses, else all that are filled.
    """
    import polars as pl

    from importer.run_store.spool import Spool

    fetch_run_files(state_folder(state_dir), run)
    spool = Spool(RunFolder(state_folder(state_dir), run).path)
    plan = spool.plan() if rows else None
    if plan is None:
        return {}
    columns = [index for feed in plan["feeds"] if names_contact(feed["field"]) for index in feed["columns"]]
    found = spool.rows(pl.Series("row", rows, dtype=pl.UInt32))
    if columns:
        found = found.select("row", *(f"c{index}" for index in dict.fromkeys(columns)))
    return {row: tuple(text for text in cells if text) for row, *cells in found.iter_rows()}


def cleaned_values(state_dir: Path | None, run: str) -> list[CleanedValues]:
    """Return what cleaning changed in a run, the most frequent kind first, as far as its rows still exist."""
    from importer.run_store.spool import Spool

    plan = Spool(RunFolder(state_folder(state_dir), run).path).plan()
    if plan is None:
        return []
    found = [
        CleanedValues(kind, count, *plan["changed"][kind])
        for kind, count in plan["changes"].items()
        if kind in plan["changed"]
    ]
    return sorted(found, key=lambda entry: -entry.count)


def _remove_strays(journal: Journal, state_dir: Path, known: Collection[str], before: float) -> int:
    """Delete older folders of runs that were killed before the journal knew them; return the bytes they took."""
    for run in journal.runs_with_files() - set(known):
        if not journal.is_owned(run):
            journal.remove_run_files(run)
    freed = 0
    for path in (state_dir / "runs").glob("*/"):
        folder = RunFolder(state_dir, path.name)
        if path.name not in known and path.stat().st_mtime < before and not journal.is_owned(path.name):
            freed += folder.size()
            folder.remove()
    return freed


def _remove_uploads(
    journal: Journal, state_dir: Path, gone: Collection[str], known: Collection[str], before: float
) -> int:
    """Delete the uploaded files of runs that are gone, and older ones that became no run; return their bytes."""
    drafts = DraftStore(state_dir)
    freed = drafts.sweep(before)
    for draft in drafts.every():
        has_no_run = draft.run is None or (draft.run not in known and not journal.is_owned(draft.run))
        if draft.run in gone or (has_no_run and draft.created < before):
            freed += sum(path.stat().st_size for path in draft.folder.rglob("*") if path.is_file())
            drafts.remove(draft.id)
    return freed


def _skip_reason(record: RunRecord, *, unfinished: bool) -> str:
    """Return the reason why a run's rows are still needed; empty when they are not."""
    if record.state == RunState.RUNNING:
        return "it is running"
    if unfinished:
        return ""
    if record.state in UNFINISHED:
        return f"it can still be resumed (resume {record.id})"
    if uncertain := record.counts.get(Status.UNCERTAIN, 0):
        return f"{uncertain} of its rows are uncertain (resolve {record.id})"
    return ""


def _remove_files(stored: StoredRun, state_dir: Path) -> int:
    """Delete the files of a run, and the folder of its reports if nothing else is in it; return the bytes freed."""
    output = Path(stored.record.output)
    patterns = REPORTS if stored.has_reports else ()
    reports = [path for pattern in patterns for path in output.glob(pattern) if path.is_file()]
    folder = RunFolder(state_dir, stored.record.id)
    freed = sum(path.stat().st_size for path in reports) + folder.size()
    for path in reports:
        path.unlink(missing_ok=True)
    if reports:
        with contextlib.suppress(OSError):  # something else is in it
            output.rmdir()
    folder.remove()
    return freed


def _stored_run(record: RunRecord, state_dir: Path, elsewhere: Collection[str]) -> StoredRun:
    has_rows = record.id in elsewhere or (RunFolder(state_dir, record.id).path / "plan.json").exists()
    return StoredRun(record, has_rows, _run_of_reports(Path(record.output)) == record.id)


def _run_of_reports(output: Path) -> str | None:
    """Return the run that the reports in a folder are of: another one may have written there since."""
    try:
        found = json.loads((output / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found.get("run") if isinstance(found, dict) else None


@contextlib.contextmanager
def _open_journal(state_dir: Path | None) -> Iterator[tuple[Journal, Path]]:
    """Open the journal of a state folder, with its dead runs marked."""
    folder = state_folder(state_dir)
    with contextlib.closing(open_journal(folder)) as journal:
        mark_dead_runs_interrupted(journal)
        yield journal, folder
