"""Any text: composed (Unicode NFC), trimmed, single spaces inside, without invisible characters.

Line breaks stay. A cell with nothing but invisible characters becomes blank.
"""

from __future__ import annotations

import polars as pl

# Zero-width space, word joiner, byte-order mark, soft hyphen. The joiners U+200C and U+200D carry meaning
# (Persian, emoji) and stay.
INVISIBLE = r"[\u{200b}\u{2060}\u{feff}\u{ad}]"
# Unicode's space separators (category Zs) other than the ASCII space.
UNUSUAL_SPACES = r"[\u{a0}\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}\u{3000}]"
SPACES = rf"[\t\x0b\x0c]|{UNUSUAL_SPACES}|  +"
# Texts in which there may be something to clean.
SUSPECT_TEXT = rf"^\s|\s$|[^\x00-\x7f]|{SPACES}"
# Visible ASCII with single spaces: nothing to clean, and nothing damaged. Excel's error values begin with "#".
PLAIN_TEXT = r"^[!-\"$-~]+(?: [!-\"$-~]+)*$"


def clean_text(values: pl.Series) -> pl.Series:
    """Return the texts cleaned; meant for those that match ``SUSPECT_TEXT``."""
    cleaned = (
        values.str.replace_all(INVISIBLE, "")
        .str.normalize("NFC")
        .str.replace_all(rf"(?:{SPACES}| )+", " ")
        .str.strip_chars()
    )
    # An empty text that was meant (the contract's word for clearing) stays one; what becomes empty is blank.
    became_empty = (cleaned == "") & (values != "")
    return pl.select(pl.when(~became_empty.fill_null(value=False)).then(cleaned)).to_series().alias(values.name)


def has_invisible(values: pl.Series) -> pl.Series:
    """Return a mask of the texts with characters that nobody sees: zero-width ones and unusual spaces."""
    return values.str.contains(rf"{INVISIBLE}|{UNUSUAL_SPACES}").fill_null(value=False)
