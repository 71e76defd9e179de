"""``--metrics-file``: the last run as a Prometheus text file, for node_exporter's textfile collector."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from importer.errors import ImporterError, SettingsError
from importer.files import reject_special, write_atomic
from importer.model.summary import Summary
from importer.observer import Observer

if TYPE_CHECKING:
    from prometheus_client.core import Metric

BUCKET_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
PREFIX = "contact_importer_"
# The collector runs as another user. The file has no personal data.
FILE_MODE = 0o644


class MetricsFile(Observer):
    """Writes the file when a run ends, in one step. Its labels say which job, vendor and operation it was.

    Raises SettingsError when something else than a regular file is at the path.
    """

    def __init__(self, path: Path, job: str) -> None:
        try:
            reject_special(path)
        except OSError as error:
            raise SettingsError(f"--metrics-file {path}: {error.strerror}") from error
        self._path = path
        self._job = job
        self._in_bucket: Counter[float] = Counter()
        self._seconds = 0.0
        self._answers: Counter[str] = Counter()

    def on_response(self, http_status: int | None, seconds: float) -> None:
        self._answers[str(http_status) if http_status else "none"] += 1
        self._seconds += seconds
        self._in_bucket[next((limit for limit in BUCKET_SECONDS if seconds <= limit), float("inf"))] += 1

    def on_run_finished(self, summary: Summary) -> None:
        labels = _without_empty({"job": self._job, "vendor": summary.vendor, "operation": summary.operation})
        rows = {str(status): count for status, count in summary.counts.items()}
        answers = dict(sorted(self._answers.items()))
        requests = {"sent": summary.requests.sent, "retried": summary.requests.retried}
        requests["throttled"] = summary.requests.throttled
        seconds = {stage: round(seconds, 3) for stage, seconds in summary.seconds.items()}
        self._write([
            _gauge("rows", "Rows of the last run, by status.", labels, "status", rows),
            _gauge("problems", "Problems of the last run, by kind.", labels, "code", summary.problems),
            _gauge("requests", "Requests of the last run.", labels, "kind", requests),
            _gauge("answers", "Answers of the last run, by HTTP status.", labels, "http_status", answers),
            self._request_seconds(labels),
            _gauge("run_seconds", "How long the last run took, by stage.", labels, "stage", seconds),
            *_end_of_run(labels, int(summary.exit_code)),
        ])  # fmt: skip

    def on_run_failed(self, error: ImporterError) -> None:
        self._write(_end_of_run(_without_empty({"job": self._job}), int(error.exit_code)))

    def _request_seconds(self, labels: Mapping[str, str]) -> Metric:
        from prometheus_client.core import HistogramMetricFamily

        count, buckets = 0, []
        for limit in BUCKET_SECONDS:
            count += self._in_bucket[limit]
            buckets.append((f"{limit:g}", count))
        buckets.append(("+Inf", self._in_bucket.total()))
        name, help_text = f"{PREFIX}request_seconds", "Seconds until the answers of the last run."
        metric = HistogramMetricFamily(name, help_text, labels=list(labels))
        metric.add_metric(list(labels.values()), buckets, self._seconds)
        return metric

    def _write(self, metrics: Iterable[Metric]) -> None:
        """Replace the file in one step, so that nobody reads half of it. A failure to write fails no run."""
        # Imported here because it costs start-up time, and only at the end of a run with this option is it needed.
        from prometheus_client import CollectorRegistry, generate_latest

        registry = CollectorRegistry()
        registry.register(_Collected(metrics))
        # prometheus_client's write_to_textfile would leave the file unreadable for the collector until a later chmod.
        with contextlib.suppress(OSError):
            write_atomic(self._path, generate_latest(registry), FILE_MODE)


class _Collected:
    """A collector of metrics that are already there: they are the last run's, not this process's."""

    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _end_of_run(labels: Mapping[str, str], exit_code: int) -> list[Metric]:
    return [
        _gauge("exit_code", "How the last run ended: 0 is well.", labels, None, {"": exit_code}),
        _gauge("last_run_timestamp_seconds", "When it ended.", labels, None, {"": round(time.time(), 3)}),
    ]


def _gauge(name: str, help_text: str, labels: Mapping[str, str], by: str | None, values: Mapping[str, float]) -> Metric:
    """Return a gauge with a value for each value of the label ``by``, or one value if there is no such label."""
    from prometheus_client.core import GaugeMetricFamily

    metric = GaugeMetricFamily(PREFIX + name, help_text, labels=[*labels, *([by] if by else [])])
    for key, value in values.items():
        metric.add_metric([*labels.values(), *([str(key)] if by else [])], value)
    return metric


def _without_empty(labels: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in labels.items() if value}
