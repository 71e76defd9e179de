"""Dates to ``YYYY-MM-DD`` when their order is given; moments to UTC, ``YYYY-MM-DDTHH:MM:SS.mmmZ``."""

from __future__ import annotations

from typing import Literal

import polars as pl

Order = Literal["dmy", "mdy", "ymd"]
_PARTS = {
    "dmy": r"^\s*(?P<d>\d{1,2})[./-](?P<m>\d{1,2})[./-](?P<y>\d{4})\s*$",
    "mdy": r"^\s*(?P<m>\d{1,2})[./-](?P<d>\d{1,2})[./-](?P<y>\d{4})\s*$",
    "ymd": r"^\s*(?P<y>\d{4})[./-](?P<m>\d{1,2})[./-](?P<d>\d{1,2})\s*$",
}
_OFFSET = r"(?i)(?:z|[+-]\d{2}:?\d{2})$"
_LOCAL = r"^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?))?$"
_LEAP = r":60(?:\.|Z|z|[+-]|$)"
_ZULU = "%Y-%m-%dT%H:%M:%S%.3fZ"


def clean_date(values: pl.Series, order: Order | None) -> pl.Series:
    """Numbers in the given order become an ISO date; a day that does not exist stays as it was."""
    if order is None:
        return values
    parts = values.str.extract_groups(_PARTS[order]).struct.unnest()
    iso = parts.select(
        pl.concat_str("y", pl.col("m").str.zfill(2), pl.col("d").str.zfill(2), separator="-")
        .str.to_date("%Y-%m-%d", strict=False)
        .dt.strftime("%Y-%m-%d")
    ).to_series()
    return iso.fill_null(values).alias(values.name)


def clean_moment(values: pl.Series, timezone: str | None) -> pl.Series:
    """With an offset, or without one in ``timezone``, to UTC.

    What has neither stays as it was, as does a local time that does not exist or exists twice: checking names them.
    """
    with_offset = values.filter(
        values.str.contains(_OFFSET).fill_null(value=False) & ~values.str.contains("Z$").fill_null(value=True)
    ).unique()
    known = _to_utc(with_offset.filter(~with_offset.str.contains(_LEAP)))
    if timezone is not None:
        local = values.filter(values.str.contains(_LOCAL).fill_null(value=False)).unique()
        known |= _from_zone(local, timezone)
    return values.replace(list(known), list(known.values())) if known else values


def _to_utc(texts: pl.Series) -> dict[str, str]:
    moments = (
        texts.str.replace(" ", "T")
        .str.replace(r"(?i)z$", "+00:00")
        .str.to_datetime("%+", strict=False, time_zone="UTC")
    )
    return _paired(texts, moments)


def _from_zone(texts: pl.Series, timezone: str) -> dict[str, str]:
    day, clock = texts.str.extract(_LOCAL, 1), texts.str.extract(_LOCAL, 2).fill_null("00:00:00")
    clock = pl.select(pl.when(clock.str.len_chars() == len("09:30")).then(clock + ":00").otherwise(clock)).to_series()
    naive = (day + " " + clock).str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False)
    zoned = naive.dt.replace_time_zone(timezone, ambiguous="null", non_existent="null")
    return _paired(texts, zoned.dt.convert_time_zone("UTC"))


def _paired(texts: pl.Series, moments: pl.Series) -> dict[str, str]:
    pairs = zip(texts, moments.dt.strftime(_ZULU), strict=True)
    return {text: moment for text, moment in pairs if moment is not None}
