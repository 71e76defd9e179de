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
# Visible ASCII with single spaces: nothing to clean, and nothing damaged. Excel's error values begin with "#", and
# encoded texts have one of "%&=\\_"; an apostrophe in front may be a spreadsheet's, a colon that of " ::: ".
# A placeholder that nobody filled in has braces, bars or brackets, and a question mark may stand for a lost letter.
_PLAIN = r"!\"$'-9;>@-Z\]^`-z}~"
PLAIN_TEXT = rf"^[!\"$(-;>@-Z\]^`-z}}~][{_PLAIN}:]*(?: [{_PLAIN}][{_PLAIN}:]*)*$"
# Quotes around the whole of a value, which a program has put there twice.
_QUOTED = (
    r'^\\?"([^"]*[^"\\])\\?"$', r"^“([^“”]+)”$", r"^«\s?([^«»]+?)\s?»$", r"^`([^`]+)`$", r"^„([^„“”]+)[“”]$",
)  # fmt: skip
# Excel keeps a number as text with an apostrophe in front. Before a formula it may be the user's own, and stays.
APOSTROPHE = r"^\s*['’`][+-]?[0-9][0-9 .,/()+-]*$"
APOSTROPHE_OF_CODE = r"^\s*['’`][=+@0-9-]"
# Google's exports put several values into one cell.
SEVERAL_VALUES = " ::: "


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


def drop_quotes(values: pl.Series) -> pl.Series:
    """Return the texts without quotes around all of them, and without a backslash before a quote."""
    for pattern in _QUOTED:
        values = values.str.replace(pattern, "${1}")
    return values.str.replace_all(r"\\(['\"])", "${1}")


def drop_apostrophe(values: pl.Series, *, is_code: bool) -> pl.Series:
    """Return the texts without the apostrophe of a spreadsheet: before a number, never before a name."""
    found = values.str.contains(APOSTROPHE_OF_CODE if is_code else APOSTROPHE).fill_null(value=False)
    return values.str.replace(r"^\s*['’`]", "").zip_with(found, values) if found.any() else values


def has_invisible(values: pl.Series) -> pl.Series:
    """Return a mask of the texts with characters that nobody sees: zero-width ones and unusual spaces."""
    return values.str.contains(rf"{INVISIBLE}|{UNUSUAL_SPACES}").fill_null(value=False)
