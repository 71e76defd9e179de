"""Runs as numbers: a file for Prometheus, traces and metrics for a collector, lines for a log; never personal data."""

from __future__ import annotations

import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

PEOPLE = "Email,First Name\nana.secret@example.com,Ana\nbo.secret@,Bo\n"


def ran(tmp_path: Path, sandbox: str, *more: str, **environment: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    command = [sys.executable, "-m", "importer", "run", str(tmp_path / "people.csv"), "--vendor", "iclosed"]
    command += ["--base-url", f"{sandbox}/iclosed", "--output", str(tmp_path / "out"), *more]
    given = {**os.environ, "ICLOSED_API_KEY": "iclosed-k", **environment}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=given, timeout=110)


def metrics(path: Path) -> dict[str, float]:
    """Each value by its name and labels: to Prometheus the order of labels means nothing."""
    families = text_string_to_metric_families(path.read_text(encoding="utf-8"))
    return {
        sample.name + str(sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def named(name: str, **labels: str) -> str:
    return f"contact_importer_{name}{sorted(labels.items())}"


def test_the_metrics_file_has_the_numbers_of_the_run(tmp_path: Path, sandbox: str) -> None:
    ended = ran(tmp_path, sandbox, "--quiet", "--metrics-file", str(tmp_path / "leads.prom"))

    found = metrics(tmp_path / "leads.prom")
    labels = {"vendor": "iclosed", "operation": "create"}
    assert ended.returncode == 3
    assert found[named("rows", **labels, status="created")] == 1
    assert found[named("rows", **labels, status="invalid")] == 1
    assert found[named("requests", **labels, kind="sent")] == 1
    assert found[named("answers", **labels, http_status="201")] == 1
    assert found[named("request_seconds_bucket", **labels, le="+Inf")] == 1
    assert found[named("exit_code", **labels)] == 3
    text = (tmp_path / "leads.prom").read_text()
    assert "secret" not in text
    for line in text.splitlines():
        assert re.fullmatch(r'# (?:HELP|TYPE) .*|[a-z_]+(?:\{(?:[a-z_]+="[^"\n]*",?)*\})? [0-9.e+-]+', line)
    assert not list(tmp_path.glob("leads.prom.*"))
    assert (tmp_path / "leads.prom").stat().st_mode & 0o777 == 0o644
    others = [path for path in (tmp_path / "state").rglob("*") if path.stat().st_mode & 0o077]
    assert not others, "the state has personal data"


def test_a_run_that_cannot_begin_is_in_the_metrics_file_too(tmp_path: Path, sandbox: str) -> None:
    ended = ran(tmp_path, sandbox, "--sheet", "1", "--map", "Nothing=email", "--metrics-file", str(tmp_path / "m.prom"))

    assert ended.returncode == 2
    assert metrics(tmp_path / "m.prom")[named("exit_code")] == 2


def test_each_row_has_a_line_without_personal_data(tmp_path: Path, sandbox: str) -> None:
    ended = ran(tmp_path, sandbox, "--verbose", "--log-format", "json", "--rate", "100/s")

    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert {line["run"] for line in lines} == {lines[0]["run"]}
    assert lines[0]["event"] == "begun"
    (row,) = (line for line in lines if line["event"] == "row")
    assert (row["row"], row["status"], row["http_status"], row["attempts"]) == (2, "created", 201, 1)
    assert lines[-1] | {"exit_code": 3, "created": 1, "invalid": 1} == lines[-1]
    assert "secret" not in ended.stderr


@pytest.fixture
def collector() -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    told: dict[str, list[bytes]] = {}

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.setdefault(self.path, []).append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", told
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_collector_gets_the_trace_and_the_metrics(
    tmp_path: Path, sandbox: str, collector: tuple[str, dict[str, list[bytes]]]
) -> None:
    address, told = collector

    ended = ran(tmp_path, sandbox, "--quiet", OTEL_EXPORTER_OTLP_ENDPOINT=address)

    assert ended.returncode == 3, ended.stderr
    traces = [ExportTraceServiceRequest.FromString(body) for body in told["/v1/traces"]]
    spans = [
        span for trace in traces for part in trace.resource_spans for scope in part.scope_spans for span in scope.spans
    ]
    (run,) = (span for span in spans if span.name == "import")
    stages = {span.name for span in spans if span.parent_span_id == run.span_id}
    assert stages == {"reading and checking", "sending", "writing the reports"}
    bodies = [ExportMetricsServiceRequest.FromString(body) for body in told["/v1/metrics"]]
    names = {
        metric.name
        for body in bodies
        for part in body.resource_metrics
        for scope in part.scope_metrics
        for metric in scope.metrics
    }
    assert names == {"contact_importer.rows", "contact_importer.requests", "contact_importer.request.duration"}
    assert b"secret" not in b"".join(body for bodies in told.values() for body in bodies)


def test_a_collector_that_is_not_there_fails_no_run(tmp_path: Path, sandbox: str) -> None:
    ended = ran(tmp_path, sandbox, "--quiet", OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9")

    assert ended.returncode == 3
    assert (tmp_path / "out" / "result.csv").exists()


def test_without_the_variable_nothing_of_it_is_loaded(tmp_path: Path, sandbox: str) -> None:
    code = (
        "import sys; from importer.cli import cli; cli.main(sys.argv[1:], standalone_mode=False); "
        "sys.exit(any(name.startswith('opentelemetry') for name in sys.modules))"
    )
    (tmp_path / "people.csv").write_text("Email\nana@example.com\n", encoding="utf-8")
    command = [sys.executable, "-c", code, "check", str(tmp_path / "people.csv"), "--vendor", "iclosed"]
    ended = subprocess.run([*command, "--output", str(tmp_path / "out")], capture_output=True, check=False, timeout=110)

    assert ended.returncode == 0


@pytest.mark.parametrize("kind", ["fifo", "symlink"])
@pytest.mark.skipif(os.name != "posix", reason="POSIX's kinds of files")
def test_the_metrics_file_replaces_no_device_fifo_or_symlink(tmp_path: Path, sandbox: str, kind: str) -> None:
    path = tmp_path / "run.prom"
    if kind == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(tmp_path / "target")

    ended = ran(tmp_path, sandbox, "--metrics-file", str(path))

    assert (ended.returncode, "--metrics-file" in ended.stderr) == (2, True)
    assert path.is_fifo() if kind == "fifo" else path.is_symlink()
