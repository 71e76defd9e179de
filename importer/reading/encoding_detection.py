"""In which encoding a text file is written, decided by evidence.

A byte order mark tells. What is valid UTF-8 is UTF-8: other text hardly ever is by chance. Else each of the code pages
that spreadsheets save in is tried on the letters it would make: those of one language, inside words of one case, are
evidence; symbols and capitals in the middle of a word speak against it. What none of them explains is left to
charset-normalizer.
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
PAGES = {
    "cp1252": "Western European, as Windows writes it",
    "cp1250": "Central European, as Windows writes it",
    "iso8859-15": "Western European, ISO 8859-15",
    "mac-roman": "Western European, as an old Mac writes it",
}
"""The first wins a tie."""
LANGUAGES = (
    "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "áâãàçéêíóôõúü", "àèéìíîòóùú", "äöüß", "éëïóöüè", "æøåéö", "åäöé", "àçéèíïóòúü",
    "áðéíóúýþæö", "ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîșşțţ", "čćđšž",
)  # fmt: skip
OUTSIDE_WORDS = frozenset("€£’‘‚“”„–—…«»‹›°ºª§·•¿¡©®™\xa0")
SAMPLE = 1 << 16
ENOUGH = 0.5
_WORD = re.compile(r"[^\W\d_]*[^\x00-\x7f]+[^\W\d_]*")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


def marked(start: bytes) -> str | None:
    """The encoding that a byte order mark tells, or that every other byte's being zero does."""
    told = next((encoding for mark, encoding in MARKS if start.startswith(mark)), None)
    return told or _wide(start)


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark: of mostly Latin text, one byte of two is zero."""
    pairs = len(start) // 2
    first, second = start[: 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if pairs and max(first, second) > pairs / 2 and min(first, second) < pairs / 20:
        return "utf-16-le" if second > first else "utf-16-be"
    return None


def guess_encoding(path: Path) -> str | None:
    """The encoding of a file that is not UTF-8; None when it is UTF-8 with damage, or nothing explains it."""
    sample = _telling_lines(path)
    whole = sum(map(len, _MULTIBYTE.findall(sample)))
    if whole > sum(byte > 0x7F for byte in sample) / 2:
        return None
    scored = [(score, -order, page) for order, page in enumerate(PAGES) if (score := _score(sample, page)) is not None]
    if scored and max(scored)[0] >= ENOUGH:
        return max(scored)[2]
    from charset_normalizer import from_bytes

    best = from_bytes(sample).best()
    return best.encoding if best else None


def _telling_lines(path: Path) -> bytes:
    """Lines with bytes beyond ASCII, from the whole of the file, up to a sample's worth."""
    kept, size = [], 0
    with path.open("rb") as file:
        for line in file:
            if not line.isascii():
                kept.append(line[:4096])
                size += len(kept[-1])
                if size > SAMPLE:
                    break
    return b"".join(kept)


def _score(sample: bytes, page: str) -> float | None:
    """The share of the characters beyond ASCII that make sense in this code page; None when it has no such byte."""
    try:
        text = sample.decode(page)
    except UnicodeDecodeError:
        return None
    words = _WORD.findall(text)
    sensible = max(sum(_sense(word, language) for word in words) for language in LANGUAGES)
    strange = sum(character > "\x7f" for word in words for character in word)
    return sensible / strange if strange else 0.0


def _sense(word: str, language: str) -> int:
    """How many of a word's characters beyond ASCII make sense in a language."""
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
