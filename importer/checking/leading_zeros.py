"""Rules for leading zeros that a spreadsheet may have dropped, derived from the other codes of the column.

A postal code with four digits proves nothing alone; among codes that nearly all have five digits it does. It is a
warning, because lists with addresses of several countries look the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from schemas.contract import Field
from schemas.dataframe_schema import Rule
from schemas.kind import Kind

CODE = r"^([0-9]+)(?:-[0-9]{4})?$"
FEWEST = 3
SHARE_OF_DIGITS, SHARE_OF_LENGTH = 0.9, 2 / 3
MOST_LOST = 2


def zero_rules(frame: pl.DataFrame, fields: Sequence[Field]) -> tuple[Rule, ...]:
    """Return rules for the columns whose codes have one length except for some shorter ones."""
    found = []
    for field in fields:
        if field.kind in (Kind.ZIP, Kind.ID, Kind.PHONE) and field.type == "string":
            length = _common_length(frame[field.path].drop_nulls(), field.kind)
            if length:
                digits = pl.col(field.path).str.extract(CODE, 1).str.len_bytes()
                short = digits.is_between(length - MOST_LOST, length - 1)
                found.append(Rule(field, "leading_zeros_lost", "warning", length, ~short))
    return tuple(found)


def _common_length(texts: pl.Series, kind: Kind) -> int | None:
    """Return the length of this column's codes, or None where it is not evident."""
    digits = texts.str.extract(CODE, 1).drop_nulls()
    lengths = digits.str.len_bytes()
    if digits.len() < max(FEWEST, SHARE_OF_DIGITS * texts.len()):
        return None
    longest = max(lengths.unique().to_list(), default=0)
    whole = digits.filter(lengths == longest)
    if whole.len() < max(FEWEST, SHARE_OF_LENGTH * digits.len()):
        return None
    # Ids and phones come in several lengths by nature: there, codes that do begin with a zero must be seen.
    with_zero = whole.str.starts_with("0").sum()
    return longest if kind is Kind.ZIP or with_zero * 2 >= whole.len() else None
