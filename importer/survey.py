"""Looks through the whole file before its dates are cleaned: which order they have is a matter of all rows."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from importer.cleaning import Proofs, has_order
from importer.cleaning.dates import Order
from importer.errors import MappingError
from importer.mapping import Feed, Mapping, apply_mapping
from importer.records import Batch
from importer.settings import Settings
from schemas.contract import Kind, Operation


def fields_in_question(frame: pl.DataFrame, mapping: Mapping, settings: Settings) -> list[Feed]:
    """The feeds of dates in this frame of fields whose order nobody gave, and where it matters."""
    return [
        feed
        for feed in mapping.feeds
        if feed.field.kind in (Kind.DATE, Kind.DATE_TIME)
        and feed.field.type == "string"
        and feed.form.format is None
        and settings.date_order is None
        and has_order(frame[feed.field.path])
    ]


def prove_orders(
    feeds: Iterable[Feed], batches: Iterable[Batch], mapping: Mapping, operation: Operation
) -> dict[str, Order]:
    """The order of each of these fields' dates, from every row. Raises MappingError where none is proven."""
    proofs = {feed.field.path: (feed, Proofs()) for feed in feeds}
    only = Mapping(tuple(feed for feed, _ in proofs.values()), mapping.columns, (), ())
    for batch in batches:
        frame = apply_mapping(batch.frame, only, operation)
        for path, (_, proof) in proofs.items():
            proof.add(frame["row"], frame[path].str.strip_chars())
    found: dict[str, Order] = {}
    for path, (feed, proof) in proofs.items():
        order = proof.order()
        if order is None:
            raise MappingError(proof.complaint(mapping.column_of(feed) or path))
        found[path] = order
    return found
