"""Decides what a report is imported with: the operation and ``--match`` of its run, only into the vendor of its run."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

from importer.errors import SettingsError
from importer.model.source_ref import SourceRef
from importer.observer import Observer
from importer.reimport.detect import Reimport
from importer.settings import MATCH_SETTINGS, Match, Settings
from schemas.contract import Vendor


def adopt_operation(
    reimport: Reimport | None, ref: SourceRef, vendor: Vendor, settings: Settings, observer: Observer
) -> Settings:
    """Return the settings with the operation of the report's run; unchanged for any other source.

    Raises SettingsError if rows to fix would go to another vendor, or would be created instead of updated.
    """
    if reimport is None or reimport.operation is None:
        return settings
    operation, same_vendor = reimport.operation, reimport.same_vendor
    if operation == settings.operation and same_vendor:
        return settings
    if not same_vendor:
        if reimport.has_every_row:
            return settings
        raise SettingsError(f"{ref}: is a report of a run to another vendor, not to --vendor {vendor.name}")
    if settings.operation == "create" and vendor.operations[operation].repeatable and not reimport.is_foreign:
        observer.on_note(f"this is a report of a run with --operation {operation}, and is imported with it")
        return replace(settings, operation=operation)
    if reimport.has_every_row:
        return settings
    raise SettingsError(f"{ref}: is a report of a run with --operation {operation}; import it with that")


def adopt_match(reimport: Reimport | None, settings: Settings, observer: Observer) -> Settings:
    """Return the settings with the ``--match`` of the report's run, where the user says none; else unchanged.

    Rows that were not sent because of what the vendor has would otherwise be created by the report alone.
    """
    if reimport is None or not reimport.same_vendor or settings.match != "create":
        return settings
    known = {name: value for name, value in reimport.match.items() if name in MATCH_SETTINGS}
    if known.get("match") not in get_args(Match) or known["match"] == "create":
        return settings
    observer.on_note(f"this is a report of a run with --match {known['match']}, and is imported with it")
    return replace(settings, **known)
