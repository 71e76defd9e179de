"""Dates, to ``YYYY-MM-DD`` (RFC 3339, full-date).

Accepted are those that can be read in one way only: ISO 8601 (``19900228`` too), year first, month names in seven
languages, and the serial numbers of spreadsheets (days since 1899-12-30, ECMA-376). Numbers with the year last need an
order, which is one for the whole column (``date_order.py``) or given.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import polars as pl

from importer.model.month_names import month_numbers
from importer.model.normalized_name import normalize_name
from importer.settings import DateOrder

ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?"
_ZONE = r" ?[(\[]?(?:(?i:z|utc|gmt)|(?i:utc|gmt)?%s[+-]\d{1,2})(?::?%s\d{2}))?)[)\]]?(?: \(.*\))?"
# A text with a time of day and its offset from UTC: the text before it, hours and minutes (none for UTC itself).
OFFSET = rf"^(.*[ Tt,]{_TIME}|\d{{8}}T\d{{4,6}}){_ZONE % ('(', '(')}$"
CLOCK = rf"(?:[ Tt,]+{_TIME}(?:{_ZONE % ('(?:', '(?:')})?)?"
YEAR_LAST = rf"^\s*(\d{{1,2}})[./-](\d{{1,2}})[./-](\d{{4}}|\d{{2}})({CLOCK})\s*$"
_YEAR_LAST = re.compile(YEAR_LAST)
_YEAR_FIRST = re.compile(rf"^\s*(\d{{4}})[./-](\d{{1,2}})[./-](\d{{1,2}})({CLOCK})\s*$")
_CLOCK_PARTS = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?(?: ?([AaPp])\.?[Mm]\.?)?\s*$")
_COMPACT = re.compile(r"^((?:19|20)\d{2})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})?)?$")
_SERIAL = re.compile(r"^\d{5}(?:\.\d{1,10})?$")
_FIRST_SERIAL, _LAST_SERIAL = 10_000, 73_050  # 1927 to 2099: other numbers are rather ids
_SERIAL_EPOCH = date(1899, 12, 30)
_DAYS_UNTIL_1904 = 1462
_SECONDS_PER_DAY = 86_400
_CLOCK_DIRECTIVES = ("%H", "%I", "%T", "%R", "%M", "%c", "%X")
# Words that may stand beside a month's name: articles, ordinal endings and days of the week.
_WORDS_BESIDE_MONTHS = frozenset(
    map(
        normalize_name,
        (
            "de", "del", "of", "den", "der", "er", "st", "nd", "rd", "th", "le", "la", "à", "às",
            "um", "at", "the", "om", "alle",
            "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
            "mon", "tue", "wed", "thu", "fri", "sat", "sun",
            "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche",
            "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo",
            "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag",
        ),
    )
)  # fmt: skip


def clean_date(
    values: pl.Series, order: DateOrder | None, format_: str | None = None, *, since_1904: bool = False
) -> pl.Series:
    """Return ISO dates for what is a date in one way only, in the given order, or in the given format.

    Anything else stays. A time of midnight is dropped; with any other time the value is more than a date, and stays.
    """
    other = values.filter(~values.str.contains(ISO_DATE).fill_null(value=True))
    texts = other.unique()
    local = texts if format_ else texts.str.replace(OFFSET, "$1")
    times = read_local_times(local, order, format_, since_1904=since_1904)
    read = ((text, times.get(time, "")) for text, time in zip(texts, local, strict=True))
    days = {text: time[:10] for text, time in read if time and not time[10:].strip(" 0:.")}
    return values.replace(list(days), list(days.values())) if days else values


def read_local_times(
    values: pl.Series, order: DateOrder | None, format_: str | None, *, since_1904: bool = False
) -> dict[str, str]:
    """Return the local time, ``YYYY-MM-DD HH:MM:SS``, of each different text that can be read.

    ``since_1904`` is True if the serial numbers are those of a workbook that counts days from 1904-01-01.
    """
    texts = values.unique().drop_nulls()
    if format_ is not None:
        found = dict(zip(texts, parse_format(texts, format_), strict=True))
    else:
        earlier = _DAYS_UNTIL_1904 if since_1904 else 0
        found = {text: _read_text(text, order, earlier) for text in texts}
    return {text: time for text, time in found.items() if time is not None}


def parse_format(texts: pl.Series, format_: str) -> pl.Series:
    """Return local times, ``YYYY-MM-DD HH:MM:SS…``, of texts in a format of ``strftime``; null for other texts."""
    trimmed = texts.str.strip_chars()
    if any(directive in format_ for directive in _CLOCK_DIRECTIVES):
        parsed = trimmed.str.to_datetime(format_, strict=False)
    else:
        parsed = trimmed.str.to_date(format_, strict=False)
    return parsed.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")


def _read_text(text: str, order: DateOrder | None, earlier: int) -> str | None:
    return _read_numbers(text, order) or _read_compact(text) or _read_named_month(text) or _read_serial(text, earlier)


def _read_numbers(text: str, order: DateOrder | None) -> str | None:
    first = _YEAR_FIRST.match(text)
    if first:
        return _local_time(int(first[1]), int(first[2]), int(first[3]), first[4])
    last = _YEAR_LAST.match(text)
    if not last or order is None:
        return None
    one, two, three = int(last[1]), int(last[2]), int(last[3])
    if order == "ymd":
        two_digits = len(last[3]) == len(last[1]) == 2
        return _local_time(_full_year(last[1]), two, three, last[4]) if two_digits else None
    day, month = (one, two) if order == "dmy" else (two, one)
    return _local_time(_full_year(last[3]), month, day, last[4])


def _read_compact(text: str) -> str | None:
    """Read ``19900228`` and ``19900228T101500``. With the year last, these digits would name no month."""
    found = _COMPACT.match(text)
    if not found:
        return None
    clock = f" {found[4]}:{found[5]}:{found[6] or '00'}" if found[4] else ""
    return _local_time(int(found[1]), int(found[2]), int(found[3]), clock)


def _read_named_month(text: str) -> str | None:
    """Read ``15 janvier 2024``, ``Jan 15, 2024`` or ``15-Mar-24``: a month that is a word leaves no doubt."""
    clock = _CLOCK_PARTS.search(text)
    rest = text[: clock.start()] if clock else text
    words = [normalize_name(word) for word in re.findall(r"[^\W\d_]+", rest)]
    months = [month_numbers()[word] for word in words if word in month_numbers()]
    if len(months) != 1 or any(word not in month_numbers() and word not in _WORDS_BESIDE_MONTHS for word in words):
        return None
    numbers = re.findall(r"\d+", rest)
    if len(numbers) != 2:
        return None
    year, day = (numbers[0], numbers[1]) if len(numbers[0]) == 4 else (numbers[1], numbers[0])
    if len(year) not in (2, 4) or len(day) > 2:
        return None
    return _local_time(_full_year(year), months[0], int(day), clock[0] if clock else "")


def _read_serial(text: str, earlier: int) -> str | None:
    """Read a spreadsheet's serial number: whole days, the time as a part of a day.

    ``earlier`` are the days from 1899-12-30 to the day from which the workbook counts.
    """
    if not _SERIAL.match(text) or not _FIRST_SERIAL <= float(text) + earlier <= _LAST_SERIAL:
        return None
    days, _, part = text.partition(".")
    seconds = round(float(f"0.{part or 0}") * _SECONDS_PER_DAY)
    day = date.fromordinal(_SERIAL_EPOCH.toordinal() + earlier + int(days) + seconds // _SECONDS_PER_DAY)
    seconds %= _SECONDS_PER_DAY
    return f"{day.isoformat()} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _full_year(year: str) -> int:
    """Return the year; two digits mean the last such year that is not in the future."""
    if len(year) != 2:
        return int(year)
    now = datetime.now(tz=UTC).year
    full = now - now % 100 + int(year)
    return full if full <= now else full - 100


def _local_time(year: int, month: int, day: int, clock: str) -> str | None:
    """Return ``YYYY-MM-DD HH:MM:SS``; None for a day or a time that does not exist."""
    try:
        shown = date(year, month, day).isoformat()
    except ValueError:
        return None
    if not clock.strip():
        return f"{shown} 00:00:00"
    found = _CLOCK_PARTS.search(clock)
    if not found:
        return None
    hour, minute, second, half = int(found[1]), int(found[2]), found[3] or "00", found[4]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if hour > 23 or minute > 59 or float(second) >= 60:
        return None
    return f"{shown} {hour:02}:{minute:02}:{second.zfill(2)}"
