"""Judges how likely words are in the languages of people: by the letters that stand beside each other in known words.

Capitals in the middle of a word, several alphabets in one word, and signs between letters speak against a reading.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

UNKNOWN_LETTER = 1e-5
STRANGE = -9.0
"""The logarithm of what no text has: a capital inside a word, two alphabets in a word, a sign between letters."""
OUTSIDE_WORDS = frozenset("€£’‘‚“”„–—…«»‹›°ºª·•¿¡©®™\xa0")
OPENING, CLOSING = frozenset("‘“„«¿¡‹"), frozenset("’”“»…®™ºª›")
SIGN = -9.0
"""The logarithm of a sign where it belongs: no likelier than a rare letter."""
CURRENCY = -4.0
KNOWN_WORD = 4.0
"""The logarithm that a word counts more if it is a known one."""
ROUNDS = 3
_EDGE = " "
_APOSTROPHE = re.compile(r"’(?:s|t|re|ll|ve|d|m)$|^(?:[a-z]*n|[odlcjmst]|qu)’", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Language:
    """A language: how often one letter follows another, how often each occurs, and words that are known."""

    pairs: Mapping[str, float]
    letters: Mapping[str, float]
    words: frozenset[str]

    def judge(self, pairs: Sequence[str]) -> float:
        """Return the logarithm of the probability of letters, given as pairs."""
        found, letters = self.pairs, self.letters
        return sum(found.get(pair) or letters.get(pair[1], _UNKNOWN) for pair in pairs)


_UNKNOWN = math.log(UNKNOWN_LETTER)


def judge_words(words: Sequence[str]) -> tuple[float, int]:
    """Return the logarithm of how likely the words are in any languages, and the number of their letter pairs."""
    languages = load_languages()
    split = [list(_pairs(word)) for word in words]
    lowered = ["".join(map(_lower, word)) for word in words]
    scores = [
        [language.judge(pairs) + KNOWN_WORD * (word in language.words) for language in languages]
        for word, pairs in zip(lowered, split, strict=True)
    ]
    shares = [1 / len(languages)] * len(languages)
    total = 0.0
    for _ in range(ROUNDS):  # a file is of one language, or of a few: their shares are estimated from its words
        total, gained = 0.0, [1e-3] * len(languages)
        for row in scores:
            best = max(row)
            weights = [share * math.exp(max(score - best, -60)) for share, score in zip(shares, row, strict=True)]
            whole = sum(weights)
            total += best + math.log(whole)
            for index, weight in enumerate(weights):
                gained[index] += weight / whole
        shares = [gain / sum(gained) for gain in gained]
    signs = sum(letter in OUTSIDE_WORDS for word in words for letter in word)
    return total + sum(map(_judge_shape, words)), sum(map(len, split)) + 2 * signs


def _pairs(word: str) -> Iterator[str]:
    """Yield the pairs of neighbours in which a letter is beyond ASCII, without regard to case."""
    text = _EDGE + "".join(map(_lower, word)) + _EDGE
    for index in range(len(text) - 1):
        pair = text[index : index + 2]
        if not pair.isascii() and not OUTSIDE_WORDS.intersection(pair):
            yield pair


def _lower(letter: str) -> str:
    return letter if letter == "İ" else letter.lower()[0]  # the small one is an i and a dot: two letters


def is_english_punctuation(words: Sequence[str]) -> bool:
    """Return True if all that is beyond ASCII is punctuation in its place, such as ``it’s``, ``“Ana”`` or ``€``."""
    signs = all(letter in OUTSIDE_WORDS for word in words for letter in word if letter > "\x7f")
    apostrophes = all(_APOSTROPHE.search(word) for word in words if "’" in word.strip("’”"))
    return signs and apostrophes and all(_judge_shape(word) > STRANGE + SIGN for word in words)


def _judge_shape(word: str) -> float:
    """Return a penalty for what no word has."""
    penalty = STRANGE * (len({_alphabet(letter) for letter in word if letter.isalpha()}) > 1)
    for index, letter in enumerate(word):
        before, after = word[index - 1 : index], word[index + 1 : index + 2]
        if letter.isalpha() and letter not in OUTSIDE_WORDS:
            # A small letter among capitals: İSTANBUL has none, and what is read wrongly often has.
            alone = letter > "\x7f" and letter.islower() and before.isupper() and after.isupper()
            inside = letter.isupper() and before.islower() and not (letter.isascii() and before.isascii())
            penalty += STRANGE * (inside or alone)
        elif letter in OUTSIDE_WORDS:
            opens, closes = letter in OPENING and after.isalpha(), letter in CLOSING and before.isalpha()
            fits = letter == "’" if before.isalpha() and after.isalpha() else opens or closes or len(word) == 1
            penalty += (CURRENCY if letter in "€£" else SIGN) if fits else 2 * STRANGE
        elif letter > "\x7f":
            penalty += 2 * STRANGE
    return penalty


def _alphabet(letter: str) -> int:
    """Return a number for the alphabet of a letter; 0 for Latin."""
    code = ord(letter)
    ranges = ((0x250, 0), (0x370, 1), (0x400, 2), (0x530, 3), (0x590, 4), (0x600, 5), (0x700, 6), (0xE80, 7))
    return 0 if 0x1E00 <= code < 0x1F00 else next((number for end, number in ranges if code < end), 8)


@cache
def load_languages() -> tuple[Language, ...]:
    """Return all languages, made from their words."""
    text = files("importer.reading").joinpath("language_words.txt").read_text(encoding="utf-8")
    lines = (line.partition(": ")[2].split() for line in text.splitlines() if not line.startswith("#"))
    return tuple(map(_learn, lines))


def _learn(words: Sequence[str]) -> Language:
    spelled = [word.translate(_CEDILLAS) for word in words]  # code pages have no letters with a comma below
    known = frozenset("".join(map(_lower, word)) for word in (*words, *spelled))
    texts = [_EDGE + word + _EDGE for word in known]
    pairs = Counter(text[index : index + 2] for text in texts for index in range(len(text) - 1))
    first, second = Counter[str](), Counter[str]()
    for pair, count in pairs.items():
        first[pair[0]] += count
        second[pair[1]] += count
    total = sum(second.values())
    letters = {letter: count / total for letter, count in second.items()}
    smoothed = {
        pair: math.log(0.9 * count / (first[pair[0]] + 2) + 0.1 * letters[pair[1]]) for pair, count in pairs.items()
    }
    return Language(smoothed, {letter: math.log(0.1 * share) for letter, share in letters.items()}, known)


_CEDILLAS = str.maketrans("șțȘȚ", "şţŞŢ")
