"""Choose the observers of a run: progress bar or log lines, metrics file, OpenTelemetry."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from importer.cli.observer import CliObserver
from importer.files import owner_only_umask
from importer.observer import Observer, ObserverGroup

OTEL_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"


@contextlib.contextmanager
def make_observer(chosen: dict[str, Any], *, ask: bool) -> Iterator[Observer]:
    """Yield the observer that options, environment and terminal ask for.

    Every file written within the block (rows, reports, temporary files) is readable by its owner only.
    """
    with _progress_observer(chosen) as progress, owner_only_umask():
        progress.ask = ask
        progress.shows_mapping = sys.stdout.isatty() and not chosen.get("as_json")
        progress.asks_questions = not any(chosen.get(name) for name in ("no_input", "yes", "as_json", "quiet"))
        others: list[Observer] = []
        if chosen.get("metrics_file") is not None:
            from importer.telemetry.prometheus import MetricsFile

            others.append(MetricsFile(chosen["metrics_file"], chosen.get("job") or ""))
        if os.environ.get(OTEL_VARIABLE):
            from importer.telemetry.opentelemetry import make_telemetry

            others.append(make_telemetry(progress.on_note))
        try:
            yield ObserverGroup([progress, *others]) if others else progress
        finally:
            for observer in others:
                observer.close()


def _progress_observer(chosen: dict[str, Any]) -> CliObserver:
    """Return the observer that shows progress to a person or a log."""
    if chosen["quiet"] and not chosen.get("verbose"):
        return CliObserver()
    if chosen["log_format"] == "text" and sys.stderr.isatty() and not chosen.get("verbose"):
        from importer.cli.progress_bar import ProgressBar

        return ProgressBar()
    from importer.cli.log_lines import LogLines, LogOptions

    verbose, values = bool(chosen.get("verbose")), bool(chosen.get("log_values"))
    return LogLines(LogOptions(chosen["log_format"] == "json", verbose or values, values))
