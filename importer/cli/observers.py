"""Which observers follow a run: a bar or lines, a file of metrics, OpenTelemetry."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from importer.cli.observer import CliObserver
from importer.files import owner_only_umask
from importer.observer import Observer, ObserverGroup

OTEL = "OTEL_EXPORTER_OTLP_ENDPOINT"


@contextlib.contextmanager
def make_observer(chosen: dict[str, Any], *, ask: bool) -> Iterator[Observer]:
    """The observers that fit the options, the environment and the terminal, for as long as the block lasts.

    What is written meanwhile is its owner's alone: rows, reports, whatever lies in between.
    """
    with _shown(chosen) as shown, owner_only_umask():
        shown.ask = ask
        others: list[Observer] = []
        if chosen.get("metrics_file") is not None:
            from importer.telemetry.prometheus import MetricsFile

            others.append(MetricsFile(chosen["metrics_file"], chosen.get("job") or ""))
        if os.environ.get(OTEL):
            from importer.telemetry.opentelemetry import make_telemetry

            others.append(make_telemetry(shown.note))
        try:
            yield ObserverGroup([shown, *others]) if others else shown
        finally:
            for observer in others:
                observer.close()


def _shown(chosen: dict[str, Any]) -> CliObserver:
    """What a person, or a log, sees."""
    if chosen["quiet"] and not chosen.get("verbose"):
        return CliObserver()
    if chosen["log_format"] == "text" and sys.stderr.isatty() and not chosen.get("verbose"):
        from importer.cli.progress_bar import Bar

        return Bar()
    from importer.cli.log_lines import Detail, Lines

    verbose, values = bool(chosen.get("verbose")), bool(chosen.get("log_values"))
    return Lines(Detail(chosen["log_format"] == "json", verbose or values, values))
