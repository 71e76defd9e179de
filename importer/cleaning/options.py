"""What is known of a field's values before they are looked at, and whether it makes sense."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from importer.cleaning.dates import Order, in_form


@dataclass(frozen=True, slots=True)
class Hints:
    """The country of a field's phones, the order or form of its dates, the zone of its times."""

    region: str | None = None
    date_order: Order | None = None
    timezone: str | None = None
    format: str | None = None


def validate_options(hints: Hints) -> Iterator[str]:
    """What is wrong with the hints, in words that begin with the hint."""
    if hints.region is not None and not _is_region(hints.region):
        yield f"region {hints.region!r} is not a country's two-letter code, such as MA"
    if hints.timezone is not None and not _is_zone(hints.timezone):
        yield f"timezone {hints.timezone!r} is not a time zone, such as Africa/Casablanca"
    if hints.format is not None and not _is_form(hints.format):
        yield f"format {hints.format!r} is not a form of dates, such as %d/%m/%Y %H:%M"


def _is_region(code: str) -> bool:
    import phonenumbers  # only where a region is given: its tables take time to load

    return code.upper() in phonenumbers.SUPPORTED_REGIONS


def _is_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
        pl.Series(["2024-01-01 00:00:00"]).str.to_datetime().dt.replace_time_zone(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError, pl.exceptions.PolarsError):
        return False
    return True


def _is_form(form: str) -> bool:
    try:
        in_form(pl.Series(["01/01/2024"]), form)
    except pl.exceptions.PolarsError:
        return False
    return "%" in form
