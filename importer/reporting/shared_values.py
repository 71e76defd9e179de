"""The problems that many cells have for the same text: each such text is counted, and shown once."""

from __future__ import annotations

import polars as pl

from importer.model.problem_frame import RENDERED_SCHEMA
from importer.model.summary import SharedValue

Kind = tuple[str, str, str]
"""Severity, code and field."""
Sample = tuple[int, str, str]
"""Row, value and message."""

MOST_ROWS_NAMED = 3
MOST_SHOWN = 5
MOST_TEXTS = 10_000
"""A kind of problem with more different texts is one of single cells, and its texts are forgotten."""

_KIND = ("severity", "code", "field")
_KEY = (*_KIND, "value", "message")
_SCHEMA = {**{name: RENDERED_SCHEMA[name] for name in _KEY}, "count": pl.UInt32, "rows": pl.List(pl.UInt32)}


class SharedValues:
    """Counts the cells with the same problem and the same text, added batch by batch."""

    def __init__(self) -> None:
        self._texts = pl.DataFrame(schema=_SCHEMA)
        self._crowded = pl.DataFrame(schema={name: _SCHEMA[name] for name in _KIND})

    def add(self, problems: pl.DataFrame) -> None:
        """Add the problems of a batch, whose rows follow those before it."""
        if not problems.height:
            return
        wanted = problems.join(self._crowded, on=_KIND, how="anti") if self._crowded.height else problems
        first_rows = pl.col("row").head(MOST_ROWS_NAMED).alias("rows")
        found = wanted.group_by(_KEY, maintain_order=True).agg(pl.len().cast(pl.UInt32).alias("count"), first_rows)
        self._texts = (
            pl.concat([self._texts, found])
            .group_by(_KEY, maintain_order=True)
            .agg(pl.col("count").sum(), pl.col("rows").explode().head(MOST_ROWS_NAMED))
        )
        crowded = self._texts.group_by(_KIND).len().filter(pl.col("len") > MOST_TEXTS).select(_KIND)
        if crowded.height:
            self._crowded = pl.concat([self._crowded, crowded])
            self._texts = self._texts.join(crowded, on=_KIND, how="anti", maintain_order="left")

    def ranked(self) -> dict[Kind, tuple[tuple[SharedValue, ...], tuple[Sample, ...]]]:
        """Return, by kind of problem, the texts that most cells share, and the first cells with other texts."""
        rank = pl.int_range(pl.len()).over(_KIND)
        ordered = self._texts.sort("count", descending=True, maintain_order=True)
        ordered = ordered.with_columns(is_shared=(pl.col("count") > 1) & (rank < MOST_SHOWN))
        shared: dict[Kind, list[SharedValue]] = {}
        for severity, code, field, value, message, count, rows in (
            ordered.filter("is_shared").select(*_SCHEMA).iter_rows()
        ):
            shared.setdefault((severity, code, field), []).append(SharedValue(value, message, count, tuple(rows)))
        others: dict[Kind, list[Sample]] = {}
        first = ordered.filter(~pl.col("is_shared")).with_columns(row=pl.col("rows").list.first()).sort("row")
        for severity, code, field, *sample in (
            first.group_by(_KIND, maintain_order=True)
            .head(MOST_ROWS_NAMED)
            .select(*_KIND, "row", "value", "message")
            .iter_rows()
        ):
            others.setdefault((severity, code, field), []).append((sample[0], sample[1], sample[2]))
        return {kind: (tuple(shared.get(kind, ())), tuple(others.get(kind, ()))) for kind in {**shared, **others}}


def name_rows(rows: tuple[int, ...], count: int) -> str:
    """Return the first of ``count`` rows as text: ``rows 2, 5, 9 …``."""
    named = ", ".join(f"{row:,}" for row in rows)
    return f"row{'' if count == 1 else 's'} {named}{' …' if count > len(rows) else ''}"
