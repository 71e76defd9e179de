"""The time zone of a column whose times have none."""

from __future__ import annotations

import os
import zoneinfo
from dataclasses import replace
from pathlib import Path

from importer.cleaning import CleaningOptions, TimeZoneEvidence, validate_options
from importer.mapping import FieldMapping, Mapping, ValueFormat, format_entry, label_columns
from importer.model.problem import message_of
from importer.questions.column_choices import column_choices
from importer.questions.question import Choice, OpenQuestion, Unanswered

KIND = "time_zone"


def ask(feed: FieldMapping, evidence: TimeZoneEvidence, mapping: Mapping) -> OpenQuestion:
    """Return the question of a column of times without a zone."""
    path, labels = feed.field.path, label_columns(mapping.columns)
    header = labels[feed.columns[0]]
    params = evidence.failure(header) | {"line": format_entry(_in_zone(feed, "Africa/Casablanca"), labels)}
    zone = find_local_zone()
    return OpenQuestion(
        KIND,
        path,
        message_of("time_zone_unknown", params),
        f"The times in the column {header!r} have no time zone. Which one are they in?",
        Unanswered.STOP,
        rows=evidence.without_zone,
        examples=tuple(evidence.examples),
        choices=(
            *(_choose(feed, labels, name) for name in dict.fromkeys((zone, "UTC"))),
            *column_choices(KIND, feed, mapping),
        ),
        proposal=zone,
        evidence="the time zone of this computer",
        accepts="a time zone, such as Africa/Casablanca",
        code="time_zone_unknown",
        params=params,
        context=(feed, labels),
    )


def read(question: OpenQuestion, text: str) -> Choice:
    """Return the choice of a time zone. Raises ValueError when there is none of that name."""
    for wrong in validate_options(CleaningOptions(timezone=text)):
        raise ValueError(wrong)
    feed, labels = question.context
    return _choose(feed, labels, text)


def find_local_zone() -> str:
    """Return the time zone of this computer, UTC where its name is not known."""
    named = os.environ.get("TZ", "").removeprefix(":") or _zone_of_link(Path("/etc/localtime"))
    try:
        return zoneinfo.ZoneInfo(named).key if named not in ("", "Etc/UTC") else "UTC"
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"


def _zone_of_link(link: Path) -> str:
    return str(link.readlink()).partition("zoneinfo/")[2] if link.is_symlink() else ""


def _choose(feed: FieldMapping, labels: tuple[str, ...], zone: str) -> Choice:
    return Choice(zone, zone, (format_entry(_in_zone(feed, zone), labels),))


def _in_zone(feed: FieldMapping, zone: str) -> FieldMapping:
    form = feed.value_format
    return replace(feed, value_format=ValueFormat(form.region, zone, form.format))
