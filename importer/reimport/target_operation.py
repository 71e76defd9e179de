"""Decides which operation a report is imported with: that of its run, and only into the vendor of its run."""

from __future__ import annotations

from dataclasses import replace

from importer.errors import SettingsError
from importer.model.source_ref import SourceRef
from importer.observer import Observer
from importer.reimport.detect import Reimport
from importer.settings import Settings
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
