"""``--metrics-file``: the last run as a Prometheus text file, for node_exporter's textfile collector."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from importer.errors import ImporterError
from importer.model.summary import Summary
from importer.observer import Observer

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Seconds."""
PREFIX = "contact_importer_"


class MetricsFile(Observer):
    """Writes the file when a run ends, whole or not at all. It has no personal data."""

    def __init__(self, path: Path, job: str) -> None:
        self._path = path
        self._job = job
        self._latency: Counter[float] = Counter()
        self._seconds = 0.0
        self._answers: Counter[str] = Counter()

    def on_response(self, http_status: int | None, seconds: float) -> None:
        self._answers[str(http_status) if http_status else "none"] += 1
        self._seconds += seconds
        self._latency[next((limit for limit in BUCKETS if seconds <= limit), float("inf"))] += 1

    def on_run_finished(self, summary: Summary) -> None:
        labels = {"job": self._job, "vendor": summary.vendor, "operation": summary.operation}
        self._write("\n".join(self._lines(summary, labels)))

    def on_run_failed(self, error: ImporterError) -> None:
        self._write("\n".join(_last_run({"job": self._job}, int(error.exit_code))))

    def _lines(self, summary: Summary, labels: Mapping[str, str]) -> Iterator[str]:
        yield from _metric("rows", "gauge", "Rows of the last run, by status.", labels, {
            f'status="{status}"': count for status, count in summary.counts.items()
        })  # fmt: skip
        yield from _metric("problems", "gauge", "Problems of the last run, by kind.", labels, {
            f'code="{_escaped(code)}"': count for code, count in summary.problems.items()
        })  # fmt: skip
        requests = summary.requests
        yield from _metric("requests", "gauge", "Requests of the last run.", labels, {
            'kind="sent"': requests.sent, 'kind="retried"': requests.retried, 'kind="throttled"': requests.throttled
        })  # fmt: skip
        yield from _metric("answers", "gauge", "Answers of the last run, by HTTP status.", labels, {
            f'http_status="{status}"': count for status, count in sorted(self._answers.items())
        })  # fmt: skip
        yield from self._histogram(labels)
        yield from _metric("run_seconds", "gauge", "How long the last run took, by stage.", labels, {
            f'stage="{stage}"': round(seconds, 3) for stage, seconds in summary.seconds.items()
        })  # fmt: skip
        yield from _last_run(labels, int(summary.exit_code))

    def _histogram(self, labels: Mapping[str, str]) -> Iterator[str]:
        name, plain = f"{PREFIX}request_seconds", _labels(labels)
        yield f"# HELP {name} Seconds until the answers of the last run."
        yield f"# TYPE {name} histogram"
        count = 0
        for limit in BUCKETS:
            count += self._latency[limit]
            below = f'le="{limit:g}"'
            yield f"{name}_bucket{{{_joined(plain, below)}}} {count}"
        total, every = self._latency.total(), 'le="+Inf"'
        yield f"{name}_bucket{{{_joined(plain, every)}}} {total}"
        yield f"{name}_sum{{{plain}}} {self._seconds:.6f}"
        yield f"{name}_count{{{plain}}} {total}"

    def _write(self, text: str) -> None:
        """In one step, so that nobody reads half a file. What cannot be written fails no run."""
        part = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            part.write_text(text + "\n", encoding="utf-8")
            part.chmod(0o644)  # the collector is another user
            part.replace(self._path)


def _last_run(labels: Mapping[str, str], exit_code: int) -> Iterator[str]:
    yield from _metric("exit_code", "gauge", "How the last run ended: 0 is well.", labels, {"": exit_code})
    yield from _metric("last_run_timestamp_seconds", "gauge", "When it ended.", labels, {"": round(time.time(), 3)})


def _metric(name: str, kind: str, words: str, labels: Mapping[str, str], values: Mapping[str, float]) -> Iterator[str]:
    yield f"# HELP {PREFIX}{name} {words}"
    yield f"# TYPE {PREFIX}{name} {kind}"
    plain = _labels(labels)
    for label, value in values.items():
        yield f"{PREFIX}{name}{{{_joined(plain, label)}}} {value}"


def _labels(labels: Mapping[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items() if value)


def _joined(*labels: str) -> str:
    return ",".join(label for label in labels if label)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
