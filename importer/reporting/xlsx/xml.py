"""Texts as the XML of a workbook holds them (ECMA-376)."""

from __future__ import annotations

import polars as pl

from importer.model.table import MAX_CELL_CHARACTERS

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# XML 1.0 cannot hold these characters; no program opens a workbook that has one of them.
_ILLEGAL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]"
_SPECIAL = rf"[&<>\r]|_x|{_ILLEGAL}"


def needs_no_escape(texts: pl.Series) -> bool:
    """Return true if ``escape`` would change none of these texts, as in most columns."""
    return not texts.str.contains(_SPECIAL).any() and not (texts.str.len_bytes() > MAX_CELL_CHARACTERS).any()


def escape(text: pl.Expr) -> pl.Expr:
    """Escape a text for XML, cut (with an ellipsis) to what a cell can hold; null becomes an empty text.

    A character that XML cannot hold becomes U+FFFD, which the check reports until somebody has corrected it.
    """
    whole = text.fill_null("")
    cut = (
        pl.when(whole.str.len_chars() > MAX_CELL_CHARACTERS)
        .then(whole.str.slice(0, MAX_CELL_CHARACTERS - 1) + "…")
        .otherwise(whole)
    )
    # Spreadsheet programs read a text such as _x0041_ as the character that it encodes.
    return (
        cut.str.replace_all(_ILLEGAL, "\ufffd")
        .str.replace_all(r"_(x[0-9A-Fa-f]{4}_)", "_x005F_$1")
        .str.replace_all("&", "&amp;", literal=True)
        .str.replace_all("<", "&lt;", literal=True)
        .str.replace_all(">", "&gt;", literal=True)
        .str.replace_all("\r", "_x000D_", literal=True)
    )


def escape_text(text: str) -> str:
    """Escape one text, for use in an attribute, too."""
    value: str = pl.select(escape(pl.lit(text))).item()
    return value.replace('"', "&quot;")
