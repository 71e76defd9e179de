"""Rows in which nothing of their own says whom they are about: they are held, whatever constants would add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from importer.model.problem_frame import PROBLEM_SCHEMA, encode_params
from importer.model.provenance import FieldSource, is_filled
from schemas.contract import Field, Operation
from schemas.kind import Kind

IDENTIFYING_KINDS = (Kind.NAME, Kind.EMAIL, Kind.PHONE, Kind.ID)
IDENTIFYING_NAMES = frozenset(
    ("name", "company", "companyname", "organization", "organisation", "account", "accountname", "business")
)


class Unidentified:
    """Finds the rows that have no value of their own, or none that identifies a contact.

    An operation without fields that identify anybody holds nothing but rows without any value of their own.
    """

    def __init__(
        self, operation: Operation, fields: Sequence[Field], sources: Mapping[str, FieldSource], defaults: Iterable[str]
    ) -> None:
        """Take the mapped fields with their sources. ``defaults`` are the fields whose blanks a mapping file fills."""
        own = [field for field in fields if sources[field.path].columns]
        self._own = [field.path for field in own]
        self._identifying = [field.path for field in own if _identifies(field, operation)]
        self._knows_identity = any(_identifies(field, operation) for field in operation.fields)
        self._sources = sources
        self._defaults = frozenset(defaults)

    def find(self, fields: pl.DataFrame, cells: pl.DataFrame) -> pl.DataFrame:
        """Return the problems of these rows, given as fields and as cells, in ``PROBLEM_SCHEMA``."""
        left = self._without(self._identifying, pl.arange(fields.height, eager=True).alias("at"), fields, cells)
        if not left.len():
            return pl.DataFrame(schema=PROBLEM_SCHEMA)
        nothing = self._without([path for path in self._own if path not in self._identifying], left, fields, cells)
        parts = [(nothing, "only_constants")]
        if self._knows_identity:
            parts.append((left.filter(~left.is_in(nothing.implode())), "unidentified"))
        return pl.concat([_problems(fields["row"].gather(at), code) for at, code in parts]).sort("row")

    def _without(self, paths: Iterable[str], at: pl.Series, fields: pl.DataFrame, cells: pl.DataFrame) -> pl.Series:
        """Return those positions of ``at`` where all these fields are blank. Most batches end at the first field."""
        for path in paths:
            if not at.len():
                break
            if path in self._defaults:
                filled = [is_filled(pl.col(cell)) for _, cell in self._sources[path].columns]
                blank = cells.select(~pl.any_horizontal(filled)).to_series()
            elif not fields[path].null_count():
                return at.clear()
            else:
                blank = fields[path].is_null()
            at = at.filter(blank.gather(at))
        return at


def _identifies(field: Field, operation: Operation) -> bool:
    in_identity = any(field.path in group for group in operation.identity)
    named = field.parts[-1].replace("_", "").lower() in IDENTIFYING_NAMES
    # Where the contact is an object of any names, each of them may say whom it is about.
    of_contact = field.of_open and any(
        each.open and each.required and field.path.startswith(f"{each.path}.") for each in operation.fields
    )
    is_needed = field.in_path or field.required or in_identity
    return field.kind in IDENTIFYING_KINDS or is_needed or named or of_contact


def _problems(rows: pl.Series, code: str) -> pl.DataFrame:
    texts = {
        "column": "", "field": "", "value": "", "severity": "error", "code": code, "params": encode_params({}),
        "source": "check",
    }  # fmt: skip
    columns = (pl.lit(text).alias(name) for name, text in texts.items())
    return rows.to_frame("row").with_columns(columns).select(*PROBLEM_SCHEMA)
