"""Recognises Chinese, Japanese and Korean text in encodings of two bytes a letter, which other code pages read as well.

The standards put the letters of everyday use first, so that text has almost only these. Alphabets, whose words are
valid in some of these encodings by chance, have their small letters beyond them.
"""

from __future__ import annotations

import re

COMMON_LETTERS = {
    "shift_jis": rb"[\x81-\x83\x88-\x97][\x40-\xfc]|[\xb1-\xdd]{2}",
    "gb18030": rb"[\xa1\xa3\xb0-\xd7][\xa1-\xfe]",
    "euc_jp": rb"[\xa1\xa3-\xa5\xb0-\xcf][\xa1-\xfe]",
    "euc_kr": rb"[\xa1\xa3\xb0-\xc8][\xa1-\xfe]",
    "big5": rb"[\xa1-\xc6](?:[\x40-\x7e]|[\xa1-\xfe])",
    "johab": rb"[\x88-\xd3][\x41-\xfe]",
}
"""The bytes of the letters of everyday use by encoding."""
LEAST_COMMON = 0.8
"""The least share of such letters in a text."""


def guess_east_asian(sample: bytes, words: list[bytes]) -> tuple[str, str] | None:
    """Return an encoding in which a sample may be East Asian text, and a word as it reads there."""
    for encoding, pattern in COMMON_LETTERS.items():
        try:
            sample.decode(encoding)
            read = [word.decode(encoding) for word in words]
        except UnicodeDecodeError:
            continue
        letters = sum(letter > "\x7f" for word in read for letter in word)
        common = sum(len(re.findall(pattern, word)) for word in words)
        if letters and common >= LEAST_COMMON * letters and all(len(word) > 1 for word in read):
            return encoding, read[0]
    return None
