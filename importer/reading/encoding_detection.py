"""Detects the encoding of a text file.

A byte order mark decides. What is valid UTF-8 is UTF-8: other text hardly ever is by chance. UTF-8 with a few wrong
bytes is damaged, not another encoding. Otherwise the file is read in each code page, and each reading is judged by
``letter_likelihood``. The best reading must be plausible, and clearly more likely than every other one; else nobody
but the user can know. Code pages that give the same text are the same reading.

To support another code page, add it to ``CODE_PAGES``; another language, add its words to ``language_words.txt``.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from importer.reading.east_asian import guess_east_asian

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
    "cp1254": "Turkish, as Windows writes it",
    "cp1257": "Baltic, as Windows writes it",
    "cp1253": "Greek, as Windows writes it",
    "cp1251": "Cyrillic, as Windows writes it",
    "cp1255": "Hebrew, as Windows writes it",
    "cp1256": "Arabic, as Windows writes it",
    "iso8859-2": "Central European, ISO 8859-2",
    "iso8859-7": "Greek, ISO 8859-7",
    "koi8-r": "Russian, KOI8",
    "koi8-u": "Ukrainian, KOI8",
    "cp850": "Western European, as DOS writes it",
    "cp437": "Western European, as DOS in the USA writes it",
    "cp852": "Central European, as DOS writes it",
    "cp857": "Turkish, as DOS writes it",
    "cp866": "Cyrillic, as DOS writes it",
    "cp865": "Nordic, as DOS writes it",
    "cp737": "Greek, as DOS writes it",
    "cp775": "Baltic, as DOS writes it",
    "cp862": "Hebrew, as DOS writes it",
    "cp874": "Thai, as Windows writes it",
    "iso8859-5": "Cyrillic, ISO 8859-5",
    "iso8859-6": "Arabic, ISO 8859-6",
    "iso8859-4": "Baltic, ISO 8859-4",
    "iso8859-13": "Baltic, ISO 8859-13",
    "cp1125": "Ukrainian, as DOS writes it",
    "cp720": "Arabic, as DOS writes it",
    "cp861": "Icelandic, as DOS writes it",
    "cp1258": "Vietnamese, as Windows writes it",
    "mac-cyrillic": "Cyrillic, as an old Mac writes it",
    "mac-latin2": "Central European, as an old Mac writes it",
    "mac-turkish": "Turkish, as an old Mac writes it",
    "mac-greek": "Greek, as an old Mac writes it",
}
"""Names of the code pages for notes. Of those that give the same text, the first one is named."""
COMMON, USUAL, OLD = ("cp1252",), ("cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"), (
    "iso8859-15", "mac-roman", "iso8859-2", "iso8859-7", "koi8-r", "koi8-u", "cp850", "cp437", "cp852", "cp857",
    "cp866",
)  # fmt: skip
RARITY = {**dict.fromkeys(COMMON, 0.0), **dict.fromkeys(USUAL, 2.0), **dict.fromkeys(OLD, 3.0)}
RAREST = 5.0
"""A logarithm that counts against a code page; never as much as ``CLEAR_MARGIN``."""
SAMPLE_BYTES = 1 << 16
MOST_WORDS = 300
"""Words with other letters than ASCII that are judged; more of them add time, and no certainty."""
LEAST_LIKELIHOOD = -6.5
"""The mean logarithm per pair of letters that a reading needs to be plausible."""
CLEAR_MARGIN = 7.0
"""How much more likely than every other the best reading must be, as a logarithm: a thousand times."""
_WORD = re.compile(r"[^\x00-\x40\x5b-\x60\x7b-\x7f]*[^\x00-\x7f][^\x00-\x40\x5b-\x60\x7b-\x7f]*")
_WORD_BYTES = re.compile(rb"[^\x00-\x40\x5b-\x60\x7b-\x7f]*[^\x00-\x7f][^\x00-\x40\x5b-\x60\x7b-\x7f]*")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """An encoding found by its letters.

    ``rivals`` are readings that nothing decides between, each a code page and one word as it reads there; then
    ``encoding`` is None. Without rivals, None means that the text is damaged, or nothing explains it.
    """

    encoding: str | None
    rivals: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """The words of a file in one code page."""

    page: str
    words: tuple[str, ...]
    likelihood: float
    letters: int


def encoding_from_mark(start: bytes) -> str | None:
    """Return the encoding by its mark, UTF-16 by its zero bytes, or Japanese by its escapes; None for any other."""
    named = next((encoding for mark, encoding in MARKS if start.startswith(mark)), None)
    return named or _unmarked_utf16(start) or ("iso2022_jp" if b"\x1b$" in start else None)


def _unmarked_utf16(start: bytes) -> str | None:
    """Return the byte order of UTF-16 without a mark: delimiters, digits and line ends have a zero on one side."""
    pairs = len(start) // 2
    first, second = start[: 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if not pairs or max(first, second) <= pairs / 12 or min(first, second) > max(first, second) / 10:
        return None
    encoding = "utf-16-le" if second > first else "utf-16-be"
    text = start[: 2 * pairs].decode(encoding, "replace")
    return encoding if "\n" in text or "\r" in text else None  # a zero byte alone does not make lines


def guess_encoding(path: Path) -> EncodingGuess:
    """Return the encoding of a file that is not UTF-8, or the readings that nothing decides between."""
    sample = _sample_lines(path)
    whole = sum(map(len, _MULTIBYTE.findall(sample)))
    if whole > sum(byte > 0x7F for byte in sample) / 2:
        return EncodingGuess(None)
    return _choose(sample)


def _choose(sample: bytes) -> EncodingGuess:
    """Return the best reading of a sample, or the readings that nothing decides between."""
    from importer.reading.letter_likelihood import is_english_punctuation

    readings = sorted(_read_in_all_pages(sample), key=lambda reading: -reading.likelihood)
    if not readings:
        return EncodingGuess(None)
    best, *others = readings
    if asian := guess_east_asian(sample):
        return EncodingGuess(None, (asian, (best.page, best.words[0])))
    if best.likelihood < LEAST_LIKELIHOOD * best.letters:
        return EncodingGuess(None, _tell_apart(best, others))
    close = [other for other in others if best.likelihood - other.likelihood < CLEAR_MARGIN]
    if not close:
        return EncodingGuess(best.page)
    if any(reading.page in COMMON and is_english_punctuation(reading.words) for reading in (best, *close)):
        return EncodingGuess(COMMON[0])  # English from Excel: curly quotes, dashes and the euro are all there is
    return EncodingGuess(None, _tell_apart(best, close))


def has_letters_of_utf8(path: Path) -> bool:
    """Return True if a file has characters beyond ASCII that are UTF-8."""
    return bool(_MULTIBYTE.search(_sample_lines(path)))


def _tell_apart(best: _Reading, others: Sequence[_Reading]) -> tuple[tuple[str, str], ...]:
    """Return one word of the best reading, and of the next that has it differently."""
    for other in others:
        for one, two in zip(best.words, other.words, strict=True):
            if one != two:
                return ((best.page, one), (other.page, two))
    return ((best.page, best.words[0]),)


def _read_in_all_pages(sample: bytes) -> Iterator[_Reading]:
    from importer.reading.letter_likelihood import judge_words

    words = list(dict.fromkeys(_WORD_BYTES.findall(sample)))[:MOST_WORDS]
    seen = set[tuple[str, ...]]()
    for page in CODE_PAGES:
        try:
            sample.decode(page)
            read = tuple(word.decode(page) for word in words)
        except UnicodeDecodeError:
            continue
        if read not in seen:
            seen.add(read)
            likelihood, letters = judge_words(read)
            yield _Reading(page, read, likelihood - RARITY.get(page, RAREST), letters)


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
