"""Options for reading the values of one field, from settings and mapping files, and their validation.

Regions are those of the ``phonenumbers`` package (ISO 3166 alpha-2), time zones those of the IANA database, formats
those of ``strftime`` as polars reads them.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import polars as pl

from importer.cleaning.dates import parse_format
from importer.settings import DateOrder

EncodedAnswer = Literal["decode", "keep"] | None


@dataclass(frozen=True, slots=True)
class CleaningOptions:
    """The country of a field's phones, the order or format of its dates, and the zone of its times.

    ``since_1904`` is True if serial numbers of dates count from 1904, as in workbooks of old Macs. ``encoded`` says
    what becomes of texts that may be encoded: None holds their rows.
    """

    region: str | None = None
    date_order: DateOrder | None = None
    timezone: str | None = None
    format: str | None = None
    since_1904: bool = False
    encoded: EncodedAnswer = None


def validate_options(options: CleaningOptions) -> Iterator[str]:
    """Yield a message for each option that does not exist; it begins with the option's name."""
    if options.region is not None and not _is_region(options.region):
        yield f"region {options.region!r} is not a country's two-letter code, such as MA"
    if options.timezone is not None and not _is_timezone(options.timezone):
        near = _nearest_timezone(options.timezone)
        hint = f"; did you mean {near}?" if near else ", such as Africa/Casablanca"
        yield f"timezone {options.timezone!r} is not a time zone{hint}"
    if options.format is not None and not _is_format(options.format):
        yield f"format {options.format!r} is not a form of dates, such as %d/%m/%Y %H:%M"


def _is_region(code: str) -> bool:
    import phonenumbers  # only where a region is given: its tables take time to load

    return code.upper() in phonenumbers.SUPPORTED_REGIONS


def _is_timezone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
        pl.Series(["2024-01-01 00:00:00"]).str.to_datetime().dt.replace_time_zone(name)  # polars has its own database
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError, pl.exceptions.PolarsError):
        return False
    return True


def _nearest_timezone(name: str) -> str | None:
    """Return the zone of a city (``New York``), else the one whose name is most like this one, if any."""
    import difflib

    spelt = name.strip().casefold().replace(" ", "_")
    names = {zone.casefold(): zone for zone in sorted(zoneinfo.available_timezones())}
    cities = {zone.rpartition("/")[2]: zone for zone in names if "/" in zone}
    known = {**cities, **{zone: zone for zone in names}}
    near = difflib.get_close_matches(spelt, known, 1, 0.7)
    return names[known[near[0]]] if near else None


def _is_format(text: str) -> bool:
    try:
        parse_format(pl.Series(["01/01/2024"]), text)
    except pl.exceptions.PolarsError:
        return False
    return "%" in text
