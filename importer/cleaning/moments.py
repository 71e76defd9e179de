"""Moments, to UTC: ``YYYY-MM-DDTHH:MM:SS.mmmZ`` (RFC 3339, date-time).

Accepted are times with an offset from UTC and, where the field's time zone is known, local times in any form that
``dates.py`` reads. A local time that does not exist or exists twice, when clocks change, stays for checking to report.
"""

from __future__ import annotations

import polars as pl

from importer.cleaning.dates import read_local_times
from importer.settings import DateOrder

_OFFSET = r"(?i)(?:z|[+-]\d{2}:?\d{2})$"
_ISO_LOCAL = r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?$"
_LEAP_SECOND = r":60(?:\.|Z|z|[+-]|$)"  # polars would read it as the next minute
_UTC_FORMAT = "%Y-%m-%dT%H:%M:%S%.3fZ"


def clean_moment(
    values: pl.Series,
    timezone: str | None,
    order: DateOrder | None = None,
    format_: str | None = None,
    *,
    since_1904: bool = False,
) -> pl.Series:
    """Return moments in UTC for texts with an offset, and for local times where the time zone is known."""
    with_offset = values.filter(
        values.str.contains(_OFFSET).fill_null(value=False) & ~values.str.contains("Z$").fill_null(value=True)
    ).unique()
    known = _from_offset(with_offset.filter(~with_offset.str.contains(_LEAP_SECOND)))
    if timezone is not None:
        iso = values.filter(values.str.contains(_ISO_LOCAL).fill_null(value=False)).unique()
        known |= _from_local(iso, iso, timezone)
        other = values.filter(~values.str.contains(rf"{_ISO_LOCAL}|{_OFFSET}").fill_null(value=True))
        read = read_local_times(other, order, format_, since_1904=since_1904)
        texts, times = (pl.Series(list(part), dtype=pl.String) for part in (read, read.values()))
        known |= _from_local(texts, times, timezone)
    return values.replace(list(known), list(known.values())) if known else values


def _from_offset(texts: pl.Series) -> dict[str, str]:
    moments = (
        texts.str.replace(" ", "T")
        .str.replace(r"(?i)z$", "+00:00")
        .str.to_datetime("%+", strict=False, time_zone="UTC")
    )
    return _by_text(texts, moments)


def _from_local(texts: pl.Series, times: pl.Series, timezone: str) -> dict[str, str]:
    """Return the moments of texts, given with their local times, ``YYYY-MM-DD[ HH:MM[:SS[.…]]]``."""
    day, clock = times.str.extract(_ISO_LOCAL, 1), times.str.extract(_ISO_LOCAL, 2).fill_null("00:00:00")
    clock = pl.select(pl.when(clock.str.len_chars() == len("09:30")).then(clock + ":00").otherwise(clock)).to_series()
    naive = (day + " " + clock).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False)
    zoned = naive.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    return _by_text(texts, zoned.dt.convert_time_zone("UTC"))


def _by_text(texts: pl.Series, moments: pl.Series) -> dict[str, str]:
    pairs = zip(texts, moments.dt.strftime(_UTC_FORMAT), strict=True)
    return {text: moment for text, moment in pairs if moment is not None}
