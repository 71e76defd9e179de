"""The results of many rows as a table: the one schema that journal, result log and reports share.

A table, because a run of a million rows is resumed from its results: an object for each would cost two seconds before
the first request.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from importer.model.delivery import (
    LOOKUP_TEMPLATE,
    Evidence,
    RowResult,
    decode_field_errors,
    decode_notices,
    encode_field_errors,
    encode_notices,
)
from importer.model.status import Status

RESULT_SCHEMA = {
    "row": pl.UInt32,
    "status": pl.String,
    "id": pl.String,
    "http_status": pl.UInt16,
    "attempts": pl.UInt32,
    "code": pl.String,
    "message": pl.String,
    "sent_at": pl.Float64,
    "field_errors": pl.String,
    "notices": pl.String,
    "lookup_message": pl.String,
}


def to_record(result: RowResult) -> tuple[Any, ...]:
    """Return a result in the order of ``RESULT_SCHEMA``."""
    known = result.evidence
    return (
        result.row,
        str(result.status),
        known.vendor_id,
        known.http_status,
        known.attempts,
        known.code,
        known.message,
        known.sent_at,
        encode_field_errors(known.field_errors),
        encode_notices(known.notices),
        known.lookup_message or None,
    )


def to_table(records: list[tuple[Any, ...]]) -> pl.DataFrame:
    """Return records as a table of ``RESULT_SCHEMA``."""
    return pl.DataFrame(records, schema=RESULT_SCHEMA, orient="row")


def to_results(table: pl.DataFrame) -> list[RowResult]:
    """Return the rows of a table of ``RESULT_SCHEMA`` as results."""
    return [
        RowResult(
            row,
            Status(status),
            Evidence(
                vendor_id,
                http_status,
                attempts,
                code or "",
                message or "",
                sent_at,
                decode_field_errors(field_errors),
                decode_notices(notices),
                lookup_message or "",
            ),
        )
        for (
            row,
            status,
            vendor_id,
            http_status,
            attempts,
            code,
            message,
            sent_at,
            field_errors,
            notices,
            lookup_message,
        ) in table.iter_rows()
    ]


def with_full_messages(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with the result of the last look-up in ``message``, and not in a column of its own."""
    full = pl.format(LOOKUP_TEMPLATE, pl.col("message"), pl.col("lookup_message"))
    return table.with_columns(message=pl.coalesce(full, "message")).drop("lookup_message")
