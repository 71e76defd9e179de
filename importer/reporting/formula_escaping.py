"""Cells that a spreadsheet program would run as formulas: harmless in our CSV files, whole again when read back.

A text that begins with ``=``, ``+``, ``-``, ``@``, a tab or a carriage return is computed when a CSV file is opened, so
it gets an apostrophe in front. Numbers with a sign and telephone numbers keep their text: they are shown, not computed.
"""

from __future__ import annotations

import polars as pl

from schemas.column_stats import is_constant

GUARD = "'"
# Apostrophes in front do not count, so that a text which has one by itself gets one more, and loses only that.
_BEGINS = r"^'*[=+\-@\t\r＝＋－＠]"
_SHOWN = r"^'*(?:[+-]+|[+-]\d[\d.,]*|[+-]\(?\d[\d.\-/()]* [\d .\-/()]*)$"

_NUMBER = r"^[+-][0-9]+$"
"""The most frequent of what is shown: telephone numbers."""


def escape_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """The same frame, in which no text is a formula."""
    return frame.with_columns(
        pl.when(_is_formula(frame[name])).then(GUARD + frame[name]).otherwise(frame[name]).alias(name)
        for name in _with_formulas(frame)
    )


def unescape_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame that ``escape_formulas`` made this of."""
    return frame.with_columns(
        pl.when(_is_formula(frame[name]) & frame[name].str.starts_with(GUARD))
        .then(frame[name].str.slice(1))
        .otherwise(frame[name])
        .alias(name)
        for name in _with_formulas(frame)
    )


def _with_formulas(frame: pl.DataFrame) -> list[str]:
    """The columns that have such a text; most have none."""
    texts = frame.select(pl.col(pl.String))
    return [text.name for text in texts if _is_formula(text.head(1) if is_constant(text) else text).any()]


def _is_formula(texts: pl.Series) -> pl.Series:
    # Comparing first characters is ten times as fast as a pattern, and most columns have only letters or digits there.
    letters = (texts >= "A") & (texts < "＋")
    if letters.all():
        return ~letters
    suspect = (~letters & ((texts < "0") | (texts >= ":"))).fill_null(value=False).arg_true()
    few = texts[suspect]
    few = few.filter(~few.str.contains(_NUMBER))
    if not few.len() or not few.str.contains(_BEGINS).any():
        return letters & ~letters
    return texts.str.contains(_BEGINS) & ~texts.str.contains(_SHOWN)
