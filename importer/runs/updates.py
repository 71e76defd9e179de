"""``--update-changed``: a contact that was created before with other values gets the new ones under its own id.

A contact is updated only if the journal knows one id for it: after ``--send-changed`` there are two, and neither is
touched. An update is recorded as "created with these values", too, so that the same file is ``already_done`` next time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from importer.journal import Journal, RunRecord, Settlement, State, WriteBatch
from importer.model.delivery import Delivery, RowResult
from importer.model.status import Status
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool
from importer.runs.run import ImportRun
from schemas.contract import Field, Operation

ROWS_PER_TRANSACTION = 1_000


class Updates:
    """The requests that give contacts which exist already their new values."""

    def __init__(self, job: ImportRun, operation: Operation, spool: Spool, journal: Journal) -> None:
        from importer.sending.payload import PayloadBuilder

        self.operation = operation
        self._spool = spool
        self._journal = journal
        self._create_record = job.record()
        id_field = next(field for field in operation.fields if field.in_path)
        self._fields: tuple[Field, ...] = tuple(
            field for field in job.prepared.mapping.fields if not field.step and operation.field(field.path) is not None
        )
        self._update_builder = PayloadBuilder(operation, [id_field, *self._fields])
        self._create_builder = PayloadBuilder(job.operation, job.prepared.mapping.fields)

    @property
    def record(self) -> RunRecord:
        """The run as the journal sees it while it updates."""
        options = {**self._create_record.options, "repeatable": True, "idempotency_ttl": 0.0}
        return replace(self._create_record, operation=self.operation.name, options=options)

    def build_deliveries(self, changed: Sequence[RowResult]) -> Iterator[Delivery]:
        """Yield an update for each of these rows with the values of its cells; a blank cell leaves a value as it is."""
        ids = {result.row: result.evidence.vendor_id for result in changed}
        wanted = RowSet(ids)
        for frame in self._spool.fields():
            rows = wanted.select(frame).select("row", *(field.path for field in self._fields))
            for row, *values in rows.iter_rows():
                cells = [None if value == "" else value for value in values]
                yield self._update_builder.delivery(row, [ids[row], *cells])

    def record_as_created(self, updated: Sequence[RowResult]) -> None:
        """Record that these contacts exist with their new values, so that creating them counts as done."""
        creates = self._create_requests(updated)
        settlements = [
            # No request created it: the update's own delivery counts those.
            (creates[result.row], Settlement(State.CONFIRMED, replace(result.evidence, attempts=0)))
            for result in updated
            if result.status in (Status.UPDATED, Status.ALREADY_DONE)
        ]
        for start in range(0, len(settlements), ROWS_PER_TRANSACTION):
            batch = WriteBatch(settlements=settlements[start : start + ROWS_PER_TRANSACTION])
            self._journal.commit_batch(self._create_record, batch)

    def split_certain(self, changed: Sequence[RowResult]) -> tuple[list[RowResult], list[RowResult]]:
        """Return the rows whose contact is certain, and those of which several contacts or rows may be meant."""
        creates = self._create_requests(changed)
        rows_of_contact = Counter(delivery.identity for delivery in creates.values())
        certain: list[RowResult] = []
        ambiguous: list[RowResult] = []
        for result in changed:
            identity = creates[result.row].identity
            known = self._journal.find_vendor_ids(self._create_record, identity) if identity else frozenset()
            ids = known | {result.evidence.vendor_id}
            rows = rows_of_contact[identity] if identity else 1
            if result.evidence.vendor_id and len(ids) == 1 and rows == 1:
                certain.append(result)
            else:
                reason = f"{len(ids)} contacts are known" if len(ids) > 1 else f"{rows} rows of this file are"
                message = f"{result.evidence.message}; not updated, because {reason} like it"
                ambiguous.append(replace(result, evidence=replace(result.evidence, message=message)))
        return certain, ambiguous

    def _create_requests(self, rows: Sequence[RowResult]) -> dict[int, Delivery]:
        """Return the requests that would create these contacts, by row."""
        wanted = RowSet(result.row for result in rows)
        return {
            delivery.row: delivery
            for frame in self._spool.fields()
            for delivery in self._create_builder.deliveries(wanted.select(frame), {})
        }
