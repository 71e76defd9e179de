"""What the first run was told, over the columns as they stand now."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from dataclasses import replace
from typing import Any

from importer.mapping import Mapping, feed_of_data
from importer.returning.first import is_ours
from importer.returning.returned import Returned
from importer.settings import Settings
from schemas.contract import Operation


def mapping_again(back: Returned, operation: Operation, settings: Settings) -> Mapping | None:
    """The first run's mapping over the columns as they stand now; None where it cannot be told, or is not wanted."""
    plan, columns, places = back.plan, back.table.columns, back.places
    said = settings.mapping is not None or bool(settings.columns) or bool(settings.constants)
    if said or not places or plan["operation"] != operation.name or plan["document"] != operation.document:
        return None
    feeds = []
    for data in plan["feeds"]:
        field = operation.field(data["field"])
        if field is None or any(index not in places for index in data["columns"]):
            return None
        feeds.append(feed_of_data(_moved(data, places), field))
    used = {index for feed in feeds for index in feed.columns}
    own = [index for index, name in enumerate(columns) if not is_ours(name)]
    unused = tuple(columns[index] for index in own if index not in used and columns[index].strip())
    country = plan["country"]
    return Mapping(tuple(feeds), columns, unused, (), places.get(country) if country is not None else None)


def _moved(feed: Lookup[str, Any], places: Lookup[int, int]) -> dict[str, Any]:
    template = [places[part] if isinstance(part, int) else part for part in feed["template"]]
    return {**feed, "columns": [places[index] for index in feed["columns"]], "template": template}


def settings_again(back: Returned, settings: Settings) -> Settings:
    """The settings, with what the first run was told of how values are read, where nothing else is said now."""
    hints = back.plan.get("hints", {})
    kept = {name: hints[name] for name in ("region", "timezone", "date_order") if name in hints}
    missing = {name: value for name, value in kept.items() if getattr(settings, name) is None}
    return replace(settings, **missing, clean=settings.clean and hints.get("clean", True))
