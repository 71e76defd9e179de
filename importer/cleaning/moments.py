"""Moments, to UTC: ``YYYY-MM-DDTHH:MM:SS.mmmZ`` (RFC 3339, date-time).

Accepted are times with an offset from UTC and, where the field's time zone is known, local times in any form that
``dates.py`` reads. More digits of a second than three are kept where the vendor's pattern takes them. A local time that
does not exist or exists twice, when clocks change, stays for checking to report.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl

from importer.cleaning.dates import OFFSET, read_local_times
from importer.settings import DateOrder
from schemas.ecma_regex import matches

_IN_FORM = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$"
_ISO_UTC = r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*Z$"
_ISO_LOCAL = r"^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2})?)(?:\.(\d+))?)?$"
_LEAP_SECOND = r":60(?:\.\d+)?$"  # polars would read it as the next minute
_TIME_RANGE = r" \d{1,2}:\d{2} ?-\d{1,2}:\d{2}$"  # 10:00-11:00 is an hour rather than a place in the Pacific
_MOST_OFFSET_HOURS, _MINUTES_PER_HOUR = 14, 60
_MILLISECOND_DIGITS = 3


def clean_moment(
    values: pl.Series,
    timezone: str | None,
    order: DateOrder | None = None,
    format_: str | None = None,
    pattern: str | None = None,
    *,
    since_1904: bool = False,
) -> pl.Series:
    """Return moments in UTC for texts with an offset, and for local times where the time zone is known.

    ``pattern`` is the documented one: what is in UTC and fits it stays as it was typed.
    """
    texts = values.filter(~values.str.contains(rf"{_IN_FORM}|{_TIME_RANGE}").fill_null(value=True)).unique()
    if pattern is not None and texts.len():
        texts = texts.filter(~(texts.str.contains(_ISO_UTC) & _fits(texts, pattern)))
    read = partial(read_local_times, order=order, format_=format_, since_1904=since_1904)
    known = _read_moments(texts, timezone, read, pattern) if texts.len() else {}
    return values.replace(list(known), list(known.values())) if known else values


def _fits(texts: pl.Series, pattern: str) -> pl.Series:
    return pl.select(matches(pattern)(pl.lit(texts))).to_series()


def _read_moments(
    texts: pl.Series, timezone: str | None, read_others: Callable[[pl.Series], dict[str, str]], pattern: str | None
) -> dict[str, str]:
    read = pl.DataFrame(
        {
            "text": texts,
            "local": texts.str.replace(OFFSET, "$1"),
            "offset": _offset_minutes(texts),
            "has_offset": texts.str.contains(OFFSET),
        }
    ).filter(pl.col("has_offset") | pl.lit(timezone is not None))
    read = read.with_columns(pl.col("local").replace(_read_other_forms(read, read_others)))
    naive = _to_naive(read["local"])
    shifted = (naive - pl.duration(minutes=pl.col("offset"))).dt.replace_time_zone("UTC")
    zoned = naive.dt.replace_time_zone(timezone or "UTC", ambiguous="null", non_existent="null")
    moment = pl.when(pl.col("has_offset")).then(shifted).otherwise(zoned.dt.convert_time_zone("UTC"))
    shown = read.with_columns(
        moment=moment.dt.strftime("%Y-%m-%dT%H:%M:%S."),
        digits=pl.col("local").str.extract(_ISO_LOCAL, 3).fill_null("").str.strip_chars_end("0"),
    ).drop_nulls("moment")
    whole = shown["moment"] + shown["digits"].str.pad_end(_MILLISECOND_DIGITS, "0") + "Z"
    if pattern is not None and shown.height:
        short = shown["moment"] + shown["digits"].str.head(_MILLISECOND_DIGITS).str.pad_end(3, "0") + "Z"
        whole = whole.zip_with(_fits(whole, pattern), short)
    return dict(zip(shown["text"], whole, strict=True))


def _read_other_forms(read: pl.DataFrame, read_others: Callable[[pl.Series], dict[str, str]]) -> dict[str, str]:
    """Return by text the local times that are not written as ISO 8601 has them."""
    other = read["local"].filter(~read["local"].str.contains(_ISO_LOCAL))
    return read_others(other)


def _offset_minutes(texts: pl.Series) -> pl.Series:
    """Return the offsets from UTC in minutes; null for one that is in use nowhere."""
    hours = texts.str.extract(OFFSET, 2).cast(pl.Int64).fill_null(0)
    minutes = texts.str.extract(OFFSET, 3).cast(pl.Int64).fill_null(0)
    sign = texts.str.extract(OFFSET, 2).str.starts_with("-").fill_null(value=False).cast(pl.Int64) * -2 + 1
    total = sign * (hours.abs() * _MINUTES_PER_HOUR + minutes)
    valid = (total.abs() <= _MOST_OFFSET_HOURS * _MINUTES_PER_HOUR) & (minutes < _MINUTES_PER_HOUR)
    return total.zip_with(valid, pl.Series([None], dtype=pl.Int64).new_from_index(0, texts.len()))


def _to_naive(local: pl.Series) -> pl.Expr:
    """Return the local times, ``YYYY-MM-DD[ HH:MM[:SS[.…]]]``, without the parts of a second."""
    day, clock = local.str.extract(_ISO_LOCAL, 1), local.str.extract(_ISO_LOCAL, 2).fill_null("00:00:00")
    clock = clock.str.pad_end(len("09:30:"), ":").str.pad_end(len("09:30:00"), "0")
    naive = (day + " " + clock).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    return pl.lit(naive.set(local.str.contains(_LEAP_SECOND), None))
