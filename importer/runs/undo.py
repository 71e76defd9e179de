"""Undo an import: delete the contacts that a run created, and let their rows be imported again.

The deletion is a run of its own, of a file with the ids: journalled, paced, reported and resumed as any other. When it
has ended, the journal forgets that the contacts were created. Deleting twice is deleting once (RFC 9110, 9.2.2), and a
contact that is gone counts as deleted, so ``undo`` can be repeated after a crash.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from importer.errors import ReportError, SettingsError
from importer.files import make_private_folder
from importer.journal import Journal, RunState
from importer.model.catalogue import N_
from importer.model.comparison import Comparison, Difference
from importer.model.delivery import RowResult
from importer.model.result_table import to_results
from importer.model.status import Status
from importer.observer import Observer, ObserverGroup
from importer.run_store.result_log import ResultLog
from importer.run_store.row_set import RowSet
from importer.run_store.run_folder import RunFolder
from importer.run_store.spool import Spool
from importer.runs.deliver import duplicates_of
from importer.runs.run import ImportRun
from importer.runs.vendor_comparison import compare_with_vendor
from importer.settings import Settings
from schemas.contract import Operation
from schemas.kind import Kind

HEADERS = ("id", "row", "contact")
ROWS_RELEASED_AT_ONCE = 1_000
_DELETED = (Status.DELETED, Status.ALREADY_DONE)


@dataclass(frozen=True, slots=True)
class CreatedContact:
    """A contact that a run created: its row, the vendor's id, and the values that identify it, for people."""

    row: int
    vendor_id: str
    shown: str


@dataclass(frozen=True, slots=True)
class UndoPlan:
    """The contacts to delete, those that stay because they differ from what was sent, and rows that cannot be undone.

    ``compared`` is False where nobody looked whether contacts have changed. ``delete`` is None where the vendor
    documents no way to delete a contact.
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


def plan_undo(job: ImportRun, spool: Spool, folder: RunFolder, journal: Journal, *, even_changed: bool) -> UndoPlan:
    """Return what undoing a run would delete. Asks the vendor, where it can, which contacts have changed since."""
    if job.operation.repeatable:
        raise SettingsError.said(
            N_("run %(run)s updated contacts: the values they had before are not known"), run=job.id
        )
    created = _created_contacts(job, spool, journal)
    delete = job.vendor.delete_operation
    changed = None if even_changed or delete is None or not created else _find_changed(job, spool, folder, journal)
    kept = {contact.row for contact in created if changed is not None and contact.row in changed}
    update = job.vendor.update_operation
    documentation = job.vendor.document.get("externalDocs") or {}
    return UndoPlan(
        job.id,
        job.vendor.title,
        job.context.target.base_url if delete else "",
        str(documentation.get("url", "")),
        delete,
        tuple(contact for contact in created if contact.row not in kept),
        tuple(contact for contact in created if contact.row in kept),
        changed is not None,
        len(_updated_rows(job, journal, update)) if update else 0,
        len(journal.list_uncertain(job.id, job.operation.name)),
    )


def _updated_rows(job: ImportRun, journal: Journal, update: Operation) -> set[int]:
    return {
        row
        for table in journal.list_results(job.id, update.name, Status.UPDATED)
        for row in table.filter(pl.col("status") == str(Status.UPDATED))["row"]
    }


def _created_contacts(job: ImportRun, spool: Spool, journal: Journal) -> list[CreatedContact]:
    """Return the contacts that the run itself created, by row: a row that it updated is no new contact."""
    update = job.vendor.update_operation
    updated = _updated_rows(job, journal, update) if update else set()
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


def _find_changed(job: ImportRun, spool: Spool, folder: RunFolder, journal: Journal) -> set[int] | None:
    """Return the rows whose contact differs from what was sent, or cannot be told; None where it cannot be asked."""
    try:
        _ = job.context.comparison
    except SettingsError as error:
        job.observer.on_note(f"nobody can tell whether the contacts have changed since: {error}")
        return None
    duplicates, _ = duplicates_of(spool, job.settings)
    results = ResultLog(folder.path, "compared")
    try:
        found: Comparison | None = compare_with_vendor(job, spool, duplicates, journal, results).comparison
    finally:
        results.clear()
    if found is None:
        return None
    same = (Difference.EXISTS, Difference.CREATE)  # one that is gone counts as deleted
    compared = {contact.row: contact.difference for contact in found.contacts}
    return {row for row, difference in compared.items() if difference not in same}


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
    own = job.settings
    id_field = next(field for field in delete.fields if field.in_path)
    return Settings(
        own.vendor,
        delete.name,
        base_url=job.context.target.base_url,
        api_key=own.api_key,
        output=given.output,
        state_dir=own.state_dir,
        columns=((HEADERS[0], id_field.path),),
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


class DeletedRows(Observer):
    """Collects which lines of the file of ids are deleted."""

    def __init__(self) -> None:
        self.lines: list[int] = []

    def on_row_done(self, result: RowResult) -> None:
        """Keep a row whose contact is gone."""
        if result.status in _DELETED:
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
        with suppress(StopIteration):
            known = next(run for run in journal.list_runs() if run.id == job.id)
            journal.end_run(job.id, RunState.UNDONE, known.rows, known.counts)


def _chunks(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(rows), ROWS_RELEASED_AT_ONCE):
        yield rows[start : start + ROWS_RELEASED_AT_ONCE]
