"""Texts as the XML of a workbook holds them (ECMA-376)."""

from __future__ import annotations

import polars as pl

LONGEST_CELL = 32_767
# What XML 1.0 cannot hold; a workbook with one of these cannot be opened.
_ILLEGAL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DECLARED = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


_SPECIAL = rf"[&<>\r]|_x|{_ILLEGAL}"


def is_plain(texts: pl.Series) -> bool:
    """Whether ``escaped`` would leave all these texts as they are; most columns need nothing."""
    return not texts.str.contains(_SPECIAL).any() and not (texts.str.len_bytes() > LONGEST_CELL).any()


def escaped(text: pl.Expr) -> pl.Expr:
    """A text as XML holds it, cut (with a sign) to what a cell can hold; null becomes an empty text.

    What XML cannot hold becomes the sign for a lost character, which is a problem until somebody has corrected it.
    """
    whole = text.fill_null("")
    cut = (
        pl.when(whole.str.len_chars() > LONGEST_CELL).then(whole.str.slice(0, LONGEST_CELL - 1) + "…").otherwise(whole)
    )
    # A text such as _x0041_ would be read as the character it encodes.
    return (
        cut.str.replace_all(_ILLEGAL, "\ufffd")
        .str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_$1")
        .str.replace_all("&", "&amp;", literal=True)
        .str.replace_all("<", "&lt;", literal=True)
        .str.replace_all(">", "&gt;", literal=True)
        .str.replace_all("\r", "_x000D_", literal=True)
    )


def escaped_text(text: str) -> str:
    """The same for one text, for use in an attribute, too."""
    value: str = pl.select(escaped(pl.lit(text))).item()
    return value.replace('"', "&quot;")
