"""Undo an import: delete the contacts that a run created, restore those that it updated, and forget both.

The deletion is a run of its own, of a file with the ids: journalled, paced, reported and resumed as any other. When it
has ended, the journal forgets that the contacts were created. Deleting twice is deleting once (RFC 9110, 9.2.2), and a
contact that can no longer be found is left alone, so ``undo`` can be repeated after a crash.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from importer.errors import ReportError, SettingsError
from importer.files import make_private_folder
from importer.journal import Journal, RunState
from importer.model.catalogue import N_
from importer.model.comparison import Comparison, Difference
from importer.model.delivery import LookedUp, RowResult
from importer.model.result_table import to_results
from importer.model.status import Status
from importer.observer import Observer, ObserverGroup
from importer.run_store.result_log import ResultLog
from importer.run_store.row_set import RowSet
from importer.run_store.run_folder import RunFolder
from importer.run_store.spool import Spool
from importer.runs.deliver import duplicates_of
from importer.runs.restore import ID, RestoredContact, find_restorable, is_unchanged, with_values_of
from importer.runs.run import ImportRun
from importer.runs.vendor_comparison import compare_with_vendor
from importer.settings import Settings
from schemas.contract import Operation
from schemas.kind import Kind

HEADERS = ("id", "row", "contact")
ROWS_RELEASED_AT_ONCE = 1_000
_UNDONE = (Status.DELETED, Status.UPDATED, Status.ALREADY_DONE)


@dataclass(frozen=True, slots=True)
class CreatedContact:
    """A contact that a run created: its row, the vendor's id, and the values that identify it, for people."""

    row: int
    vendor_id: str
    shown: str


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """The contacts to delete and to restore, those that stay because they differ from what was sent, and other rows.

    ``compared`` is False where nobody looked whether contacts have changed. ``delete`` is None where the vendor
    documents no way to delete a contact. ``updated`` counts updated contacts whose old values are not known. ``gone``
    are no longer found: somebody deleted them, or gave them another address. Nothing is sent for them.
    """

    run: str
    vendor: str
    address: str
    documentation: str
    delete: Operation | None
    contacts: tuple[CreatedContact, ...]
    kept: tuple[CreatedContact, ...]
    compared: bool
    updated: int
    uncertain: int
    update: Operation | None = None
    restored: tuple[RestoredContact, ...] = ()
    gone: tuple[CreatedContact, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to undo."""
        return not self.restored and not self.gone and not (self.contacts and self.delete)

    @property
    def partly_restored(self) -> int:
        """How many contacts keep a new value, because the field was empty before, or is not shown."""
        return sum(not contact.is_whole for contact in self.restored)


def plan_undo(job: ImportRun, spool: Spool, folder: RunFolder, journal: Journal, *, even_changed: bool) -> UndoPlan:
    """Return what undoing a run would delete. Asks the vendor, where it can, which contacts have changed since."""
    if job.operation.repeatable:
        raise SettingsError.said(
            N_("run %(run)s updated contacts: the values they had before are not known"), run=job.id
        )
    update = job.vendor.update_operation
    updated = _updated_rows(job, journal, update) if update else set()
    created = _created_contacts(job, spool, journal, updated)
    restorable = find_restorable(job, spool, journal, updated) if updated else []
    delete = job.vendor.delete_operation
    is_asked = not even_changed and ((created and delete is not None) or restorable)
    now: dict[int, LookedUp] = {}
    wanted = {contact.row for contact in restorable}

    def on_found(found: LookedUp) -> None:
        if found.row in wanted:
            now[found.row] = found

    compared = _compare(job, spool, folder, journal, on_found) if is_asked else None
    kept: set[int] = set()
    gone: set[int] = set()
    if compared is not None:
        gone = {entry.row for entry in compared.contacts if entry.difference is Difference.CREATE}
        same = {entry.row: entry.vendor_id for entry in compared.contacts if entry.difference is Difference.EXISTS}
        kept = {
            contact.row
            for contact in created
            if delete is not None and contact.row not in gone and same.get(contact.row) != contact.vendor_id
        }
        kept |= {contact.row for contact in restorable if not is_unchanged(contact, compared)}
    restored = tuple(with_values_of(contact, now) for contact in restorable if contact.row not in kept)
    shown = _shown_values(job, spool, RowSet(kept))
    changed = [CreatedContact(entry.row, entry.vendor_id, shown.get(entry.row, "")) for entry in restorable]
    documentation = job.vendor.document.get("externalDocs") or {}
    return UndoPlan(
        job.id,
        job.vendor.title,
        job.context.target.base_url if delete else "",
        str(documentation.get("url", "")),
        delete,
        tuple(contact for contact in created if contact.row not in kept | gone),
        tuple(contact for contact in sorted([*created, *changed], key=lambda entry: entry.row) if contact.row in kept),
        compared is not None,
        len(updated) - len(restorable),
        len(journal.list_uncertain(job.id, job.operation.name)),
        update,
        restored,
        tuple(contact for contact in created if contact.row in gone),
    )


def _updated_rows(job: ImportRun, journal: Journal, update: Operation) -> set[int]:
    return {
        row
        for table in journal.list_results(job.id, update.name, Status.UPDATED)
        for row in table.filter(pl.col("status") == str(Status.UPDATED))["row"]
    }


def _created_contacts(job: ImportRun, spool: Spool, journal: Journal, updated: set[int]) -> list[CreatedContact]:
    """Return the contacts that the run itself created, by row: a row that it updated is no new contact."""
    ids = {
        result.row: result.evidence.vendor_id
        for table in journal.list_results(job.id, job.operation.name, Status.CREATED)
        for result in to_results(table)
        if result.status is Status.CREATED and result.evidence.vendor_id and result.row not in updated
    }
    shown = _shown_values(job, spool, RowSet(ids))
    return [CreatedContact(row, vendor_id, shown.get(row, "")) for row, vendor_id in sorted(ids.items()) if vendor_id]


def _shown_values(job: ImportRun, spool: Spool, wanted: RowSet) -> dict[int, str]:
    """Return whom each row is about, such as ``Ana Lee ana@example.com``."""
    telling = (Kind.NAME, Kind.EMAIL, Kind.PHONE)
    paths = [field.path for kind in telling for field in job.prepared.mapping.fields if field.kind is kind]
    shown: dict[int, str] = {}
    for frame in spool.fields():
        for row, *values in wanted.select(frame).select("row", *paths).rows():
            shown[row] = " ".join(word for value in values if value for word in str(value).split())
    return shown


def _compare(
    job: ImportRun, spool: Spool, folder: RunFolder, journal: Journal, on_found: Callable[[LookedUp], None]
) -> Comparison | None:
    """Return how the vendor's contacts differ from the rows; None where it cannot be asked."""
    try:
        _ = job.context.comparison
    except SettingsError as error:
        job.observer.on_note(f"nobody can tell whether the contacts have changed since: {error}")
        return None
    duplicates, _ = duplicates_of(spool, job.settings)
    results = ResultLog(folder.path, "compared")
    try:
        return compare_with_vendor(job, spool, duplicates, journal, results, on_found).comparison
    finally:
        results.clear()


def write_ids(contacts: Sequence[CreatedContact], path: Path, documentation: str = "") -> Path:
    """Write the contacts as a CSV file; each row names the vendor's page, if one is given. Raises ReportError."""
    more = ("documentation",) if documentation else ()
    try:
        make_private_folder(path.parent)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([*HEADERS, *more])
            for contact in contacts:
                writer.writerow([contact.vendor_id, contact.row, contact.shown, *([documentation] if more else [])])
    except OSError as error:
        raise ReportError(f"{path} cannot be written ({error.strerror})") from error
    return path


def deletion_settings(job: ImportRun, delete: Operation, given: Settings) -> Settings:
    """Return the settings of the run that deletes: those of the run to undo, as far as they concern sending."""
    id_field = next(field for field in delete.fields if field.in_path)
    return _sending_settings(job, delete, given, ((HEADERS[0], id_field.path),))


def restoring_settings(job: ImportRun, plan: UndoPlan, given: Settings) -> Settings:
    """Return the settings of the run that restores; its reports lie beside those of the deletion."""
    assert plan.update is not None  # noqa: S101 - restored contacts were updated
    id_field = next(field for field in plan.update.fields if field.in_path)
    fields = dict.fromkeys(field for contact in plan.restored for field in contact.all_cells)
    if given.output is not None and plan.delete is not None and plan.contacts:
        given = replace(given, output=given.output.with_name(f"{given.output.name}-restored"))
    return _sending_settings(job, plan.update, given, ((ID, id_field.path), *((field, field) for field in fields)))


def _sending_settings(
    job: ImportRun, operation: Operation, given: Settings, columns: tuple[tuple[str, str], ...]
) -> Settings:
    own = job.settings
    return Settings(
        own.vendor,
        operation.name,
        base_url=job.context.target.base_url,
        api_key=own.api_key,
        output=given.output,
        state_dir=own.state_dir,
        columns=columns,
        practice=given.practice,
        clean=False,
        delimiter=",",
        encoding="utf-8",
        concurrency=own.concurrency,
        rate=own.rate,
        share=own.share,
        rate_group=own.rate_group,
        ca_file=own.ca_file,
        timeout=own.timeout,
        max_tries=own.max_tries,
        patience=own.patience,
        notify=given.notify,
        mail=given.mail,
        mail_errors=given.mail_errors,
        mail_server=given.mail_server,
    )


class UndoneRows(Observer):
    """Collects which lines of the file of ids are deleted, or restored."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.run = ""

    def on_run_started(self, run: str, file: str) -> None:  # noqa: ARG002 - the file is ours
        """Keep the id of the run that undoes."""
        self.run = run

    def on_row_done(self, result: RowResult) -> None:
        """Keep a row whose contact is as it was before the run."""
        if result.status in _UNDONE:
            self.lines.append(result.row)

    def beside(self, observer: Observer) -> Observer:
        """Return an observer that passes everything to both."""
        return ObserverGroup([observer, self])


def release(job: ImportRun, journal: Journal, contacts: Sequence[CreatedContact], lines: Sequence[int]) -> None:
    """Let the rows of deleted contacts be imported again; ``lines`` are those of the file of ids, the header's is 1."""
    record = job.record()
    for rows in _chunks([contacts[line - 2].row for line in sorted(lines)]):
        journal.release_deleted(record, rows)
    if lines:
        _mark_undone(job, journal)


def release_restored(job: ImportRun, journal: Journal, plan: UndoPlan, restoring: str, lines: Sequence[int]) -> None:
    """Let the rows of restored contacts be imported again, and be restored again: no request of both counts as done."""
    assert plan.update is not None  # noqa: S101 - restored contacts were updated
    record = job.record()
    rows = [plan.restored[line - 2].row for line in sorted(lines)]
    for chunk in _chunks(rows):
        journal.release_rows(record, chunk)
        journal.release_rows(replace(record, operation=plan.update.name), chunk)
    for chunk in _chunks(sorted(lines)):
        journal.release_rows(replace(record, id=restoring, operation=plan.update.name), chunk)
    if lines:
        _mark_undone(job, journal)


def _mark_undone(job: ImportRun, journal: Journal) -> None:
    with suppress(StopIteration):
        known = next(run for run in journal.list_runs() if run.id == job.id)
        journal.end_run(job.id, RunState.UNDONE, known.rows, known.counts)


def _chunks(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(rows), ROWS_RELEASED_AT_ONCE):
        yield rows[start : start + ROWS_RELEASED_AT_ONCE]
