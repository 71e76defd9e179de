"""One import, from file to report. READ THIS FIRST.

    file ─▶ reading ─▶ mapping ─▶ cleaning ─▶ checking ─▶ sending ⇄ vendor ─▶ reporting ─▶ files
                                                  │           ▲
                                                  ▼           │
                                                spool      journal

``check_file`` goes as far as checking and reports what would be sent. ``run_import`` sends it. ``resume_run`` continues
a run that did not end, ``resolve_run`` resolves its uncertain rows. ``preview_file`` and ``review_check`` are for the
web app, where a person decides and corrects between the stages. They print nothing: they call an Observer and return
a Summary. ``prepare`` is the first half of the picture, ``deliver`` the second.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from importer.errors import SettingsError
from importer.journal import Journal, open_journal
from importer.model.summary import Summary
from importer.observer import Observer
from importer.reading import Source, as_source
from importer.reimport import Reimport, adopt_operation, detect
from importer.run_store.result_log import ResultLog
from importer.run_store.run_folder import RunFolder, new_run_id, state_folder
from importer.run_store.spool import Spool
from importer.runs.deliver import deliver, duplicates_of, report_again
from importer.runs.liveness import concurrent_runs, mark_dead_runs_interrupted
from importer.runs.notify import with_notification
from importer.runs.prepare import draft_mapping_file, find_operation, prepare
from importer.runs.preview import Preview, preview
from importer.runs.reopen import open_run, verify_target
from importer.runs.resolve import ResolveOptions, resolve
from importer.runs.run import ImportRun
from importer.runs.send_rows import build_deliveries
from importer.runs.updates import find_update_operation
from importer.runs.write_reports import SendResult, prepare_output_folder, report
from importer.settings import Settings
from schemas.contract import Operation, Vendor

OTHERS_POLL = 0.5
MOST_BODIES = 3


def check_file(file: Source | Path | str, settings: Settings, observer: Observer | None = None) -> Summary:
    """Read, map, clean and check a file, and report; nothing is sent, no key or address is needed.

    Raises SetupError when the file, the contract or the settings cannot be used.
    """
    watching, source = observer or Observer(), as_source(file)
    quiet = replace(settings, notify=None)  # nobody waits for the end of a rehearsal
    return with_notification(
        quiet, f"{source.ref.name} → {settings.vendor}", watching, lambda: _check(source, settings, watching)
    )


def review_check(
    file: Source | Path | str, settings: Settings, folder: Path, observer: Observer | None = None
) -> Summary:
    """Check a file and keep its rows in ``folder``, so that ``CheckReview`` can show which cell is wrong."""
    watching, source = observer or Observer(), as_source(file)
    quiet = replace(settings, notify=None)
    told = f"{source.ref.name} → {settings.vendor}"
    return with_notification(quiet, told, watching, lambda: _check(source, settings, watching, folder))


def _check(source: Source, settings: Settings, observer: Observer, kept: Path | None = None) -> Summary:
    begun = time.perf_counter()
    vendor, operation, settings, reimport = _begin(source, settings, observer)
    run = new_run_id()
    observer.begun(run, source.ref.name)
    with _emptied(kept) if kept else tempfile.TemporaryDirectory(prefix="contact-importer-") as name:
        folder = Path(name)
        spool = Spool(folder)
        prepared = prepare(source, settings, operation, spool, observer, reimport)
        job = ImportRun(run, source.ref, settings, vendor, operation, prepared, observer)
        spool.finish(job.plan())
        twins, _ = duplicates_of(spool, settings)
        summary = report(job, spool, ResultLog(folder), twins, SendResult(), begun)
        first = itertools.islice(build_deliveries(job, spool, twins["row"], {}), MOST_BODIES)
        bodies = tuple((entry.row, f"{operation.method} {entry.path}", entry.body.decode()) for entry in first)
        return replace(summary, bodies=bodies)


@contextlib.contextmanager
def _emptied(folder: Path) -> Iterator[Path]:
    """The folder, without the rows of before."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    yield folder


def _begin(
    source: Source, settings: Settings, observer: Observer
) -> tuple[Vendor, Operation, Settings, Reimport | None]:
    """What the settings name, and the operation that a report of ours asks for. Raises SettingsError."""
    vendor, _ = find_operation(settings)
    reimport = detect(source, vendor)
    settings = adopt_operation(reimport, source.ref, vendor, settings, observer)
    find_update_operation(vendor, settings)
    return *find_operation(settings), settings, reimport


def preview_file(file: Source | Path | str, settings: Settings) -> Preview:
    """A file's columns, some of their values, and what would feed which field.

    Raises SetupError when the file, the contract or the settings cannot be used; what is missing is data.
    """
    source = as_source(file)
    vendor, operation, settings, reimport = _begin(source, settings, Observer())
    return preview(source, settings, vendor, operation, reimport)


def propose_mapping(file: Source | Path | str, settings: Settings) -> str:
    """What would feed which field of a file, as the text of a mapping file.

    Raises SetupError when the file, the contract or the settings cannot be used; what is missing stands in the text.
    """
    vendor, operation = find_operation(settings)
    return draft_mapping_file(as_source(file), settings, vendor, operation)


def make_template(settings: Settings, path: Path) -> None:
    """Write an empty file for the operation of these settings, to be filled in. Raises SetupError."""
    from importer.reporting.import_template import write_template

    vendor, operation = find_operation(settings)
    try:
        write_template(operation, vendor.title, path)
    except FileExistsError:
        raise SettingsError(f"{path}: exists already; give another name, or delete it first") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from error


def run_import(file: Source | Path | str, settings: Settings, observer: Observer | None = None) -> Summary:
    """Import a file: everything ``check_file`` does, then send the good rows, each of them once.

    Raises SetupError before anything is sent, and InternalError when the counts do not add up.
    """
    observer, source = observer or Observer(), as_source(file)
    return with_notification(
        settings, f"{source.ref.name} → {settings.vendor}", observer, lambda: _import(source, settings, observer)
    )


def _import(source: Source, settings: Settings, observer: Observer) -> Summary:
    from importer.sending.target import find_target, key_warning

    begun = time.perf_counter()
    vendor, operation, settings, reimport = _begin(source, settings, observer)
    target = find_target(vendor, settings.base_url, settings.api_key)
    warning = key_warning(vendor, settings.api_key)
    if warning:
        observer.note(warning)
    state_dir = state_folder(settings.state_dir)
    journal = open_journal(state_dir)
    folder = RunFolder(state_dir, new_run_id())
    observer.begun(folder.path.name, source.ref.name)
    try:
        folder.take()
        mark_dead_runs_interrupted(journal, state_dir)
        spool = Spool(folder.path)
        try:
            prepared = prepare(source, settings, operation, spool, observer, reimport)
            job = ImportRun(folder.path.name, source.ref, settings, vendor, operation, prepared, observer, target.name)
            prepare_output_folder(job.output, observer)
            _mind_the_others(job, journal, state_dir)
        except BaseException:
            folder.release()
            folder.remove()
            raise
        spool.finish(job.plan())
        return deliver(job, spool, folder, journal, begun)
    finally:
        folder.release()
        journal.close()


def _mind_the_others(job: ImportRun, journal: Journal, state_dir: Path) -> None:
    """Another live run of the same file: wait for it, or say that its rows are left to it."""
    others = concurrent_runs(journal, state_dir, job.record())
    if not others:
        return
    if not job.settings.wait:
        job.observer.note(
            f"run {others[0]} is importing this file right now; rows that it has taken are left to it "
            "(--wait waits until it has ended)"
        )
        return
    job.observer.note(f"waiting for run {others[0]}, which is importing this file right now")
    while concurrent_runs(journal, state_dir, job.record()):
        time.sleep(OTHERS_POLL)  # the other process, or its end, sends no word


def resume_run(run: str | None, settings: Settings, observer: Observer | None = None) -> Summary:
    """Go on with a run that did not end (the latest one when ``run`` is None), without its file.

    Of ``settings`` only the key, the state folder and the webhook count; the rest is the run's own. Raises SetupError
    when there is no such run, when another process works on it, or when its contract or key is another one by now.
    """
    watching = observer or Observer()
    begun = time.perf_counter()

    def go_on() -> Summary:
        with open_run(run, settings, watching) as (job, spool, folder, journal):
            watching.begun(job.run, job.source.name)
            verify_target(job)
            return deliver(job, spool, folder, journal, begun)

    return with_notification(settings, f"run {run or ''}".strip(), watching, go_on)


def resolve_run(run: str, settings: Settings, wishes: ResolveOptions, observer: Observer | None = None) -> Summary:
    """Settle what can be settled of a run's uncertain rows, and write its reports again.

    What a person has found out comes first, then the vendor is asked, if it can be. Raises SetupError as ``resume_run``
    does, and when a row is named that is not in doubt.
    """
    watching = observer or Observer()
    begun = time.perf_counter()

    def settle() -> Summary:
        with open_run(run, settings, watching) as (job, spool, folder, journal):
            watching.begun(job.run, job.source.name)
            freed = resolve(job, spool, journal, wishes)
            if freed and wishes.resend_absent:
                verify_target(job)
                return deliver(job, spool, folder, journal, begun)
            return report_again(job, spool, folder, journal, begun)

    return with_notification(settings, f"run {run}", watching, settle)
