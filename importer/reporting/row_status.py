"""Decides the status of every row of a batch, from its check, its duplicates and its result."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl

from importer.model.delivery import decode_field_errors, decode_notices
from importer.model.problem_frame import RENDERED_SCHEMA
from importer.model.provenance import FieldSource
from importer.model.second_step import CODE_PREFIX, step_problem
from importer.model.status import Status


def decide(
    rows: pl.DataFrame, results: pl.DataFrame, twins: pl.DataFrame, offered: Status, stopped: str = ""
) -> pl.DataFrame:
    """Return status, code and message of every row, by row.

    ``offered`` is the status of a valid row without a result: ``valid`` in a check, ``not_attempted`` in a run, whose
    reason to stop is then its message.
    """
    joined = _join_known(_join_known(rows.select("row", "valid"), results), twins)
    is_twin = pl.col("first").is_not_null() & pl.col("status").is_null()
    status = (
        pl.when(~pl.col("valid"))
        .then(pl.lit(str(Status.INVALID)))
        .when(is_twin)
        .then(pl.lit(str(Status.DUPLICATE)))
        .otherwise(pl.col("status").fill_null(str(offered)))
    )
    reason = pl.when(status == str(Status.NOT_ATTEMPTED)).then(pl.lit(stopped or None, pl.String))
    same = pl.format("the same as row {}", pl.col("first"))
    return joined.with_columns(
        status=status,
        code=pl.when(is_twin & pl.col("valid")).then(pl.coalesce("code", pl.lit("duplicate"))).otherwise("code"),
        message=pl.coalesce("message", pl.when(is_twin & pl.col("valid")).then(same).otherwise(reason)),
    )


def _join_known(rows: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with what is known of them, null where nothing is."""
    if known.height:
        return rows.join(known, on="row", how="left", maintain_order="left")
    return rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in known.schema.items() if name != "row")


def result_problems(
    decided: pl.DataFrame,
    cells: pl.DataFrame,
    origins: Mapping[str, FieldSource],
    *,
    duplicates: bool,
) -> pl.DataFrame:
    """Return the results of sending as problems: of the cell where the vendor names a field, else of the whole row.

    Their messages are the vendor's words, so that they need no rendering.
    """
    worth = [str(status) for status in Status if status.info.advice] + ([str(Status.DUPLICATE)] if duplicates else [])
    is_step = pl.col("code").str.starts_with(CODE_PREFIX).fill_null(value=False)
    wanted = decided.filter(
        pl.col("status").is_in(worth) | is_step | pl.col("field_errors").is_not_null() | pl.col("notices").is_not_null()
    )
    by_row = {row: index for index, row in enumerate(cells["row"])} if wanted.height else {}
    found = []
    for row in wanted.iter_rows(named=True):
        status = Status(row["status"])
        source = "vendor" if status is Status.REJECTED else "delivery"
        step = step_problem(row["code"])
        advice = step.advice if step else status.info.advice or "leave out one of the two rows"
        errors = decode_field_errors(row["field_errors"])
        placed = [(_find_field(error.field, origins), error.message) for error in errors]
        known = [(place, words) for place, words in placed if place is not None]
        for path, words in known:
            line = cells[by_row[row["row"]]]
            origin = origins[path]
            header, value = line.select(origin.header_expr().alias("h"), origin.value_expr().alias("v")).row(0)
            found.append((row["row"], header, path, value, "error", row["code"] or str(status), words, advice, source))
        if step or (row["status"] in worth and not known):
            code = row["code"] or str(status)
            found.append((row["row"], "", "", "", "error", code, row["message"] or "", advice, source))
        found += [
            (row["row"], "", "", "", "warning", "notice", words, "look at the contact there", "vendor")
            for words in decode_notices(row["notices"])
        ]
    return pl.DataFrame(found, schema=RENDERED_SCHEMA, orient="row")


def _find_field(named: str, paths: Iterable[str]) -> str | None:
    """Return the path of the field that a vendor names, or None.

    A vendor may name it by its last step, as a JSON Pointer, with an index (``emails/0/value``), or from outside the
    objects around all fields (``data.attributes.email``): the longest path wins.
    """
    dotted = re.sub(r"[./\[]+(\d+)\]?(?=[./\[]|$)", r"[\1]", named).replace("/", ".").strip(".")
    listed = list(paths)
    within = [path for path in listed if dotted == path or dotted.endswith(f".{path}")]
    if within:
        return max(within, key=len)
    return next((path for path in listed if path.rpartition(".")[2] == dotted), None)
