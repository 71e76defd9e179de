"""Numbers, without currency and signs between thousands, with a point before decimals (``1.234,5 €`` → ``1234.5``).

``1,234`` alone says nothing: it is a thousand and more in English, one and a bit in French. It is read as the other
numbers of its batch are written, if those prove one way, and stays otherwise, for checking to report.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

_CURRENCY = r"^([+-]?)\s*[$€£¥₹]\s*([+-]?\d)|(\d)\s*[$€£¥₹]$"
_BLANK = r"[ '’]"
_BLANK_GROUPS = rf"^[+-]?\d{{1,3}}(?:{_BLANK}\d{{3}})+(?:[.,]\d+)?$"
_AMBIGUOUS = r"^[+-]?[1-9]\d{0,2}[.,]\d{3}$"  # either sign may separate thousands or decimals


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """One way of writing numbers. ``proofs`` match texts that can be written in this way only."""

    group: str
    decimal: str

    @property
    def form(self) -> str:
        """The pattern of every number that is written in this way."""
        return rf"^[+-]?(?:\d+|[1-9]\d{{0,2}}(?:[{self.group}]\d{{3}})+)(?:[{self.decimal}]\d+)?$"


POINT, COMMA = NumberStyle(",", "."), NumberStyle(".", ",")


def clean_number(values: pl.Series) -> pl.Series:
    """Return numbers as JSON writes them, where their way of writing is beyond doubt."""
    texts = values.drop_nulls().unique()
    amounts = texts.filter(texts.str.contains(_CURRENCY))
    if amounts.len():
        plain = amounts.str.replace(_CURRENCY, "$1$2$3")
        return clean_number(values.replace(amounts, plain)) if not plain.equals(amounts) else values
    if not texts.str.contains(rf"[,]|{_BLANK}").any():
        return values
    blank = texts.str.contains(_BLANK_GROUPS)
    bare = texts.zip_with(~blank, texts.str.replace_all(_BLANK, ""))
    ambiguous = bare.str.contains(_AMBIGUOUS) & ~blank
    has_sign = bare.str.contains("[.,]")
    point = bare.str.contains(POINT.form) & (~bare.str.contains(COMMA.form) | (blank & bare.str.contains("[.]")))
    comma = bare.str.contains(COMMA.form) & (~bare.str.contains(POINT.form) | (blank & bare.str.contains(",")))
    proven_point, proven_comma = (~ambiguous & has_sign & point).any(), (~ambiguous & has_sign & comma).any()
    if proven_point != proven_comma:
        point |= ambiguous if proven_point else False
        comma |= ambiguous if proven_comma else False
    cleaned = pl.select(
        pl.when(pl.lit(comma))
        .then(pl.lit(bare).str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True))
        .when(pl.lit(point))
        .then(pl.lit(bare).str.replace_all(",", "", literal=True))
        .when(pl.lit(blank & ~has_sign))
        .then(pl.lit(bare))
        .otherwise(pl.lit(texts))
    ).to_series()
    return values.replace(texts, cleaned)
