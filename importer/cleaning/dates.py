"""Dates to ``YYYY-MM-DD``; moments to UTC, ``YYYY-MM-DDTHH:MM:SS.mmmZ``.

What can be read in one way only is: ISO, year first, month names, a spreadsheet's serial numbers. Numbers with the
year last need an order, which is one for the whole column (``order.py``) or given.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Literal

import polars as pl

from importer.normalize import normalize_name

Order = Literal["dmy", "mdy", "ymd"]
CLOCK = r"(?:[ T,]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?)?"
YEAR_LAST = rf"^\s*(\d{{1,2}})[./-](\d{{1,2}})[./-](\d{{4}}|\d{{2}})({CLOCK})\s*$"
YEAR_FIRST = rf"^\s*(\d{{4}})[./-](\d{{1,2}})[./-](\d{{1,2}})({CLOCK})\s*$"
ISO_DATE = r"^\d{4}-\d{2}-\d{2}$"
SERIAL = r"^\d{5}(?:\.\d{1,10})?$"
FIRST_SERIAL, LAST_SERIAL = 10_000, 73_050  # 1927 to 2099
_EPOCH = date(1899, 12, 30)
_OFFSET = r"(?i)(?:z|[+-]\d{2}:?\d{2})$"
_LOCAL = r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?$"
_LEAP = r":60(?:\.|Z|z|[+-]|$)"
_ZULU = "%Y-%m-%dT%H:%M:%S%.3fZ"
_TIME = re.compile(r"\b(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?(?: ?([AaPp])\.?[Mm]\.?)?\s*$")
MONTHS = (
    "january jan janvier janv enero ene januar jänner jan janeiro gennaio gen januari",
    "february feb février févr fév febrero februar fevereiro fev febbraio februari",
    "march mar mars marzo märz mrz março maart mrt",
    "april apr avril avr abril abr aprile",
    "may mai mayo maio maggio mag mei",
    "june jun juin junio juni junho giugno giu",
    "july jul juillet juil julio juli julho luglio lug",
    "august aug août aoû agosto ago augustus",
    "september sep sept septembre septiembre setembro settembre set",
    "october oct octobre octubre oktober okt outubro out ottobre ott",
    "november nov novembre noviembre novembro",
    "december dec décembre déc diciembre dic dezember dez dezembro dicembre",
)
WORDS_BETWEEN = frozenset(
    normalize_name(word)
    for word in re.split(
        " ",
        "de del of den der er st nd rd th le la à às um at the om alle monday tuesday wednesday thursday friday "
        "saturday sunday mon tue wed thu fri sat sun lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes "
        "miércoles jueves viernes sábado domingo montag dienstag mittwoch donnerstag freitag samstag sonntag",
    )
)


def clean_date(values: pl.Series, order: Order | None, form: str | None = None) -> pl.Series:
    """What is a date in one way only, or in the given order, becomes an ISO date; anything else stays as it was.

    A time of midnight goes; any other time means that the value is more than a date, and it stays.
    """
    read = _distinct(values.filter(~values.str.contains(ISO_DATE).fill_null(value=True)), order, form)
    days = {text: moment[:10] for text, moment in read.items() if moment[11:19] == "00:00:00"}
    return values.replace(list(days), list(days.values())) if days else values


def clean_moment(
    values: pl.Series, timezone: str | None, order: Order | None = None, form: str | None = None
) -> pl.Series:
    """With an offset, or without one in ``timezone``, to UTC.

    What has neither stays as it was, as does a local time that does not exist or exists twice: checking names them.
    """
    with_offset = values.filter(
        values.str.contains(_OFFSET).fill_null(value=False) & ~values.str.contains("Z$").fill_null(value=True)
    ).unique()
    known = _to_utc(with_offset.filter(~with_offset.str.contains(_LEAP)))
    if timezone is not None:
        local = values.filter(values.str.contains(_LOCAL).fill_null(value=False)).unique()
        known |= _from_zone(local, local, timezone)
        other = values.filter(~values.str.contains(rf"{_LOCAL}|{_OFFSET}").fill_null(value=True))
        read = _distinct(other, order, form)
        known |= _from_zone(
            pl.Series(list(read), dtype=pl.String), pl.Series(list(read.values()), dtype=pl.String), timezone
        )
    return values.replace(list(known), list(known.values())) if known else values


def _distinct(values: pl.Series, order: Order | None, form: str | None) -> dict[str, str]:
    """For each text that can be read its local time, ``YYYY-MM-DD HH:MM:SS``."""
    texts = values.unique().drop_nulls()
    if form is not None:
        moments = in_form(texts, form)
        return {text: moment for text, moment in zip(texts, moments, strict=True) if moment is not None}
    found = {text: _numbers(text, order) or _named_month(text) or _serial(text) for text in texts}
    return {text: moment for text, moment in found.items() if moment is not None}


def in_form(texts: pl.Series, form: str) -> pl.Series:
    """Local times, ``YYYY-MM-DD HH:MM:SS…``, of texts in a form of ``strftime``; null where one is not in it."""
    trimmed = texts.str.strip_chars()
    with_clock = any(sign in form for sign in ("%H", "%I", "%T", "%R", "%M", "%c", "%X"))
    parsed = trimmed.str.to_datetime(form, strict=False) if with_clock else trimmed.str.to_date(form, strict=False)
    return parsed.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%d %H:%M:%S%.6f")


_YEAR_LAST, _YEAR_FIRST = re.compile(YEAR_LAST), re.compile(YEAR_FIRST)


def _numbers(text: str, order: Order | None) -> str | None:
    first = _YEAR_FIRST.match(text)
    if first:
        return _moment(int(first[1]), int(first[2]), int(first[3]), first[4])
    last = _YEAR_LAST.match(text)
    if not last or order is None:
        return None
    one, two, three = int(last[1]), int(last[2]), int(last[3])
    if order == "ymd":
        return _moment(_full_year(last[1]), two, three, last[4]) if len(last[3]) == 2 and len(last[1]) == 2 else None
    day, month = (one, two) if order == "dmy" else (two, one)
    return _moment(_full_year(last[3]), month, day, last[4])


def _named_month(text: str) -> str | None:
    """``15 janvier 2024``, ``Jan 15, 2024``, ``15-Mar-24``: the month is a word, so that the rest is plain."""
    clock = _TIME.search(text)
    rest = text[: clock.start()] if clock else text
    words = [normalize_name(found) for found in re.findall(r"[^\W\d_]+", rest)]
    months = [_month_numbers()[word] for word in words if word in _month_numbers()]
    if len(months) != 1 or any(word not in _month_numbers() and word not in WORDS_BETWEEN for word in words):
        return None
    numbers = re.findall(r"\d+", rest)
    if len(numbers) != 2:
        return None
    year, day = (numbers[0], numbers[1]) if len(numbers[0]) == 4 else (numbers[1], numbers[0])
    if len(year) not in (2, 4) or len(day) > 2:
        return None
    return _moment(_full_year(year), months[0], int(day), clock[0] if clock else "")


@cache
def _month_numbers() -> dict[str, int]:
    return {normalize_name(name): number for number, names in enumerate(MONTHS, start=1) for name in names.split()}


def _serial(text: str) -> str | None:
    """A spreadsheet's serial number: days since 1899-12-30, the time as a part of a day."""
    if not re.match(SERIAL, text) or not FIRST_SERIAL <= float(text) <= LAST_SERIAL:
        return None
    whole, _, part = text.partition(".")
    seconds = round(float(f"0.{part or 0}") * 86_400)
    day = date.fromordinal(_EPOCH.toordinal() + int(whole) + seconds // 86_400)
    seconds %= 86_400
    return f"{day.isoformat()} {seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _full_year(year: str) -> int:
    """Two digits mean the last such year that is not in the future."""
    if len(year) != 2:
        return int(year)
    now = datetime.now(tz=UTC).year
    full = now - now % 100 + int(year)
    return full if full <= now else full - 100


def _moment(year: int, month: int, day: int, clock: str) -> str | None:
    try:
        shown = date(year, month, day).isoformat()
    except ValueError:
        return None
    found = _TIME.search(clock) if clock.strip() else None
    if not found:
        return f"{shown} 00:00:00"
    hour, minute, second, half = int(found[1]), int(found[2]), found[3] or "00", found[4]
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half.lower() == "p" else 0)
    if hour > 23 or minute > 59 or float(second) >= 60:
        return None
    return f"{shown} {hour:02}:{minute:02}:{second.zfill(2)}"


def _to_utc(texts: pl.Series) -> dict[str, str]:
    moments = (
        texts.str.replace(" ", "T")
        .str.replace(r"(?i)z$", "+00:00")
        .str.to_datetime("%+", strict=False, time_zone="UTC")
    )
    return _paired(texts, moments)


def _from_zone(texts: pl.Series, local: pl.Series, timezone: str) -> dict[str, str]:
    day, clock = local.str.extract(_LOCAL, 1), local.str.extract(_LOCAL, 2).fill_null("00:00:00")
    clock = pl.select(pl.when(clock.str.len_chars() == len("09:30")).then(clock + ":00").otherwise(clock)).to_series()
    naive = (day + " " + clock).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False)
    zoned = naive.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    return _paired(texts, zoned.dt.convert_time_zone("UTC"))


def _paired(texts: pl.Series, moments: pl.Series) -> dict[str, str]:
    pairs = zip(texts, moments.dt.strftime(_ZULU), strict=True)
    return {text: moment for text, moment in pairs if moment is not None}
