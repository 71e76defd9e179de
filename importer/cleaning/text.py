"""Every text: NFC, no white space around it, one blank where several stood, no invisible characters."""

from __future__ import annotations

import polars as pl

# Zero-width space, word joiner, byte-order mark, soft hyphen. The joiners U+200C and U+200D carry meaning
# (Persian, emoji) and stay.
INVISIBLE = r"[\u{200b}\u{2060}\u{feff}\u{ad}]"
ODD_BLANKS = r"[\u{a0}\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}]"
BLANKS = r"[\t\x0b\x0c\u{a0}\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}]|  +"
SUSPECT = rf"^\s|\s$|[^\x00-\x7f]|{BLANKS}"

# Visible ASCII with single blanks between: nothing to clean, and nothing damaged. Errors of formulas begin with #.
PLAIN_TEXT = r"^[!-\"$-~]+(?: [!-\"$-~]+)*$"


def clean_text(values: pl.Series) -> pl.Series:
    """Texts in which there may be something to do (``SUSPECT``), cleaned."""
    cleaned = (
        values.str.replace_all(INVISIBLE, "")
        .str.normalize("NFC")
        .str.replace_all(rf"(?:{BLANKS}| )+", " ")
        .str.strip_chars()
    )
    # A cell of nothing but invisible characters is blank; an empty text that was meant stays one.
    vanished = (cleaned == "") & (values != "")
    return pl.select(pl.when(~vanished.fill_null(value=False)).then(cleaned)).to_series().alias(values.name)


def has_invisible(values: pl.Series) -> pl.Series:
    """Which texts have characters that nobody sees: non-breaking and other odd blanks, zero-width ones."""
    return values.str.contains(rf"{INVISIBLE}|{ODD_BLANKS}").fill_null(value=False)
