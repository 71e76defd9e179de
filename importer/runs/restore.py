"""Give contacts that a run updated the values that they had before: the second half of ``undo``.

The values are those that the look-up of ``--match`` kept in the journal. Restoring is a run of its own, of a file with
the ids and the old values, by the vendor's own update.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from importer.errors import ReportError
from importer.files import make_private_folder
from importer.journal import Journal
from importer.model.comparison import Comparison, Difference
from importer.model.delivery import LookedUp
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool
from importer.runs.contact_changes import EMPTY, PlannedUpdate
from importer.runs.deliver import duplicates_of
from importer.runs.matching import make_matcher
from importer.runs.run import ImportRun
from importer.runs.send_rows import build_deliveries
from schemas.contract import Operation

ID = "id"  # the header of the column with the ids
ENTRY_DELIMITERS = frozenset(",;\r\n")


@dataclass(frozen=True, slots=True)
class RestoredContact:
    """A contact that a run updated: its row, the vendor's id, its old values as cells, by field path.

    ``beside`` are cells that the update must send, too, so that nothing is erased. ``is_whole`` is False where a field
    keeps its new value, because it was empty or not shown before.
    """

    row: int
    vendor_id: str
    cells: Mapping[str, str]
    beside: Mapping[str, str]
    is_whole: bool

    @property
    def all_cells(self) -> dict[str, str]:
        """Everything that is sent of it."""
        return {**self.beside, **self.cells}


def find_restorable(job: ImportRun, spool: Spool, journal: Journal, rows: set[int]) -> list[RestoredContact]:
    """Return the contacts among these updated rows whose old values are known, by row."""
    duplicates, _ = duplicates_of(spool, job.settings)
    matcher = make_matcher(job, spool, journal, duplicates)
    update = matcher.rule.update if matcher is not None else None
    if matcher is None or update is None:
        return []
    lookups = journal.list_lookups(job.id)
    wanted = RowSet(rows)
    found = []
    for delivery in build_deliveries(job, spool, RowSet(duplicates["row"]), {}):
        known = lookups.get(delivery.row)
        if delivery.row in wanted and known is not None and len(known.ids) == 1:
            restored = _restore(update, matcher.plan(delivery, known))
            found += [restored] if restored else []
    return found


def _restore(update: Operation, planned: PlannedUpdate) -> RestoredContact | None:
    """Return what takes an update back; None where no field that it changed has a known value before."""
    cells: dict[str, str] = {}
    is_whole = True
    for change in planned.changes:
        cell = None if change.old in EMPTY or not change.is_shown else _as_cell(change.old)
        if cell is None and change.old in EMPTY and change.is_shown:
            cell = update.clear
        if cell is None:
            is_whole = False
        else:
            cells[change.field] = cell
    if not cells:
        return None
    changed = {change.field for change in planned.changes}
    beside = {path: cell for path, value in planned.values.items() if path not in changed and (cell := _as_cell(value))}
    return RestoredContact(planned.row, planned.vendor_id, cells, beside, is_whole)


def _as_cell(value: Any) -> str | None:
    """Return a value as the text of a cell that becomes it again; None where there is none."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, list):
        texts = [_as_cell(entry) for entry in value]
        if any(text is None or ENTRY_DELIMITERS & set(text) for text in texts):
            return None
        return "; ".join(map(str, texts)) or None
    return None if value is None or isinstance(value, dict) else json.dumps(value)


def is_unchanged(contact: RestoredContact, comparison: Comparison) -> bool:
    """Return True if the vendor has what the run sent, or has the old values again already."""
    found = next((entry for entry in comparison.contacts if entry.row == contact.row), None)
    if found is None or found.vendor_id != contact.vendor_id:
        return False
    now = {change.field: change.old for change in comparison.changes if change.row == contact.row}
    return found.difference is Difference.EXISTS or all(contact.cells.get(field) == old for field, old in now.items())


def with_values_of(contact: RestoredContact, now: Mapping[int, LookedUp]) -> RestoredContact:
    """Return a contact with what the vendor has of it now, as far as that is known, beside its old values."""
    found = now.get(contact.row)
    if found is None:
        return contact
    shown = {path: cell for path in contact.beside if (cell := _as_cell(found.values.get(path)))}
    return replace(contact, beside=dict(contact.beside) | shown)


def write_old_values(contacts: Sequence[RestoredContact], path: Path) -> Path:
    """Write the ids and the old values as a CSV file, in which a blank cell changes nothing. Raises ReportError."""
    fields = list(dict.fromkeys(field for contact in contacts for field in contact.all_cells))
    try:
        make_private_folder(path.parent)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([ID, *fields])
            for contact in contacts:
                writer.writerow([contact.vendor_id, *(contact.all_cells.get(field, "") for field in fields)])
    except OSError as error:
        raise ReportError(f"{path} cannot be written ({error.strerror})") from error
    return path
