"""One import, from file to report. READ THIS FIRST.

    file ─▶ reading ─▶ mapping ─▶ cleaning ─▶ checking ─▶ sending ⇄ vendor ─▶ reporting ─▶ files
                                                  │           ▲
                                                  ▼           │
                                                spool      journal

``prepare`` is the first half of the picture, up to the spool; ``deliver`` is the second half. ``check_file`` does the
first half and reports what would be sent. ``run_import`` does both. ``resume_run`` continues a run that did not end,
``resolve_run`` resolves its uncertain rows. The web app uses ``preview_file`` and ``review_check`` to show a file and
its problems before the import.

Each begins by resolving its ``RunContext`` (contract, operation, target, state folder), which is handed down. Nothing
here prints: an Observer receives the events, the caller receives a Summary.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from importer.errors import JournalError, SettingsError
from importer.files import make_private_folder
from importer.journal import Journal
from importer.model.summary import Summary
from importer.observer import Observer
from importer.reading import Source, as_source
from importer.run_store.result_log import ResultLog
from importer.run_store.row_set import RowSet
from importer.run_store.run_folder import RunFolder, create_run_folder, new_run_id, permission_warning
from importer.run_store.spool import Spool
from importer.runs.answering import repeat_until_answered
from importer.runs.context import (
    RunContext,
    find_operation,
    find_vendor,
    open_state,
    resolve_file_context,
)
from importer.runs.deliver import deliver, duplicates_of, report_again
from importer.runs.liveness import concurrent_runs
from importer.runs.notify import notify_failure, notify_summary
from importer.runs.prepare import draft_mapping_file, prepare
from importer.runs.preview import Preview, read_preview
from importer.runs.reopen import open_run, verify_target
from importer.runs.run import ImportRun, keep_contract
from importer.runs.saved_mapping import save_mapping
from importer.runs.send_rows import build_deliveries
from importer.runs.unsent_rows import describe_unsent_rows
from importer.runs.write_reports import SendResult, check_output_folder, write_reports
from importer.settings import Settings

if TYPE_CHECKING:
    from importer.runs.resolve import ResolveOptions
    from importer.runs.undo import UndoPlan

CONCURRENT_RUN_POLL_SECONDS = 0.5
MAX_BODIES_SHOWN = 3


def preview_file(file: Source | Path | str, settings: Settings) -> Preview:
    """Return a file's columns, some of their values, and the proposed mapping.

    Raises SetupError when the file, the contract or the settings cannot be used. Fields without a column are data.
    """
    source = as_source(file)
    return read_preview(source, resolve_file_context(source, settings, Observer()))


def propose_mapping(file: Source | Path | str, settings: Settings) -> str:
    """Return the proposed mapping of a file, as the text of a mapping file.

    Raises SetupError when the file, the contract or the settings cannot be used. Missing fields are in the text.
    """
    vendor = find_vendor(settings)
    return draft_mapping_file(as_source(file), settings, vendor, find_operation(vendor, settings))


def make_template(settings: Settings, path: Path) -> None:
    """Write an empty file with a column for each field of the operation. Raises SetupError."""
    from importer.reporting.import_template import write_template

    vendor = find_vendor(settings)
    operation = find_operation(vendor, settings)
    try:
        write_template(operation, vendor.title, path)
    except FileExistsError:
        raise SettingsError(f"{path}: exists already; give another name, or delete it first") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from error


def check_file(file: Source | Path | str, settings: Settings, observer: Observer | None = None) -> Summary:
    """Read, map, clean and check a file, and report. Nothing is sent; no key or address is needed.

    With ``settings.against_vendor``, look-ups are sent: the summary has a comparison with what the vendor has.

    Raises SetupError when the file, the contract or the settings cannot be used.
    """
    with tempfile.TemporaryDirectory(prefix="contact-importer-") as folder:
        return review_check(file, settings, Path(folder), observer)


def review_check(
    file: Source | Path | str, settings: Settings, folder: Path, observer: Observer | None = None
) -> Summary:
    """Check a file and keep its rows in ``folder``, for ``CheckReview``. Raises SetupError as ``check_file`` does."""
    begun = time.perf_counter()
    source, observer = as_source(file), observer or Observer()
    settings = replace(settings, notify=None)  # --notify is for runs: somebody watches a check
    with notify_failure(settings, _title(source, settings), observer):
        context = resolve_file_context(source, settings, observer)
        if settings.against_vendor:  # what it lacks is said before the file is read
            _ = context.comparison, context.target
        run_id = new_run_id()
        observer.on_run_started(run_id, source.ref.name)

        def check(settings: Settings) -> Summary:
            spool, answered = Spool(_empty_folder(folder)), replace(context, settings=settings)
            run = ImportRun(run_id, source.ref, answered, prepare(source, answered, spool, observer), observer)
            spool.finish(run.manifest())
            duplicates, _ = duplicates_of(spool, settings)
            results, compared = ResultLog(folder), SendResult()
            if settings.against_vendor:
                from importer.runs.vendor_comparison import compare_with_vendor

                with open_state(context.state_dir) as journal:
                    compared = compare_with_vendor(run, spool, duplicates, journal, results)
            summary = write_reports(run, spool, results, duplicates, compared, begun)
            save_mapping(run)
            # Where the vendor was asked, the comparison says what would be sent.
            return summary if compared.comparison else replace(summary, bodies=_first_bodies(run, spool, duplicates))

        summary = repeat_until_answered(check, context.settings, observer)
    return notify_summary(summary, settings, observer)


def run_import(file: Source | Path | str, settings: Settings, observer: Observer | None = None) -> Summary:
    """Import a file: do everything ``check_file`` does, then send each valid row once.

    Raises SetupError before anything is sent, and InternalError when the counts do not add up.
    """
    begun = time.perf_counter()
    source, observer = as_source(file), observer or Observer()
    with notify_failure(settings, _title(source, settings), observer):
        context = resolve_file_context(source, settings, observer)
        _check_key(context, observer)
        with open_state(context.state_dir, new_journal=settings.new_journal) as journal:
            summary = repeat_until_answered(
                lambda answered: _import(source, replace(context, settings=answered), journal, observer, begun),
                context.settings,
                observer,
            )
    return notify_summary(summary, settings, observer)


def _import(source: Source, context: RunContext, journal: Journal, observer: Observer, begun: float) -> Summary:
    """Prepare and send a file in a run of its own. Raises UnansweredQuestionsError before anything is sent."""
    folder = create_run_folder(context.state_dir)
    observer.on_run_started(folder.run, source.ref.name)
    if not journal.acquire_run(folder.run):
        raise JournalError(f"Run {folder.run} cannot be locked in {context.state_dir}. Import the file again.")
    try:
        run, spool = _prepare_run(source, context, folder, journal, observer)
        with _leave_nothing_unless_started(run, folder, journal):
            if not run.prepared.rows:
                return _summarise_empty(run, spool, folder, begun)
            summary = deliver(run, spool, folder, journal, begun)
            save_mapping(run)
            return summary
    finally:
        journal.release_run(folder.run)


def resume_run(run: str | None, settings: Settings, observer: Observer | None = None) -> Summary:
    """Continue a run that did not end (the latest one when ``run`` is None), without its file.

    Of ``settings`` only the key, the state folder and the webhook count; the rest is the run's own. Raises SetupError
    when there is no such run, another process is running it, or its contract or key has changed.
    """
    begun = time.perf_counter()
    observer = observer or Observer()
    with (
        notify_failure(settings, f"run {run or ''}".strip(), observer),
        open_run(run, settings, observer) as (reopened, spool, folder, journal),
    ):
        observer.on_run_started(reopened.id, reopened.source.name)
        verify_target(reopened)
        summary = deliver(reopened, spool, folder, journal, begun)
    return notify_summary(summary, settings, observer)


def resolve_run(run: str, settings: Settings, options: ResolveOptions, observer: Observer | None = None) -> Summary:
    """Resolve the uncertain rows of a run as far as possible, and write its reports again.

    Verdicts of a person count first; then the vendor is asked, where it can be. Raises SetupError as ``resume_run``
    does, and when a verdict names a row that is not uncertain.
    """
    from importer.runs.resolve import resolve

    begun = time.perf_counter()
    observer = observer or Observer()
    with (
        notify_failure(settings, f"run {run}", observer),
        open_run(run, settings, observer) as (reopened, spool, folder, journal),
    ):
        observer.on_run_started(reopened.id, reopened.source.name)
        released = resolve(reopened, spool, journal, options)
        if released and options.resend_absent:
            verify_target(reopened)
            summary = deliver(reopened, spool, folder, journal, begun)
        else:
            summary = report_again(reopened, spool, folder, journal, begun)
    return notify_summary(summary, settings, observer)


def undo_run(
    run: str,
    settings: Settings,
    confirm: Callable[[UndoPlan], bool],
    observer: Observer | None = None,
    *,
    even_changed: bool = False,
) -> tuple[UndoPlan, list[Summary]]:
    """Delete the contacts that a run created, and give those that it updated their old values back.

    Does so if ``confirm`` says yes to the plan; returns that, and how the two ended. Contacts that have changed since
    at the vendor stay, unless ``even_changed``. The rows can be imported again. Where the vendor documents no deletion,
    nothing is deleted: ``plan.delete`` is None. Old values are known where ``--match`` looked them up.

    Raises SetupError as ``resume_run`` does, and for a run that changed contacts instead of creating them.
    """
    from importer.runs.restore import write_old_values
    from importer.runs.undo import (
        UndoneRows,
        deletion_settings,
        plan_undo,
        release,
        release_restored,
        restoring_settings,
        write_ids,
    )

    observer = observer or Observer()
    with open_run(run, settings, observer, may_be_undone=True) as (reopened, spool, folder, journal):
        rule = reopened.context.match
        if reopened.vendor.delete_operation is not None or (rule is not None and rule.update is not None):
            verify_target(reopened)
        plan = plan_undo(reopened, spool, folder, journal, even_changed=even_changed)
        summaries: list[Summary] = []
        if plan.is_empty or not confirm(plan):
            return plan, summaries
        release(reopened, journal, plan.gone, range(2, len(plan.gone) + 2))
        if plan.delete is not None and plan.contacts:
            file = write_ids(plan.contacts, folder.path / f"undo-{run}.csv")
            deleted = UndoneRows()
            try:
                chosen = deletion_settings(reopened, plan.delete, settings)
                summaries.append(run_import(file, chosen, deleted.beside(observer)))
            finally:
                release(reopened, journal, plan.contacts, deleted.lines)
        if plan.restored and not any(summary.stopped for summary in summaries):
            file = write_old_values(plan.restored, folder.path / f"restore-{run}.csv")
            restored = UndoneRows()
            try:
                chosen = restoring_settings(reopened, plan, settings)
                summaries.append(run_import(file, chosen, restored.beside(observer)))
            finally:
                release_restored(reopened, journal, plan, restored.run, restored.lines)
    return plan, summaries


def _title(source: Source, settings: Settings) -> str:
    return f"{source.ref.name} → {settings.vendor}"


def _empty_folder(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    make_private_folder(folder)
    return folder


def _first_bodies(run: ImportRun, spool: Spool, duplicates: pl.DataFrame) -> tuple[tuple[int, str, str], ...]:
    """Return the first requests that a run would send: row, method with path, body."""
    first = itertools.islice(build_deliveries(run, spool, RowSet(duplicates["row"]), {}), MAX_BODIES_SHOWN)
    return tuple((entry.row, f"{run.operation.method} {entry.path}", entry.body.decode()) for entry in first)


def _check_key(context: RunContext, observer: Observer) -> None:
    """Note a key that looks wrong, and a state folder that others can change.

    Raises SettingsError when the key or the address cannot be used.
    """
    from importer.sending.target import key_warning

    for warning in (key_warning(context.vendor, context.target.secret), permission_warning(context.state_dir)):
        if warning:
            observer.on_note(warning)


def _prepare_run(
    source: Source, context: RunContext, folder: RunFolder, journal: Journal, observer: Observer
) -> tuple[ImportRun, Spool]:
    """Check and spool the file of a new run. A run that fails before anything is sent leaves no folder behind."""
    try:
        spool = Spool(folder.path)
        prepared = prepare(source, context, spool, observer)
        unsent = describe_unsent_rows(prepared.original, context.vendor.name, journal)
        if unsent:
            observer.on_note(unsent)
            prepared = replace(prepared, unsent=unsent)
        run = ImportRun(folder.run, source.ref, context, prepared, observer, context.target.name)
        check_output_folder(run.output)
        _await_concurrent_runs(run, journal)
        keep_contract(run.vendor, folder.path)
        spool.finish(run.manifest(), durable=True)
        journal.save_run_files(folder.run, folder.path)
    except BaseException:
        journal.release_run(folder.run)
        folder.remove()
        raise
    return run, spool


@contextlib.contextmanager
def _leave_nothing_unless_started(run: ImportRun, folder: RunFolder, journal: Journal) -> Iterator[None]:
    """Remove a run's folders when the journal has no record of it: it has no rows, or a person said no."""
    try:
        yield
    finally:
        with contextlib.suppress(JournalError):
            if all(record.id != run.id for record in journal.list_runs()):
                journal.remove_run_files(run.id)
                journal.release_run(run.id)
                folder.remove()
                with contextlib.suppress(OSError):  # something else is in it
                    run.output.rmdir()


def _summarise_empty(run: ImportRun, spool: Spool, folder: RunFolder, begun: float) -> Summary:
    """Return the summary of a file without rows, of which nothing is kept."""
    context = replace(run.context, settings=replace(run.settings, output=folder.path / "reports"))
    duplicates, _ = duplicates_of(spool, run.settings)
    summary = write_reports(
        replace(run, context=context), spool, ResultLog(folder.path), duplicates, SendResult(), begun
    )
    return replace(summary, outputs={})


def _await_concurrent_runs(run: ImportRun, journal: Journal) -> None:
    """Wait for other runs of the same file with ``--wait``; without it, note that they share its rows.

    Sharing is safe because a row is claimed in the journal before it is sent.
    """
    others = concurrent_runs(journal, run.record())
    if not others:
        return
    if not run.settings.wait:
        run.observer.on_note(
            f"run {others[0]} is importing this file right now; rows that it has taken are left to it "
            "(--wait waits until it has ended)"
        )
        return
    run.observer.on_note(f"waiting for run {others[0]}, which is importing this file right now")
    while concurrent_runs(journal, run.record()):
        time.sleep(CONCURRENT_RUN_POLL_SECONDS)  # another process sends no signal when it ends
