"""What the first run was told: it holds again, but for what is said otherwise now."""

from __future__ import annotations

from dataclasses import replace

from importer.mapping import Mapping, explicit_mappings, field_mapping_from_data, sort_field_mappings
from importer.reimport.column_layout import is_of
from importer.reimport.detect import Reimport
from importer.settings import Settings
from schemas.contract import Operation


def reuse_mapping(back: Reimport, operation: Operation, settings: Settings) -> Mapping | None:
    """The first run's mapping, with what is said now in its place; None where that run did something else."""
    plan, columns = back.plan, back.table.columns
    if not plan or not is_of(plan, operation):
        return None
    feeds, ignored = explicit_mappings(columns, operation, settings)
    for data in plan["feeds"]:
        field = operation.field(data["field"])
        if field is None:
            return None
        if field.path not in feeds and not ignored & set(data["columns"]):
            feeds[field.path] = field_mapping_from_data(data, field)
    used = ignored | {index for feed in feeds.values() for index in feed.columns}
    unused = tuple(name for index, name in enumerate(columns) if index not in used and name.strip())
    return Mapping(sort_field_mappings(feeds, operation), columns, unused, (), plan["country"])


def reuse_settings(back: Reimport, settings: Settings) -> Settings:
    """The settings, with what the first run was told of how values are read, where nothing else is said now."""
    hints = back.plan.get("hints", {})
    kept = {name: hints[name] for name in ("region", "timezone", "date_order") if name in hints}
    missing = {name: value for name, value in kept.items() if getattr(settings, name) is None}
    clean, strict = settings.clean and hints.get("clean", True), settings.strict or hints.get("strict", False)
    return replace(settings, **missing, clean=clean, strict=strict)
