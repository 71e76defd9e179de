"""Recognises Chinese, Japanese and Korean text in encodings of two bytes a letter, which other code pages read as well.

The standards put the letters of everyday use first, so that text has almost only these. Alphabets, whose words are
valid in some of these encodings by chance, have their small letters beyond them.
"""

from __future__ import annotations

import re

COMMON_LETTERS = {
    "shift_jis": rb"[\x81-\x83\x88-\x97][\x40-\xfc]|[\xb1-\xdd]",
    "gb18030": rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]",
    "euc_jp": rb"[\xa1\xa3-\xa5\xb0-\xcf][\xa1-\xfe]",
    "euc_kr": rb"[\xa1\xa3\xb0-\xc8][\xa1-\xfe]",
    "big5": rb"[\xa1-\xc6](?:[\x40-\x7e]|[\xa1-\xfe])",
    "johab": rb"[\x88-\xd3][\x41-\xfe]",
}
"""The bytes of the letters of everyday use by encoding."""
LEAST_COMMON = 0.8
"""The least share of such letters in a text, and of words of two bytes or more without a Latin letter."""
_WORD = re.compile(r"\w*[^\W\x00-\x7f]\w*")
_LATIN = re.compile(r"[A-Za-z]")


def guess_east_asian(sample: bytes) -> tuple[str, str] | None:
    """Return an encoding in which a sample may be East Asian text, and a word as it reads there."""
    for encoding, pattern in COMMON_LETTERS.items():
        try:
            words = _WORD.findall(sample.decode(encoding))
        except UnicodeDecodeError:
            continue
        letters = [letter for word in words for letter in word if letter > "\x7f"]
        common = sum(bool(re.fullmatch(pattern, letter.encode(encoding), re.DOTALL)) for letter in letters)
        pure = sum(not _LATIN.search(word) and len(word.encode(encoding)) > 1 for word in words)
        if words and common >= LEAST_COMMON * len(letters) and pure >= LEAST_COMMON * len(words):
            return encoding, words[0]
    return None
