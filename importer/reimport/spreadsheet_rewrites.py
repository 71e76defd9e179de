"""Tells the rewrites of a spreadsheet program, which opens a CSV file and saves it, from a person's corrections.

``+15550100001`` comes back as ``15550100001`` or ``1.55501E+10``, ``02134`` as ``2134``, ``1990-02-28`` as
``28/02/1990``, ``true`` as ``TRUE``, ``Łukasz`` as ``?ukasz``. A cell that
a program may have rewritten so counts as untouched. Therefore ``15551200000`` in place of ``1.55512E+10`` is still
damage, and ``02134`` in place of ``2134`` is a correction.
"""

from __future__ import annotations

import re

BOOLEAN_WORDS = {
    "true": {"TRUE", "VRAI", "WAHR", "VERDADERO", "VERO", "WAAR"},
    "false": {"FALSE", "FAUX", "FALSCH", "FALSO", "ONWAAR"},
}
"""The words that spreadsheet programs in several languages write for a boolean."""
EXACT_DIGITS = 15
"""Digits that a spreadsheet program keeps of a number."""
_NUMBER = re.compile(r"[+-]?[\d\s\u00a0\u202f]*\d[.,]?\d*(?:[eE][+-]?\d{1,3})?")
# A spreadsheet program writes no zero and no plus sign in front.
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(?:[.,]\d+)?")
_POWER = re.compile(r"-?\d(?:[.,](\d+))?E([+-]?\d{1,3})")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?Z?)?")
_CENTURY_YEARS, _YEAR_INDEX = 100, 2
# Spreadsheet programs take a year of two digits from this one on for a year of the last century.
_FIRST_YEAR_OF_1900S = 30


def is_spreadsheet_rewrite(first: str, now: str) -> bool:
    """Return True if a spreadsheet program may have rewritten ``first`` as ``now`` by itself."""
    return (
        first == now
        or first.replace("\r\n", "\n").replace("\r", "\n") == now
        or _is_same_number(first, now)
        or _is_same_date(first, now)
        or _is_same_boolean(first, now)
        or ("?" in now and first.encode("cp1252", "replace") == now.encode("cp1252", "replace"))
    )


def _is_same_boolean(first: str, now: str) -> bool:
    known = BOOLEAN_WORDS.get(first.lower())
    return known is not None and now in known


def _is_same_number(first: str, now: str) -> bool:
    power = _POWER.fullmatch(now)
    if not (power or _PLAIN_NUMBER.fullmatch(now)) or not _NUMBER.fullmatch(first.strip()):
        return False
    before, after = _parse_number(first), _parse_number(now)
    if power:
        last: float = 10.0 ** (int(power[2]) - len(power[1] or ""))
        return abs(after - before) <= last * (0.5 + 1e-6)
    if sum(map(str.isdigit, first)) > EXACT_DIGITS:
        return abs(after - before) <= abs(before) * 10.0 ** (1 - EXACT_DIGITS)
    return after == before


def _parse_number(text: str) -> float:
    return float(re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", "."))


def _is_same_date(first: str, now: str) -> bool:
    """Return True for the same day in the same order, or for an ISO date in an order with the year last.

    An ISO date can be read in only one way.
    """
    if not _DATE.fullmatch(first.strip()) or not _DATE.fullmatch(now.strip()):
        return False
    before, after = _date_parts(first), _date_parts(now)
    if before[0] >= _CENTURY_YEARS and after[0] < _CENTURY_YEARS:
        day, others = before[:3], before[3:]
        return any(
            _are_same_parts([*(day[place] for place in order), *others], after) for order in ((2, 1, 0), (1, 2, 0))
        )
    return (before[0] >= _CENTURY_YEARS) == (after[0] >= _CENTURY_YEARS) and _are_same_parts(before, after)


def _date_parts(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", text)]


def _are_same_parts(before: list[int], after: list[int]) -> bool:
    """Return True for the same numbers. The year at the end may have lost its century, or been given one.

    A time may have lost zeros at its end.
    """
    longer, shorter = sorted((before, after), key=len, reverse=True)
    if any(longer[len(shorter) :]):
        return False
    pairs = list(zip(before, after, strict=False))
    return all(
        one == other or (place == _YEAR_INDEX and _is_same_year(one, other)) for place, (one, other) in enumerate(pairs)
    )


def _is_same_year(first: int, now: int) -> bool:
    if first >= _CENTURY_YEARS > now:
        return first % _CENTURY_YEARS == now
    return now >= _CENTURY_YEARS > first and now == first + (2000 if first < _FIRST_YEAR_OF_1900S else 1900)
