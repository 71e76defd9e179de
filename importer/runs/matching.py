"""``--match``: what becomes of a row by the contacts that the vendor has already.

    the journal knows it   ─▶ already done, uncertain …      (no look-up)
    several rows are alike ─▶ ambiguous                      (no look-up)
    look-up: none found    ─▶ intent ─▶ create; skipped with update-only
             one found     ─▶ exists, or kept for the updates at the end
             several found ─▶ ambiguous

A look-up is in the journal before the intent that follows from it, so a resumed run asks only what it has not asked.
Rows that were not there and are not sent yet are asked for again: somebody may have added the contact meanwhile, and
there are few, because each is sent at once. Where nothing is created (``update-only``), they count for an hour, and so
does everything with ``--fill-empty``: somebody may fill in a field. A contact that was found counts as long as the run,
because it holds the values from before the update, by which the update can be undone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from importer.journal import Journal
from importer.model.delivery import Delivery, Evidence, LookedUp, Outcome, RowResult
from importer.model.status import Status
from importer.run_store.row_set import RowSet
from importer.run_store.spool import Spool
from importer.runs.contact_changes import PlannedUpdate, plan_update, unshown_fields
from importer.runs.match_rule import MatchRule
from importer.runs.run import ImportRun
from schemas.contract import Field, Operation
from schemas.kind import Kind

if TYPE_CHECKING:
    from importer.sending.http_client import Exchange
    from importer.sending.matching import Next

COUNTS_SECONDS = 3600.0
MOST_NAMED = 3


class RowMatcher:
    """Decides, row by row, what becomes of a row by what the vendor has. The updates are collected in ``updates``."""

    is_kept = True

    def __init__(
        self,
        rule: MatchRule,
        operation: Operation,
        fields: Sequence[Field],
        known: Mapping[int, LookedUp],
        secret: str | None,
    ) -> None:
        from importer.sending.contact_lookup import ContactLookup

        self.rule = rule
        self.updates: list[PlannedUpdate] = []
        self._operation = operation
        self._fields = tuple(field for field in fields if not field.step)
        self._secret = secret
        self._known = known
        self._lookup = ContactLookup(operation, rule.lookup, rule.groups)
        self._shared: dict[int, tuple[int, ...]] = {}

    def find_shared_rows(self, spool: Spool, duplicates: RowSet) -> None:
        """Find the rows of which several have the same values to match by: none of them is touched."""
        mapped = {field.path for field in self._fields}
        left_out = duplicates
        for group in self.rule.groups:
            if not mapped.issuperset(group):
                continue
            keys = {path: _comparable(pl.col(path), self._operation.field(path)) for path in group}
            frames = [left_out.drop(frame).select("row", **keys) for frame in spool.fields()]
            if not frames:
                return
            rows = pl.concat(frames).filter(pl.col(path).fill_null("") != "" for path in group)
            left_out = left_out.union(rows["row"])
            shared = rows.group_by(group).agg("row").filter(pl.col("row").list.len() > 1)
            for alike in shared["row"].to_list():
                self._shared |= {row: tuple(sorted(set(alike) - {row})) for row in alike}

    def count_unknown(self, deliveries: Iterator[Delivery]) -> int:
        """Return how many look-ups the deliveries take."""
        return sum(isinstance(self.question(entry), str) and self.known(entry) is None for entry in deliveries)

    def recall(self, delivery: Delivery) -> RowResult | None:
        """Return the result of a row as far as it is known without a request."""
        question, found = self.question(delivery), self.known(delivery)
        if not isinstance(question, str):
            return question if isinstance(question, RowResult) else None
        decided = None if found is None else self.decide(delivery, found)
        return decided if isinstance(decided, RowResult) else None

    def question(self, delivery: Delivery) -> str | RowResult | Next:
        """Return the path and query of a row's look-up, or its result where there is nothing to ask."""
        values = self._values(delivery)
        if others := self._shared.get(delivery.row):
            named, by = _listed(others), " and ".join(self._lookup.group_of(values))
            message = (
                f"rows {named} of this file have the same {by}, so none of them is touched"
                if len(others) > 1
                else f"row {named} of this file has the same {by}, so neither is touched"
            )
            return _result(delivery, Status.AMBIGUOUS, "same_in_file", message)
        path = self._lookup.path(values)
        if path is None:
            by = " or ".join(dict.fromkeys(path for group in self.rule.groups for path in group))
            message = f"the row has no {by} to look it up by; not sent"
            return _result(delivery, Status.AMBIGUOUS, "nothing_to_match", message)
        return path

    def known(self, delivery: Delivery) -> LookedUp | None:
        """Return what an earlier look-up of this run found, as long as it counts."""
        found = self._known.get(delivery.row)
        if found is None or (not found.ids and self.rule.mode != "update-only"):
            return None
        may_be_outdated = self.rule.fill_empty or not found.ids
        return None if may_be_outdated and time.time() - found.at > COUNTS_SECONDS else found

    def read(self, exchange: Exchange, delivery: Delivery) -> LookedUp | Outcome:
        """Return what an answer to a look-up says; an outcome if it says nothing."""
        values = self._values(delivery)
        return self._lookup.read(exchange, delivery.row, values, now=time.time(), secret=self._secret)

    def plan(self, delivery: Delivery, found: LookedUp) -> PlannedUpdate:
        """Return what it takes to give the one contact that was found the values of a row."""
        return plan_update(self.rule, self._operation, self._values(delivery), found)

    def decide(self, delivery: Delivery, found: LookedUp) -> RowResult | Next:
        """Return what becomes of a row; one whose contact is to be updated goes into ``updates``."""
        from importer.sending.matching import Next

        if not found.ids:
            if self.rule.mode != "update-only":
                return Next.SEND
            return _result(delivery, Status.SKIPPED, "no_match", "the vendor has no such contact, and none is created")
        if len(found.ids) > 1:
            message = f"the vendor has {len(found.ids)} such contacts ({_listed(found.ids)}); none of them is touched"
            return _result(delivery, Status.AMBIGUOUS, "several_contacts", message)
        (vendor_id,) = found.ids
        if self.rule.update is None:
            return _result(delivery, Status.EXISTS, "exists", "the vendor has this contact already", vendor_id)
        planned = self.plan(delivery, found)
        if planned.changes:
            self.updates.append(planned)
            return Next.LATER
        message = "the vendor's contact has these values already"
        if self.rule.fill_empty:
            unshown = unshown_fields(self._values(delivery), found)
            message = "the vendor's contact has nothing to fill in"
            message += f"; it does not show {_listed(unshown)}" if unshown else ""
        return _result(delivery, Status.EXISTS, "exists", message, vendor_id)

    def _values(self, delivery: Delivery) -> dict[str, Any]:
        from importer.sending.payload import read_values

        return read_values(self._operation, self._fields, delivery.body)


def make_matcher(
    job: ImportRun, spool: Spool, journal: Journal, duplicates: pl.DataFrame, secret: str | None = None
) -> RowMatcher | None:
    """Return what matches the rows of a run; None where nothing is looked up."""
    if job.context.match is None:
        return None
    known = journal.list_lookups(job.id)
    matcher = RowMatcher(job.context.match, job.operation, job.prepared.mapping.fields, known, secret)
    matcher.find_shared_rows(spool, RowSet(duplicates["row"]))
    return matcher


def split_updates(updates: Sequence[PlannedUpdate]) -> tuple[list[PlannedUpdate], list[RowResult]]:
    """Return the updates of contacts that one row means, and the results of rows that mean the same contact."""
    rows = Counter(update.vendor_id for update in updates)
    certain = [update for update in updates if rows[update.vendor_id] == 1]
    results = [
        RowResult(
            update.row,
            Status.AMBIGUOUS,
            Evidence(
                update.vendor_id,
                code="same_contact",
                message=f"{rows[update.vendor_id]} rows of this file are this contact, so it is not touched",
            ),
        )
        for update in updates
        if rows[update.vendor_id] > 1
    ]
    return certain, results


def _comparable(values: pl.Expr, field: Field | None) -> pl.Expr:
    """Return the form in which two spellings of one value are equal: a phone's digits, other text without case."""
    if field is not None and field.kind is Kind.PHONE:
        return values.str.replace_all(r"\D", "")
    return values.str.strip_chars().str.to_lowercase()


def _listed(names: Sequence[object]) -> str:
    return ", ".join(map(str, names[:MOST_NAMED])) + (" and others" if len(names) > MOST_NAMED else "")


def _result(delivery: Delivery, status: Status, code: str, message: str, vendor_id: str | None = None) -> RowResult:
    return RowResult(delivery.row, status, Evidence(vendor_id, code=code, message=message))
