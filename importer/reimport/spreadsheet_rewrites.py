"""What a spreadsheet program makes of a text when it opens a CSV file and saves it: told from what a person entered.

``+15550100001`` comes back as ``15550100001`` or ``1.55501E+10``, ``02134`` as ``2134``, ``1990-02-28`` as
``28/02/1990``, ``true`` as ``TRUE``, ``Łukasz`` as ``?ukasz``. Where the first text is known, such a cell says nothing.
"""

from __future__ import annotations

import re

BOOLEAN_WORDS = {
    "true": {"TRUE", "VRAI", "WAHR", "VERDADERO", "VERO", "WAAR"},
    "false": {"FALSE", "FAUX", "FALSCH", "FALSO", "ONWAAR"},
}
"""What spreadsheets in several languages make of these."""
LONGEST_EXACT = 15
"""Digits that a spreadsheet keeps of a number."""
_NUMBER = re.compile(r"[+-]?[\d\s\u00a0\u202f]*\d[.,]?\d*(?:[eE][+-]?\d{1,3})?")
# As a spreadsheet writes it: no zero and no plus in front.
_WRITTEN = re.compile(r"-?(?:0|[1-9]\d*)(?:[.,]\d+)?")
_POWER = re.compile(r"-?\d(?:[.,](\d+))?E([+-]?\d{1,3})")
_DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?Z?)?")
_HUNDRED, _YEAR = 100, 2
_FIRST_OF_1900 = 30
"""A year of two digits from here on is one of the last century, for a spreadsheet."""


def is_spreadsheet_rewrite(first: str, now: str) -> bool:
    """Whether ``now`` is what a spreadsheet program may have made of ``first`` by itself."""
    return (
        first == now
        or first.replace("\r\n", "\n").replace("\r", "\n") == now
        or _is_same_number(first, now)
        or _is_same_date(first, now)
        or _is_same_truth(first, now)
        or ("?" in now and first.encode("cp1252", "replace") == now.encode("cp1252", "replace"))
    )


def _is_same_truth(first: str, now: str) -> bool:
    known = BOOLEAN_WORDS.get(first.lower())
    return known is not None and now in known


def _is_same_number(first: str, now: str) -> bool:
    power = _POWER.fullmatch(now)
    if not (power or _WRITTEN.fullmatch(now)) or not _NUMBER.fullmatch(first.strip()):
        return False
    before, after = _value(first), _value(now)
    if power:
        last: float = 10.0 ** (int(power[2]) - len(power[1] or ""))
        return abs(after - before) <= last * (0.5 + 1e-6)
    if sum(map(str.isdigit, first)) > LONGEST_EXACT:
        return abs(after - before) <= abs(before) * 10.0 ** (1 - LONGEST_EXACT)
    return after == before


def _value(text: str) -> float:
    return float(re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", "."))


def _is_same_date(first: str, now: str) -> bool:
    """The same day in the same order; or an ISO date, which has only one reading, in an order with the year last."""
    if not _DATE.fullmatch(first.strip()) or not _DATE.fullmatch(now.strip()):
        return False
    before, after = _parts(first), _parts(now)
    if before[0] >= _HUNDRED and after[0] < _HUNDRED:
        day, others = before[:3], before[3:]
        return any(_alike([*(day[place] for place in order), *others], after) for order in ((2, 1, 0), (1, 2, 0)))
    return (before[0] >= _HUNDRED) == (after[0] >= _HUNDRED) and _alike(before, after)


def _parts(text: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", text)]


def _alike(before: list[int], after: list[int]) -> bool:
    """The same numbers; the year at the end may have lost its century, or got the one that a spreadsheet takes it for.

    Times may have lost what is zero at their end.
    """
    longer, shorter = sorted((before, after), key=len, reverse=True)
    if any(longer[len(shorter) :]):
        return False
    pairs = list(zip(before, after, strict=False))
    return all(
        one == other or (place == _YEAR and _is_same_year(one, other)) for place, (one, other) in enumerate(pairs)
    )


def _is_same_year(first: int, now: int) -> bool:
    if first >= _HUNDRED > now:
        return first % _HUNDRED == now
    return now >= _HUNDRED > first and now == first + (2000 if first < _FIRST_OF_1900 else 1900)
