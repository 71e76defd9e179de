"""Checks that need every row of a file: the order of its dates, and rows that may be one contact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import polars as pl

from importer.checking import sharing_problems
from importer.cleaning import Change, Cleaned, DateOrderEvidence, PhoneCountryEvidence, TimeZoneEvidence, needs_order
from importer.mapping import FieldMapping, Mapping, apply_mapping
from importer.model.problem import SKIPPED
from importer.model.table import Batch
from importer.parallel import map_ordered
from importer.questions import OpenQuestion, QuestionCollector, phone_country, repeated_contacts, time_zone
from importer.run_store.duplicates import find_duplicates
from importer.run_store.shared_values import find_sharing, sharing_key
from importer.run_store.spool import Spool
from importer.runs.blank_cells import find_blanks
from importer.runs.merged_contacts import merge_contacts
from importer.settings import DateOrder, Settings
from schemas.contract import Operation
from schemas.kind import Kind


def ambiguous_date_fields(frame: pl.DataFrame, mapping: Mapping, settings: Settings) -> list[FieldMapping]:
    """Return the mapped date fields of this frame whose order matters and was not given."""
    return [
        feed
        for feed in mapping.field_mappings
        if feed.field.kind in (Kind.DATE, Kind.DATE_TIME)
        and feed.field.type == "string"
        and feed.value_format.format is None
        and settings.date_order is None
        and needs_order(frame[feed.field.path])
    ]


def infer_date_orders(
    feeds: Iterable[FieldMapping],
    batches: Iterable[Batch],
    mapping: Mapping,
    operation: Operation,
    blank: Sequence[str] = (),
) -> tuple[dict[str, DateOrder], list[tuple[FieldMapping, DateOrderEvidence]]]:
    """Return the order of each of these fields' dates, from every row, and the evidence of those without one."""
    proofs = {feed.field.path: (feed, DateOrderEvidence()) for feed in feeds}
    only = Mapping(tuple(feed for feed, _ in proofs.values()), mapping.columns, (), ())
    for batch in batches:
        frame = apply_mapping(batch.frame, only, operation, find_blanks(batch.frame, only, blank))
        for path, (_, proof) in proofs.items():
            proof.add(frame["row"], frame[path].str.strip_chars())
    orders = {path: proof.order() for path, (_, proof) in proofs.items()}
    unproven = [proofs[path] for path, order in orders.items() if order is None]
    return {path: order for path, order in orders.items() if order is not None}, unproven


def find_unknown_zones(
    cleaned: Cleaned, mapping: Mapping, settings: Settings, known: dict[str, TimeZoneEvidence]
) -> Iterator[OpenQuestion]:
    """Add a batch to what is ``known`` of each field's times. Yield a question where most have no zone."""
    for feed in mapping.field_mappings:
        if feed.field.kind is not Kind.DATE_TIME or feed.field.type != "string" or not feed.columns:
            continue
        if feed.value_format.timezone or settings.timezone:
            continue
        evidence = known.setdefault(feed.field.path, TimeZoneEvidence())
        evidence.add(cleaned.frame["row"], cleaned.frame[feed.field.path])
        if evidence.is_unknown:
            yield time_zone.ask(feed, evidence, mapping)


def find_unknown_countries(
    cleaned: Cleaned, mapping: Mapping, known: dict[str, PhoneCountryEvidence]
) -> Iterator[OpenQuestion]:
    """Add a batch to what is ``known`` of each field's phones. Yield a question where most lack a country."""
    remarks = [remark for remark in cleaned.remarks if remark.code == "phone_country_unknown"]
    for feed in mapping.field_mappings:
        if feed.field.kind is not Kind.PHONE or feed.field.type != "string" or not feed.columns:
            continue
        path = feed.field.path
        evidence = known.setdefault(path, PhoneCountryEvidence())
        own = [remark for remark in remarks if remark.field == path]
        evidence.add(cleaned.frame["row"], cleaned.frame[path], own)
        if evidence.is_unknown:
            yield phone_country.ask(feed, evidence, mapping)


def shared_keys(mapping: Mapping) -> dict[str, pl.Expr]:
    """Return, by field, the key that two rows of one contact have in common."""
    return {
        path: pl.col(path).map_batches(_phone_key, return_dtype=pl.String)
        if kind is Kind.PHONE
        else sharing_key(path, kind)
        for path, kind in _shareable(mapping).items()
    }


def _phone_key(texts: pl.Series) -> pl.Series:
    """Return the ``sharing_key`` of phones. Most are digits after a ``+``, which are the key already."""
    digits = texts.str.strip_prefix("+")
    other = (digits.str.contains("[^0-9]") | (digits == "")).fill_null(value=False).arg_true()
    return digits.scatter(other, texts[other].to_frame("text").select(sharing_key("text", Kind.PHONE)).to_series())


def flag_shared_contacts(
    spool: Spool, mapping: Mapping, settings: Settings, collector: QuestionCollector
) -> tuple[int, int, list[tuple[int, Change | None]]]:
    """Add warnings for rows that share an e-mail address or phone.

    Returns how many that makes invalid, how many skipped, and how many values were merged, each with an example.
    """
    looked_for = map_ordered(lambda key: find_sharing(spool, *key), shared_keys(mapping).items())
    shared = [found for found in looked_for if found.height]
    if not shared:
        return 0, 0, []
    found = pl.concat(shared).sort("row", maintain_order=True)
    cells = spool.rows(found["row"].unique())
    problems = sharing_problems(found, cells, mapping.field_sources(), _shareable(mapping), strict=settings.strict)
    if settings.strict:  # a duplicate of an invalid row is invalid, too
        twins = find_duplicates(spool).join(problems.rename({"row": "first"}), on="first").select(problems.columns)
        problems = pl.concat([problems, twins]).sort("row", maintain_order=True)
    invalid = problems.filter(pl.col("severity") == "error")["row"].unique().sort()
    collector.add_problems(problems)
    problems = repeated_contacts.apply(problems, found, settings)
    skipped = problems.filter(pl.col("severity") == SKIPPED)["row"].unique()
    skipped = skipped.filter(~skipped.is_in(invalid.implode()))
    merged = [merge_contacts(spool, found, path) for path in repeated_contacts.fields_to_merge(settings)]
    spool.add_late(problems, pl.concat([invalid, skipped]).unique().sort())
    return invalid.len(), skipped.len(), merged


def _shareable(mapping: Mapping) -> dict[str, Kind]:
    """Return the kinds of the fields by which two rows may be one contact, by path."""
    return {
        feed.field.path: feed.field.kind
        for feed in mapping.field_mappings
        if feed.field.kind in (Kind.EMAIL, Kind.PHONE)
        and feed.field.type == "string"
        and feed.columns
        and len(feed.field.parts) == 1
    }
