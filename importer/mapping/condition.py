"""A condition on the columns of a file, as an SQL expression of polars: ``Status = 'Active' AND "Source" <> 'Fair'``.

Every cell is the text that was read, and a blank one is NULL. Only what looks at the cells of one row is accepted:
polars' SQL has queries, too, which can read any file of this machine, and aggregates, which a batch of rows falsifies.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from importer.errors import MappingError
from importer.mapping.column_lookup import find_column, list_headers
from importer.model.provenance import is_filled

MOST_CHARACTERS = 10_000
MOST_ERROR_CHARACTERS = 200
# Quoted texts and names. Whatever could make polars see other borders of them is refused (``_ODD``).
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`[^`]*`")
_ODD = re.compile(r"['\"`$;#\\]|--|/\*")
_QUOTES = "'\"`"
_QUERY = re.compile(r"(?i)\bselect\b|\bover\b|\(\s*(?:from|table|values|with)\b")
_NODES_OF_SEVERAL_ROWS = {"Agg", "Over", "Rolling", "Len", "Explode", "SubPlan", "Selector", "Sort", "Filter", "Gather"}


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that is known to be one: its text, and the names in it with the positions of their columns."""

    text: str
    columns: tuple[tuple[str, int], ...]

    def matches(self, cells: pl.DataFrame, place: str) -> pl.Series:
        """Return for each row true, false, or null where a blank cell leaves it open.

        ``place`` begins the message. Raises MappingError where a cell cannot be turned into what the condition asks.
        """
        try:
            return self._texts(cells).select(_parse(self.text)).to_series()
        except _ERRORS as error:
            raise MappingError(
                f"{place}: {_describe(error)}. Cells are text: TRY_CAST(… AS DOUBLE) makes a number, and NULL of "
                f"what is none. The condition uses {', '.join(repr(name) for name, _ in self.columns)}"
            ) from error

    def _texts(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return the cells under the names that the condition has for them, without blank ones."""
        named = ((name, pl.col(f"c{index}")) for name, index in self.columns)
        return cells.select(pl.when(is_filled(cell)).then(cell).alias(name) for name, cell in named)


def parse_condition(text: str, place: str, columns: Sequence[str]) -> Condition:
    """Return the condition for a file with these columns.

    Raises MappingError that begins with ``place`` and has the columns.
    """
    known = f"its columns are {list_headers(columns)}"
    if not text.strip() or len(text) > MOST_CHARACTERS:
        raise MappingError(f"{place}: a condition has 1 to {MOST_CHARACTERS:,} characters; {known}")
    reason = _find_query(text)
    if reason:
        raise MappingError(f"{place}: {reason}. A condition looks at the cells of one row; {known}")
    try:
        expression = _parse(text)
        names = dict.fromkeys(expression.meta.root_names())
        is_of_one_row = not _NODES_OF_SEVERAL_ROWS & set(_nodes(json.loads(expression.meta.serialize(format="json"))))
    except _ERRORS as error:
        raise MappingError(
            f"{place}: {_describe(error)}. A condition is written like \"Lead Source\" = 'Fair': names with blanks in "
            f"double quotes, text in single quotes; {known}"
        ) from error
    if not is_of_one_row or not names:
        raise MappingError(f"{place}: a condition looks at the cells of one row, such as Status = 'Active'; {known}")
    condition = Condition(text, tuple((name, _find(name, place, columns)) for name in names))
    _reject_other_types(condition, place, len(columns))
    return condition


def _find(name: str, place: str, columns: Sequence[str]) -> int:
    try:
        return find_column(name, place, columns)
    except MappingError as error:
        raise MappingError(f"{error} (text is written in single quotes, names with blanks in double ones)") from None


def _find_query(text: str) -> str:
    """Return why a text is no plain expression, or an empty text."""
    rest = _QUOTED.sub(" ", text)
    odd = _ODD.search(rest)
    if odd and odd[0] in _QUOTES:
        return f"a {odd[0]} opens a quoted text that is never closed"
    if odd:
        return f"{odd[0]} may only stand in quoted text"
    if re.search(r"\\['\"`]", text):
        return "a backslash stands before a quote; a quote within text is doubled: 'O''Brien'"
    return "this is a query" if _QUERY.search(rest) else ""


@functools.lru_cache(maxsize=64)
def _parse(text: str) -> pl.Expr:
    return pl.sql_expr(text)


def _reject_other_types(condition: Condition, place: str, width: int) -> None:
    """Raise MappingError for an expression that is neither true nor false, or compares texts with something else."""
    row = pl.DataFrame(
        {f"c{index}": [None, None] for index in range(width)},
        schema_overrides=dict.fromkeys((f"c{index}" for index in range(width)), pl.String),
    )
    found = condition.matches(row, place)
    if found.dtype != pl.Boolean or found.len() != row.height:
        raise MappingError(f"{place}: the condition is neither true nor false. Write one such as Status = 'Active'")


def _nodes(tree: Any) -> Iterator[str]:
    """Yield the names of an expression's nodes."""
    left = [tree]
    while left:
        node = left.pop()
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            left += [value for name, value in node.items() if name not in ("Literal", "Column")]
            yield from node
        elif isinstance(node, list):
            left += [entry for entry in node if not isinstance(entry, int)]


def _describe(error: BaseException) -> str:
    """Return what polars says, as the middle of a sentence."""
    first = str(error).strip().partition("\n")[0].strip().removesuffix(".")
    return first if len(first) <= MOST_ERROR_CHARACTERS else first[: MOST_ERROR_CHARACTERS - 1] + "…"


# A panic of polars is no Exception.
_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError, IndexError, RecursionError, TypeError)
