"""The settings of a run, with what its mapping file says of the whole file. The command line wins over the file."""

from __future__ import annotations

from dataclasses import replace

from importer.errors import MappingError
from importer.mapping import FILE_KEYS, read_mapping
from importer.settings import Settings


def with_file_keys(settings: Settings) -> Settings:
    """Return the settings with the keys of the mapping file where the user chose nothing else.

    Suppression lists add up. Doing it twice changes nothing. Raises MappingError.
    """
    if settings.mapping is None:
        return settings
    keys = read_mapping(settings.mapping).keys
    _reject_wrong_options(keys.region, keys.timezone, f"--mapping {settings.mapping}")
    chosen = {name: getattr(settings, name) for name in FILE_KEYS}
    merged = {name: getattr(keys, name) if value is None else value for name, value in chosen.items()}
    merged["suppress"] = tuple(dict.fromkeys((*settings.suppress, *keys.suppress)))
    return replace(settings, **merged)


def _reject_wrong_options(region: str | None, timezone: str | None, option: str) -> None:
    if region is None and timezone is None:
        return
    from importer.cleaning import CleaningOptions, validate_options

    for wrong in validate_options(CleaningOptions(region, None, timezone)):
        raise MappingError(f"{option}: {wrong}")
