"""OpenTelemetry, if ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set: a trace of each run with its stages, and its metrics."""

from __future__ import annotations

from collections.abc import Callable

from importer.errors import ImporterError
from importer.model.summary import Summary
from importer.observer import Observer
from importer.version import VERSION

NAME = "contact-importer"
# The end of a run waits this long for a collector. Lost telemetry fails no run.
FLUSH_MILLISECONDS = 5_000


def make_telemetry(warn: Callable[[str], None]) -> Observer:
    """Return the observer. If the extra is not installed, warn and return one that does nothing."""
    try:
        return Telemetry()
    except ImportError:
        warn(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed: "
            "pip install '.[otel]' in the program's folder"
        )
        return Observer()


class Telemetry(Observer):
    """Exports spans of the run and its stages, and metrics: rows by status, requests, throttles, request durations."""

    def __init__(self) -> None:
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.metrics import MeterProvider
        from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        resource = Resource.create({"service.name": NAME, "service.version": VERSION})
        self._traces = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(timeout=FLUSH_MILLISECONDS / 1000)))
        reader = PeriodicExportingMetricReader(OTLPMetricExporter(timeout=FLUSH_MILLISECONDS / 1000))
        self._metrics = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
        meter = self._metrics.get_meter(NAME, VERSION)
        self._rows = meter.create_counter("contact_importer.rows", unit="{row}")
        self._requests = meter.create_counter("contact_importer.requests", unit="{request}")
        self._throttles = meter.create_counter("contact_importer.throttles", unit="{request}")
        self._latency = meter.create_histogram("contact_importer.request.duration", unit="s")
        self._tracer = self._traces.get_tracer(NAME, VERSION)
        self._inside = trace.set_span_in_context
        self._run = self._tracer.start_span("import")
        self._stage: trace.Span | None = None

    def on_run_started(self, run: str, file: str) -> None:  # noqa: ARG002 - a file's name may be a person's
        self._run.set_attribute("run", run)

    def on_stage(self, name: str) -> None:
        if self._stage is not None:
            self._stage.end()
        self._stage = self._tracer.start_span(name, self._inside(self._run))

    def on_response(self, http_status: int | None, seconds: float) -> None:
        labels = {"http.response.status_code": http_status or 0}
        self._requests.add(1, labels)
        self._latency.record(seconds, labels)
        if http_status == 429:
            self._throttles.add(1)

    def on_run_finished(self, summary: Summary) -> None:
        labels = {"vendor": summary.vendor, "operation": summary.operation}
        self._run.set_attributes({**labels, "exit_code": int(summary.exit_code), "rows": summary.rows})
        for status, count in summary.counts.items():
            if count:
                self._rows.add(count, {**labels, "status": str(status)})

    def on_run_failed(self, error: ImporterError) -> None:
        from opentelemetry.trace import StatusCode

        self._run.set_attribute("exit_code", int(error.exit_code))
        self._run.set_status(StatusCode.ERROR, type(error).__name__)

    def close(self) -> None:
        if self._stage is not None:
            self._stage.end()
        self._run.end()
        self._traces.force_flush(FLUSH_MILLISECONDS)
        self._metrics.force_flush(FLUSH_MILLISECONDS)
