"""Detects the encoding of a text file.

A byte order mark decides. What is valid UTF-8 is UTF-8: other text hardly ever is by chance. Otherwise each code page
that spreadsheet programs save in is tried: letters of one language inside words of one case speak for it, symbols and
capitals in the middle of a word against it. charset-normalizer decides what none of
them explains; alone it takes French, and Spanish from a Mac, for cp1250. UTF-8 with a few wrong bytes is damaged, not
another encoding.

To support another code page, add it to ``CODE_PAGES``, and the letters of its languages to ``LANGUAGES``.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CODE_PAGES = {
    "cp1252": "Western European, as Windows writes it",
    "cp1250": "Central European, as Windows writes it",
    "iso8859-15": "Western European, ISO 8859-15",
    "mac-roman": "Western European, as an old Mac writes it",
}
"""Names of the code pages for notes. The first one wins a tie."""
LANGUAGES = (
    "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "áâãàçéêíóôõúü", "àèéìíîòóùú", "äöüß", "éëïóöüè", "æøåéö", "åäöé", "àçéèíïóòúü",
    "áðéíóúýþæö", "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîșşțţ", "čćđšž",
)  # fmt: skip
OUTSIDE_WORDS = frozenset("€£’‘‚“”„–—…«»‹›°ºª§·•¿¡©®™\xa0")
SAMPLE_BYTES = 1 << 16
LEAST_SCORE = 0.5
_WORD = re.compile(r"[^\W\d_]*[^\x00-\x7f]+[^\W\d_]*")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def encoding_from_mark(start: bytes) -> str | None:
    """Return the encoding by its byte order mark, or UTF-16 if every other byte is zero; None for any other."""
    named = next((encoding for mark, encoding in MARKS if start.startswith(mark)), None)
    return named or _unmarked_utf16(start)


def _unmarked_utf16(start: bytes) -> str | None:
    """Return the byte order of UTF-16 without a mark: in mostly Latin text, one byte of two is zero."""
    pairs = len(start) // 2
    first, second = start[: 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if pairs and max(first, second) > pairs / 2 and min(first, second) < pairs / 20:
        return "utf-16-le" if second > first else "utf-16-be"
    return None


def guess_encoding(path: Path) -> str | None:
    """The encoding of a file that is not UTF-8; None when it is UTF-8 with damage, or nothing explains it."""
    sample = _sample_lines(path)
    whole = sum(map(len, _MULTIBYTE.findall(sample)))
    if whole > sum(byte > 0x7F for byte in sample) / 2:
        return None
    scored = [
        (score, -order, page) for order, page in enumerate(CODE_PAGES) if (score := _score(sample, page)) is not None
    ]
    if scored and max(scored)[0] >= LEAST_SCORE:
        return max(scored)[2]
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else None


def _sample_lines(path: Path) -> bytes:
    """Return lines with bytes beyond ASCII from the whole file, up to the size of a sample."""
    kept, size = [], 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                kept.append(line[:4096])
                size += len(kept[-1])
                if size > SAMPLE_BYTES:
                    break
    return b"".join(kept)


def _score(sample: bytes, page: str) -> float | None:
    """Return the share of the characters beyond ASCII that make sense; None if the code page lacks one of the bytes."""
    try:
        text = sample.decode(page)
    except UnicodeDecodeError:
        return None
    words = _WORD.findall(text)
    sensible = max(sum(_count_sensible(word, language) for word in words) for language in LANGUAGES)
    strange = sum(character > "\x7f" for word in words for character in word)
    return sensible / strange if strange else 0.0


def _count_sensible(word: str, language: str) -> int:
    """Return the number of a word's characters beyond ASCII that make sense in a language."""
    if len(word) >= 3 and not any(character <= "\x7f" for character in word):
        return 0  # no word of these languages is made of such letters alone; those of other alphabets are
    count = 0
    for index, character in enumerate(word):
        if character <= "\x7f":
            continue
        before = word[index - 1 : index]
        if character in OUTSIDE_WORDS:
            count += len(word) == 1 or not before.isalpha() or index == len(word) - 1 or character == "’"
        elif character.lower() in language:
            count += not (character.isupper() and before.islower())
    return count
