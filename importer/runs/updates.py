"""``--update-changed``: a contact that was made before with other values gets the new ones under its own id."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import polars as pl

from importer.journal import Journal, RunRecord, Settlement, State, Work
from importer.model.delivery import Delivery, RowResult
from importer.model.status import Status
from importer.run_store.spool import Spool
from importer.runs.run import ImportRun
from schemas.contract import Field, Operation

AT_ONCE = 1_000
"""Rows that are remembered in one transaction."""


class Updates:
    """The requests that change contacts which are there already."""

    def __init__(self, job: ImportRun, operation: Operation, spool: Spool, journal: Journal) -> None:
        from importer.sending.payload import PayloadBuilder

        self.operation = operation
        self._spool = spool
        self._journal = journal
        self._record = job.record()
        self._path = next(field for field in operation.fields if field.in_path)
        self._fields: tuple[Field, ...] = tuple(
            field for field in job.prepared.mapping.fields if operation.field(field.path) is not None
        )
        self._builder = PayloadBuilder(operation, [self._path, *self._fields])
        self._made = PayloadBuilder(job.operation, job.prepared.mapping.fields)

    @property
    def record(self) -> RunRecord:
        """The run as the journal is to see it while it updates."""
        options = {**self._record.options, "repeatable": True, "idempotency_ttl": 0.0}
        return replace(self._record, operation=self.operation.name, options=options)

    def deliveries(self, changed: Sequence[RowResult]) -> Iterator[Delivery]:
        """A request for each of these rows: what its cells say; blank ones leave a value as it is."""
        ids = {result.row: result.evidence.vendor_id for result in changed}
        wanted = pl.Series("row", list(ids), dtype=pl.UInt32).implode()
        for frame in self._spool.fields():
            rows = frame.filter(pl.col("row").is_in(wanted))
            for row, *values in rows.select("row", *(field.path for field in self._fields)).iter_rows():
                yield self._builder.delivery(row, [ids[row], *(None if value == "" else value for value in values)])

    def record_as_created(self, updated: Sequence[RowResult]) -> None:
        """Remember that these contacts are there with their new values, so that making them is already done, too."""
        made = self._create_requests(updated)
        settlements = [
            # No request made it: the update's own delivery counts those.
            (made[result.row], Settlement(State.CONFIRMED, replace(result.evidence, attempts=0)))
            for result in updated
            if result.status in (Status.UPDATED, Status.ALREADY_DONE)
        ]
        for start in range(0, len(settlements), AT_ONCE):
            self._journal.apply(self._record, Work(settlements=settlements[start : start + AT_ONCE]))

    def _create_requests(self, rows: Sequence[RowResult]) -> dict[int, Delivery]:
        """By row the requests that would make these contacts."""
        wanted = pl.Series("row", [result.row for result in rows], dtype=pl.UInt32).implode()
        return {
            delivery.row: delivery
            for frame in self._spool.fields()
            for delivery in self._made.deliveries(frame.filter(pl.col("row").is_in(wanted)), {})
        }

    def split_certain(self, changed: Sequence[RowResult]) -> tuple[list[RowResult], list[RowResult]]:
        """The rows whose contact is one and no other, and those of which several may be meant."""
        made = self._create_requests(changed)
        rows = Counter(delivery.identity for delivery in made.values())
        sure: list[RowResult] = []
        unsure: list[RowResult] = []
        for result in changed:
            identity = made[result.row].identity
            ids = self._journal.ids_of(self._record, identity) if identity else frozenset()
            if result.evidence.vendor_id and len(ids) == 1 and rows[identity] == 1:
                sure.append(result)
            else:
                many = f"{len(ids)} contacts are known" if len(ids) > 1 else f"{rows[identity]} rows of this file are"
                words = f"{result.evidence.message}; not updated, because {many} like it"
                unsure.append(replace(result, evidence=replace(result.evidence, message=words)))
        return sure, unsure
