"""Runs as numbers for machines that monitor: a Prometheus text file, OpenTelemetry."""
